import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../support/emulator/emulator';
import { type N8nClient, signIn } from '../support/n8n/client';
import { installNode } from '../support/n8n/install';
import { n8nRuntime } from '../support/n8n/runtime';
import { startN8n } from '../support/n8n/server';
import { shared } from './shared';
import { calls, endpoints, imageNode, until, workflowFor } from './workbench';

jest.setTimeout(300_000);

const ROWS = 45;
const HOUR_MS = 60 * 60_000;

interface Listed {
	readonly id: string;
	readonly status: string;
}

/** The newest execution, once it has this status. */
async function newest(n8n: N8nClient, status: string, not = ''): Promise<string> {
	for (;;) {
		const { results } = await n8n.call<{ results: Listed[] }>('GET', '/rest/executions');
		const [latest] = results;
		if (latest && latest.id !== not && latest.status === status) return latest.id;
		await sleep(200);
	}
}

test('45 rows in batch: n8n is killed between two creates, runs again, and Retry is pressed: 3 batches in all', async () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'gemini-t2i-batch-killed-'));
	const emulator = await startEmulator({ imageSizePx: 16 });
	const creates = () => emulator.requests.filter(({ action }) => action === 'batchCreate').length;
	await installNode(shared().tarball, folder);
	const start = async () => startN8n({ runtime: await n8nRuntime(), folder });
	let server = await start();
	try {
		let n8n = await signIn(server.url);
		const { id, name } = await n8n.saveCredential(
			'Killed',
			'geminiT2IApi',
			endpoints(emulator.url),
		);
		const items = Array.from({ length: ROWS }, (_, row) => ({ row, prompt: `cup ${row}` }));
		const parameters = { operation: 'generateBatch', imageSize: '1K' };
		// n8n can retry only what it has written down on the way.
		const workflow = {
			...workflowFor({ id, name }, items, { parameters }),
			settings: { saveExecutionProgress: true },
		};
		const saved = (await n8n.saveWorkflow(workflow)).id;
		emulator.faults.add({
			match: { action: 'batchCreate' },
			every: 3,
			times: 1,
			reply: { hang: true },
		});
		await n8n.start(saved);
		await until(() => creates() === 3);
		await server.kill();
		expect(emulator.batches.jobs).toHaveLength(2);

		server = await start();
		n8n = await signIn(server.url);
		const killed = await newest(n8n, 'crashed');
		const again = await n8n.finished(await n8n.start(saved));
		expect(again.items(imageNode, 1)).toHaveLength(ROWS);
		expect(emulator.batches.jobs).toHaveLength(3);

		emulator.batches.turn(HOUR_MS);
		const before = await newest(n8n, 'success');
		await n8n.call('POST', `/rest/executions/${killed}/retry`, { loadWorkflow: true });
		const retried = await n8n.finished(await newest(n8n, 'success', before));
		expect(retried.items(imageNode).map(({ json }) => json.row)).toEqual(
			items.map(({ row }) => row),
		);
		expect([emulator.batches.jobs.length, calls(emulator).length]).toEqual([3, 0]);
	} finally {
		await server.stop();
		await emulator.close();
		rmSync(folder, { recursive: true, force: true });
	}
});
