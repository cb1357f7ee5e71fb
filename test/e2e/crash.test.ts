import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../support/emulator/emulator';
import { adaptExample, productRows } from '../support/exampleFiles';
import { type N8nClient, signIn } from '../support/n8n/client';
import { importTable } from '../support/n8n/dataTable';
import { installNode } from '../support/n8n/install';
import { n8nRuntime } from '../support/n8n/runtime';
import { startN8n } from '../support/n8n/server';
import { shared } from './shared';
import { calls, endpoints, until } from './workbench';

jest.setTimeout(300_000);

const BATCH = 2;
const ROWS = 6;

/** n8n tells that an execution has crashed once it has started again. */
async function crashed(n8n: N8nClient, id: string): Promise<void> {
	for (;;) {
		const { status } = await n8n.call<{ status: string }>('GET', `/rest/executions/${id}`);
		if (status === 'crashed') return;
		await sleep(200);
	}
}

test('long-list-in-batches.json: n8n is killed in the second batch, Retry pays at most that batch again', async () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'gemini-t2i-crash-'));
	const files = path.join(folder, 'files');
	mkdirSync(files);
	const emulator = await startEmulator({ imageSizePx: 16 });
	await installNode(shared().tarball, folder);
	const start = async () =>
		startN8n({
			runtime: await n8nRuntime(),
			folder,
			env: { N8N_RESTRICT_FILE_ACCESS_TO: files },
		});
	let server = await start();
	try {
		let n8n = await signIn(server.url);
		const rows = Array.from({ length: ROWS }, (_, row) => ({
			...{ ...productRows()[0]!, sku: `L-${row}`, product: `cup ${row}` },
		}));
		const csv = [Object.keys(rows[0]!), ...rows.map(Object.values)]
			.map((cells) => cells.map((cell) => `"${String(cell)}"`).join(','))
			.join('\n');
		await importTable(n8n, 'Products', csv);
		const credential = await n8n.saveCredential('Crash', 'geminiT2IApi', endpoints(emulator.url));
		const workflow = adaptExample('long-list-in-batches.json', {
			credential,
			folder: files,
			changes: [['"batchSize":20', `"batchSize":${BATCH}`]],
		});
		// The second batch: one image is there, the other on its way.
		emulator.faults.add({ match: { prompt: 'cup 3' }, reply: { delayMs: 60_000 }, times: 1 });
		const id = await n8n.start((await n8n.saveWorkflow(workflow)).id);
		await until(() => calls(emulator).filter(({ delivered }) => delivered).length === 3);
		await server.kill();

		server = await start();
		n8n = await signIn(server.url);
		await crashed(n8n, id);
		const before = calls(emulator).length;
		expect(before).toBe(2 * BATCH);
		await n8n.call('POST', `/rest/executions/${id}/retry`, { loadWorkflow: true });
		await until(() => calls(emulator).length === before + BATCH + (ROWS - 2 * BATCH));
		const filter = encodeURIComponent(JSON.stringify({ status: ['success'] }));
		await ended(n8n, `/rest/executions?filter=${filter}`);
		const prompts = calls(emulator).map(({ prompt }) => /cup \d/.exec(prompt)![0]);
		const again = prompts.filter((prompt, at) => prompts.indexOf(prompt) !== at).sort();
		expect(again).toEqual(['cup 2', 'cup 3']);
		expect(new Set(prompts).size).toBe(ROWS);
	} finally {
		await server.stop();
		await emulator.close();
		rmSync(folder, { recursive: true, force: true });
	}
});

/** Waits until a list of executions holds one. */
async function ended(n8n: N8nClient, url: string): Promise<void> {
	for (;;) {
		const { results } = await n8n.call<{ results: unknown[] }>('GET', url);
		if (results.length > 0) return;
		await sleep(200);
	}
}
