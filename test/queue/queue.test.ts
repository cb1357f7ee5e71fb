import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, startEmulator } from '../support/emulator/emulator';
import { type Execution } from '../support/n8n/execution';
import { chain, trigger, type WorkflowNode } from '../support/n8n/workflow';
import { type Cluster, startCluster, type Worker } from './cluster';

jest.setTimeout(300_000);

const imageNode = 'Gemini T2I';
const perMinute = 30;

let cluster: Cluster;
let emulator: Emulator;
let credential: { id: string; name: string };

beforeAll(async () => {
	cluster = await startCluster();
	emulator = await startEmulator({ imageSizePx: 64, latencyMs: 200 });
	credential = await saveCredential({ processes: 2 });
});
afterAll(async () => {
	await cluster?.stop();
	await emulator?.close();
});
beforeEach(() => {
	emulator.requests.length = 0;
});

async function saveCredential(content: object, endpoint: object = {}) {
	const { id, name } = await cluster.n8n.saveCredential('Queue', 'geminiT2IApi', {
		endpoints: { endpoint1: { apiKeys: 'key', baseUrl: emulator.url, ...endpoint } },
		...content,
	});
	return { id, name };
}

const draw = (prompt: string, options = {}): WorkflowNode => ({
	name: imageNode,
	type: 'n8n-nodes-gemini-t2i.geminiT2I',
	parameters: { prompt, options },
	credentials: { geminiT2IApi: credential },
});

const calls = () => emulator.requests.filter(({ action }) => action === 'generateContent');

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
	for (const began = Date.now(); !(await isSo()); await sleep(50)) {
		if (Date.now() - began > 120_000) throw new Error(`Still not so: ${String(isSo)}`);
	}
}

/** Begins a run over so many items; returns its id. */
async function begin(name: string, items: number, options = {}): Promise<string> {
	const rows = Array.from({ length: items }, (_, row) => ({ prompt: `${name} ${row}` }));
	const workflow = chain(name, [trigger, draw('={{ $json.prompt }}', options)], rows);
	return await cluster.n8n.start((await cluster.n8n.saveWorkflow(workflow)).id);
}

async function workerOf(executionId: string): Promise<Worker> {
	let found: Worker | undefined;
	await until(async () => {
		for (const worker of cluster.workers) {
			if ((await worker.executions()).includes(executionId)) found = worker;
		}
		return found !== undefined;
	});
	return found!;
}

async function activate(name: string, nodes: readonly WorkflowNode[]): Promise<string> {
	const { id, versionId } = await cluster.n8n.saveWorkflow(chain(name, nodes));
	await cluster.n8n.call('POST', `/rest/workflows/${id}/activate`, { versionId });
	return id;
}

async function executionsOf(workflowId: string): Promise<Execution[]> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId, status: ['success', 'error'] }));
	const { results } = await cluster.n8n.call<{ results: Array<{ id: string }> }>(
		'GET',
		`/rest/executions?filter=${filter}`,
	);
	return await Promise.all(results.map(({ id }) => cluster.n8n.finished(id)));
}

test('two runs at once are served by both workers; main reads the images they have made', async () => {
	const runs = [
		await begin('left', 8, { concurrency: 2 }),
		await begin('right', 8, { concurrency: 2 }),
	];
	const workers = await Promise.all(runs.map(workerOf));
	expect(new Set(workers).size).toBe(2);
	for (const id of runs) {
		const execution = await cluster.n8n.finished(id);
		expect(execution.status).toBe('success');
		const items = execution.items(imageNode);
		expect(items).toHaveLength(8);
		const sizes = await Promise.all(
			items.map(async ({ binary }) => (await cluster.n8n.download(binary!.data!)).length),
		);
		expect(sizes).toEqual(items.map(({ binary }) => binary!.data!.bytes));
	}
	expect(calls()).toHaveLength(16);
});

test('a webhook answers with what a worker has made', async () => {
	await activate('webhook', [
		{
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: 'draw',
			parameters: { httpMethod: 'POST', path: 'draw', responseMode: 'lastNode' },
		},
		draw('={{ $json.body.prompt }}'),
	]);
	const ask = () =>
		fetch(`${cluster.n8n.url}/webhook/draw`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ prompt: 'from outside' }),
		});
	// n8n registers it a moment after it has said so.
	let answer = await ask();
	await until(async () => answer.status !== 404 || (answer = await ask()).status !== 404);
	expect(await answer.json()).toMatchObject({ generation: { status: 'ok' } });
	expect(calls().map(({ prompt }) => prompt)).toEqual(['from outside']);
});

