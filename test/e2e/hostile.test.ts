import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FLOODS } from '../support/emulator/flood';
import { signIn } from '../support/n8n/client';
import { installNode } from '../support/n8n/install';
import { n8nRuntime } from '../support/n8n/runtime';
import { startN8n, type N8nServer } from '../support/n8n/server';
import { startEmulator, type Emulator } from '../support/emulator/emulator';
import { shared } from './shared';
import { credentialType, endpoints, imageNode, secretKey, workflowFor } from './workbench';

/** What a small server gives n8n. */
const HEAP = '--max-old-space-size=1024';

let n8n: N8nServer;
let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({ imageSizePx: 64, keys: [secretKey] });
	const folder = await mkdtemp(path.join(tmpdir(), 'gemini-t2i-hostile-'));
	await installNode(shared().tarball, folder);
	n8n = await startN8n({ runtime: await n8nRuntime(), folder, nodeArgs: [HEAP] });
}, 240_000);
afterAll(async () => {
	await n8n?.stop();
	await emulator?.close();
});

test('an n8n with 1 GB of memory survives every reply that no server should send, and delivers the other rows', async () => {
	const client = await signIn(n8n.url);
	const { id, name } = await client.saveCredential(
		'Hostile',
		credentialType,
		endpoints(emulator.url),
	);
	const words = Object.keys(FLOODS);
	const prompts = ['a cup', ...words.map((word) => `a plate [${word}]`), 'a jug'];
	const execution = await client.run(
		workflowFor(
			{ id, name },
			prompts.map((prompt) => ({ prompt })),
			{ onError: 'continueErrorOutput' },
		),
	);
	expect(execution.status).toBe('success');
	const [made, missing] = [execution.items(imageNode, 0), execution.items(imageNode, 1)];
	const drawn = made.map(({ json }) => String(json.prompt));
	expect(drawn).toEqual(expect.arrayContaining(['a cup', 'a jug']));
	expect(new Set([...made, ...missing].map(({ json }) => json.prompt))).toEqual(new Set(prompts));
	for (const { json } of missing) {
		expect(json.generation).toMatchObject({ message: expect.stringMatching(/^.{10,1500}$/) });
	}
}, 600_000);
