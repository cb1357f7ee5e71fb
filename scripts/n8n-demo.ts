import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { startEmulator } from '../test/support/emulator/emulator';
import { type N8nClient, owner, signIn } from '../test/support/n8n/client';
import { installNode, pack } from '../test/support/n8n/install';
import { type N8nRuntime, projectFolder } from '../test/support/n8n/runtime';
import { freePort, startN8n } from '../test/support/n8n/server';
import { importExamples } from './n8n-examples';

const example = 'product-images.json';
const imageNode = 'Gemini T2I';
const usualPort = 5678;
const output = path.join(projectFolder, 'output');

/** Long enough to see that the images are made side by side. */
const EMULATED_LATENCY_MS = 1_000;

const say = (words: string) => process.stdout.write(`${words}\n`);

/**
 * Runs the example workflow in a real n8n and leaves its images under `output/`.
 *
 * @param options.home n8n's user folder; it is kept, so that what the user builds in the editor is there
 *   next time
 * @returns the exit code: 0 only if every image is there
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
		mkdirSync(output, { recursive: true });
		const n8n = await startN8n({
			runtime,
			folder: home,
			port: await freePort(usualPort),
			cwd: projectFolder,
			env: { N8N_RESTRICT_FILE_ACCESS_TO: output },
		});
		started.push(() => n8n.stop());
		const client = await signIn(n8n.url);
		const workflowId = await importExamples(client, { endpoint, folder: output, first: example });
		allThere = await runExample(client, workflowId);
		if (exitAfterRun) return;
		say(`\nEditor    ${n8n.url}/workflow/${workflowId}`);
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
	const emulator = await startEmulator({ latencyMs: EMULATED_LATENCY_MS });
	started.push(() => emulator.close());
	say('GEMINI_API_KEY is not set: an emulator of the Gemini API draws the images, free of charge.');
	return { ...asNew, apiKeys: 'demo-key', baseUrl: emulator.url };
}

/** Runs the workflow and looks at the files it has left. Says what is there, and why not where one is not. */
async function runExample(client: N8nClient, workflowId: string): Promise<boolean> {
	say('Running the example workflow');
	const began = Date.now();
	const execution = await client.finished(await client.start(workflowId));
	const rows = execution.items('One Item per Row');
	const files = execution.items('Save Image').map(({ json }) => {
		const { fileName } = json.generation as { fileName: string };
		return path.join(output, fileName);
	});
	const there = files.filter((file) => isWrittenSince(file, began));

	say(`\n${there.length} of ${rows.length} images in ${output}`);
	for (const file of there) say(`  ${path.relative(projectFolder, file)}`);
	for (const { json } of execution.items(imageNode, 1)) {
		say(`  not made: ${(json.generation as { message: string }).message}`);
	}
	if (execution.error) say(`  n8n: ${execution.error.message}`);
	return execution.status === 'success' && rows.length > 0 && there.length === rows.length;
}

/** A file that an earlier start has left is no proof. File systems may keep whole seconds only. */
function isWrittenSince(file: string, time: number): boolean {
	const facts = statSync(file, { throwIfNoEntry: false });
	return facts !== undefined && facts.size > 0 && facts.mtimeMs >= time - 1_000;
}
