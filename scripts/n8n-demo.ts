import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { startEmulator } from '../test/support/emulator/emulator';
import { type N8nClient, owner, signIn } from '../test/support/n8n/client';
import { installNode, pack } from '../test/support/n8n/install';
import { type N8nRuntime, projectFolder } from '../test/support/n8n/runtime';
import { freePort, startN8n } from '../test/support/n8n/server';
import { type Table } from '../test/support/n8n/dataTable';
import { BATCH_EXAMPLE, importExamples } from './n8n-examples';

const example = 'product-images.json';
const imageNode = 'Gemini T2I';
const usualPort = 5678;
const output = path.join(projectFolder, 'output');

/** Long enough to see that the images are made side by side. */
const EMULATED_LATENCY_MS = 1_000;

/** Long enough for the rows to leave once as not ready yet. */
const EMULATED_BATCH = { pendingMs: 500, runningMs: 1_000 };

const say = (words: string) => process.stdout.write(`${words}\n`);

/**
 * Runs an example in a real n8n and leaves its images under `output/`; where the emulator draws, also the example in
 * batch, one of whose rows is declined.
 *
 * @param options.home n8n's user folder; it is kept, so that what the user builds in the editor is there
 *   next time
 * @returns the exit code: 0 only if every image is there, or Google's reason to decline it
 */
export async function demo(options: {
	readonly runtime: N8nRuntime;
	readonly home: string;
	readonly exitAfterRun: boolean;
}): Promise<number> {
	const { runtime, home, exitAfterRun } = options;
	const interrupted = new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.removeAllListeners(signal).on(signal, () => resolve());
		}
	});
	const started: Array<() => Promise<void>> = [];
	let allThere = false;
	const show = async () => {
		const endpoint = await imageSource(started);
		await installNode(await pack(projectFolder, path.join(home, 'pack')), home);
		say('Starting n8n');
		mkdirSync(path.join(output, 'batch'), { recursive: true });
		const n8n = await startN8n({
			runtime,
			folder: home,
			port: await freePort(usualPort),
			cwd: projectFolder,
			env: { N8N_RESTRICT_FILE_ACCESS_TO: output },
		});
		started.push(() => n8n.stop());
		const client = await signIn(n8n.url);
		const { ids, batch } = await importExamples(client, {
			endpoint,
			folder: output,
			first: example,
			isEmulated: endpoint.baseUrl !== '',
		});
		allThere = await runExample(client, ids.get(example)!);
		if (batch) allThere = (await runBatch(client, ids.get(BATCH_EXAMPLE)!, batch)) && allThere;
		if (exitAfterRun) return;
		say(`\nEditor    ${n8n.url}/workflow/${ids.get(example)!}`);
		if (batch) say(`In batch  ${n8n.url}/workflow/${ids.get(BATCH_EXAMPLE)!}`);
		say(`Examples  ${n8n.url}/home/workflows`);
		say(`Login     ${owner.email}`);
		say(`Password  ${owner.password}`);
		say('\nn8n runs until you press Ctrl-C.');
		await Promise.race([n8n.ended, interrupted]);
	};
	try {
		const shown = show();
		// Once interrupted, what becomes of the rest is of no interest any more.
		shown.catch(() => {});
		await Promise.race([shown, interrupted]);
		return allThere ? 0 : 1;
	} finally {
		for (const end of started.reverse()) await end();
	}
}

/** What n8n fills a new endpoint with; fields that are missing would look empty in its form. */
const asNew = { baseUrl: '', rateLimit: 0, weight: 1, apiVersion: 'auto' };

async function imageSource(started: Array<() => Promise<void>>) {
	const key = process.env.GEMINI_API_KEY;
	if (key) {
		say('GEMINI_API_KEY is set: Google makes the images, and bills them to that key.');
		return { ...asNew, apiKeys: key };
	}
	const emulator = await startEmulator({ latencyMs: EMULATED_LATENCY_MS, batch: EMULATED_BATCH });
	started.push(() => emulator.close());
	say('GEMINI_API_KEY is not set: an emulator of the Gemini API draws the images, free of charge.');
	return { ...asNew, apiKeys: 'demo-key', baseUrl: emulator.url };
}

/** Runs the workflow and looks at the files it has left. Says what is there, and why not where one is not. */
async function runExample(client: N8nClient, workflowId: string): Promise<boolean> {
	say('Running an example');
	const began = Date.now();
	const execution = await client.finished(await client.start(workflowId));
	const rows = execution.items('One Item per Row');
	const made = execution
		.items('Save Image')
		.map(({ json }) => json.generation as { fileName: string; estimatedCostUsd: number });
	const files = made.map(({ fileName }) => path.join(output, fileName));
	const there = files.filter((file) => isWrittenSince(file, began));

	say(
		`\n${there.length} of ${rows.length} images in ${output}${priceOf(made.map((each) => each.estimatedCostUsd))}`,
	);
	for (const file of there) say(`  ${path.relative(projectFolder, file)}`);
	for (const { json } of execution.items(imageNode, 1)) {
		say(`  not made: ${(json.generation as { message: string }).message}`);
	}
	if (execution.error) say(`  n8n: ${execution.error.message}`);
	return execution.status === 'success' && rows.length > 0 && there.length === rows.length;
}

/** Runs the example in batch and looks at what it has written: the files, and the table, which tells of every row. */
async function runBatch(client: N8nClient, workflowId: string, table: Table): Promise<boolean> {
	say('\nRunning the example in batch, at half price');
	const began = Date.now();
	const toDo = (await table.rows()).filter(({ status }) => !status).map(({ sku }) => sku);
	const execution = await client.finished(await client.start(workflowId));
	const rows = (await table.rows()).filter(({ sku }) => toDo.includes(sku));
	const made = rows.filter(
		({ status, file }) =>
			status === 'ok' && isWrittenSince(path.join(output, 'batch', String(file)), began),
	);
	const declined = rows.filter(({ status }) => status === 'refused');

	say(
		`\n${made.length} of ${rows.length} images${priceOf(made.map((row) => Number(row.cost_usd)))}`,
	);
	for (const { file } of made)
		say(`  ${path.relative(projectFolder, path.join(output, 'batch', String(file)))}`);
	for (const { sku, note } of declined) say(`  ${String(sku)} declined: ${String(note)}`);
	if (execution.error) say(`  n8n: ${execution.error.message}`);
	const isTold = rows.length > 0 && made.length + declined.length === rows.length;
	return execution.status === 'success' && isTold;
}

const priceOf = (usd: readonly number[]): string =>
	`, $${usd.reduce((sum, each) => sum + each, 0).toFixed(4)} by Google's price list`;

/** A file that an earlier start has left is no proof. File systems may keep whole seconds only. */
function isWrittenSince(file: string, time: number): boolean {
	const facts = statSync(file, { throwIfNoEntry: false });
	return facts !== undefined && facts.size > 0 && facts.mtimeMs >= time - 1_000;
}
