import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOUR_MS, startProcess, startServer } from '../support/batchWorld';

const root = join(__dirname, '../..');

test('20 images of 3 MB, each twice in the result, take less than 100 MB above rest', async () => {
	const emulator = await startServer();
	const rows = Array.from({ length: 20 }, (_, index) => ({ prompt: `row ${index} [large]` }));
	const fates = await startProcess([{ baseUrl: emulator.url, apiKeys: 'key' }])(rows);
	emulator.batches.turn(HOUR_MS);
	const folder = await mkdtemp(join(tmpdir(), 'batch-memory-'));
	try {
		const { stdout } = await promisify(execFile)(process.execPath, [
			'--expose-gc',
			join(root, 'test/support/batch/collect.cjs'),
			join(root, 'core/dist/pool.cjs'),
			emulator.url,
			JSON.stringify(fates.map(({ ticket }) => ticket)),
			folder,
		]);
		const { bytes, megabytes } = JSON.parse(stdout) as { bytes: number[]; megabytes: number };
		expect(bytes).toEqual(Array(20).fill(3 * 2 ** 20));
		const files = await Promise.all(rows.map((_, row) => readFile(join(folder, `${row}.png`))));
		expect(new Set(files.map((file) => file.toString('base64'))).size).toBe(20);
		expect(megabytes).toBeLessThan(100);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});