test('a schedule runs in the workers', async () => {
	const id = await activate('schedule', [
		{
			name: 'Schedule',
			type: 'n8n-nodes-base.scheduleTrigger',
			typeVersion: 1.2,
			parameters: { rule: { interval: [{ field: 'seconds', secondsInterval: 2 }] } },
		},
		draw('on schedule'),
	]);
	await until(async () => (await executionsOf(id)).length >= 2);
	await cluster.n8n.call('POST', `/rest/workflows/${id}/deactivate`);
	const executions = await executionsOf(id);
	expect(executions.map(({ status }) => status)).toEqual(executions.map(() => 'success'));
	expect(executions.every((execution) => execution.items(imageNode).length === 1)).toBe(true);
});

test('stopping at main aborts the calls in the worker', async () => {
	const id = await begin('[hang]', 2);
	await until(() => calls().length === 2);
	await cluster.n8n.stop(id);
	await until(() => calls().every(({ closedByClient }) => closedByClient));
	expect((await cluster.n8n.finished(id)).status).toBe('canceled');
});

test('a worker killed in the middle of 40 items harms no other run, and the next run works', async () => {
	const [victim, bystander] = [
		await begin('victim', 40, { concurrency: 2 }),
		await begin('bystander', 20, { concurrency: 1 }),
	];
	const worker = await workerOf(victim);
	expect(await workerOf(bystander)).not.toBe(worker);
	await until(() => calls().filter(({ prompt }) => prompt.startsWith('victim')).length > 10);
	await worker.kill();
	cluster.workers.splice(cluster.workers.indexOf(worker), 1);

	const survived = await cluster.n8n.finished(bystander);
	expect([survived.status, survived.items(imageNode).length]).toEqual(['success', 20]);
	// Whether n8n takes it up again or gives it up: it comes to an end.
	const ended = await cluster.n8n.finished(victim);
	expect(['success', 'crashed', 'error']).toContain(ended.status);
	if (ended.status === 'success') expect(ended.items(imageNode)).toHaveLength(40);

	await cluster.addWorker();
	const next = await cluster.n8n.finished(await begin('next', 5));
	expect([next.status, next.items(imageNode).length]).toEqual(['success', 5]);
});

test('two workers together keep the limit of a credential that says "n8n Workers: 2"', async () => {
	// A key of its own: the starts of the tests before would count.
	credential = await saveCredential({ processes: 2 }, { apiKeys: 'limited', rateLimit: perMinute });
	const runs = [await begin('first', 20), await begin('second', 20)];
	for (const id of runs) {
		const { status, error, items } = await cluster.n8n.finished(id);
		expect([status, error?.message, items(imageNode).length]).toEqual(['success', undefined, 20]);
	}
	expect(new Set(await Promise.all(runs.map(workerOf))).size).toBe(2);
	expect(calls()).toHaveLength(40);
	expect(emulator.startsPerWindow(60_000)).toBe(perMinute);
});

test('n8n Workers by an expression: one nightly execution on one of four workers gets the whole limit', async () => {
	while (cluster.workers.length < 4) await cluster.addWorker();
	const limit = 40;
	credential = await saveCredential(
		{ processes: "={{ $workflow.name === 'Nightly' ? 1 : 4 }}" },
		{ apiKeys: 'nightly', rateLimit: limit },
	);
	const nightly = await cluster.n8n.finished(await begin('Nightly', limit));
	expect([nightly.status, nightly.items(imageNode).length]).toEqual(['success', limit]);
	expect(emulator.startsPerWindow(60_000)).toBe(limit);

	emulator.requests.length = 0;
	const daily = await cluster.n8n.finished(await begin('Daily', limit / 4 + 1));
	expect([daily.status, daily.items(imageNode).length]).toEqual(['success', limit / 4 + 1]);
	expect(emulator.startsPerWindow(60_000)).toBe(limit / 4);
});
