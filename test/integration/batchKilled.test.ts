import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
	again,
	countOf,
	HOUR_MS,
	rowsOf,
	startProcess,
	startServer,
	told,
} from '../support/batchWorld';

const root = join(__dirname, '../..');
const rows = rowsOf(45);

/** A process that hands the rows in. */
const start = (url: string) =>
	spawn(
		process.execPath,
		[join(root, 'test/support/batch/pass.cjs'), join(root, 'core/dist/pool.cjs'), url, '45'],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);

test.each([
	['while it waited', 3],
	['between two creates', 2],
])('a process that was killed %s, then a new run: 3 batches in all', async (_name, before) => {
	const emulator = await startServer();
	const child = start(emulator.url);
	if (before === 3) await once(child.stdout!, 'data');
	else {
		const isSecond = () => countOf(emulator, 'batchCreate') === before;
		emulator.faults.add({ match: { action: 'batchList' }, reply: { delayMs: 100 } });
		while (!isSecond()) await new Promise((resolve) => setTimeout(resolve, 5));
	}
	child.kill('SIGKILL');
	await once(child, 'close');
	emulator.faults.clear();
	expect(emulator.batches.jobs).toHaveLength(before);

	const pass = startProcess([{ baseUrl: emulator.url, apiKeys: 'key' }]);
	const fates = await pass(rows);
	emulator.batches.turn(HOUR_MS);
	expect(told(await pass(again(rows, fates)))).toEqual(rows.map(({ prompt }) => `ok ${prompt}`));
	expect([countOf(emulator, 'batchCreate'), countOf(emulator, 'generateContent')]).toEqual([3, 0]);
});
