import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, type EmulatorOptions, startEmulator } from '../support/emulator/emulator';
import { type Execution } from '../support/n8n/execution';
import { chain, trigger, type Workflow, type WorkflowNode } from '../support/n8n/workflow';
import { client } from './shared';

// A real n8n takes seconds where other tests take milliseconds, and its editor much longer on a busy machine.
jest.setTimeout(180_000);

export const credentialType = 'geminiT2IApi';
export const imageNode = 'Gemini T2I';

/** A recognisable key: it must not turn up anywhere. */
export const secretKey = 'AIza-secret-of-the-tests';

let serial = 0;

/** An emulator and a credential for it in the shared n8n. */
export async function workbench(options: EmulatorOptions = {}) {
	const n8n = await client();
	const emulator = await startEmulator({ imageSizePx: 64, ...options });

	async function credential(content: object = endpoints(emulator.url)) {
		const { id, name } = await n8n.saveCredential(`Bench ${++serial}`, credentialType, content);
		return { id, name };
	}

	return {
		n8n,
		emulator,
		credential,
		/** The node behind a trigger that hands out the items; runs it to its end. */
		async draw(
			items: ReadonlyArray<Readonly<Record<string, unknown>>>,
			node: Partial<WorkflowNode> = {},
			content?: object,
		): Promise<Execution> {
			return await n8n.run(workflowFor(await credential(content), items, node));
		},
		close: () => emulator.close(),
	};
}

export const endpoints = (...baseUrls: readonly string[]) => ({
	endpoints: Object.fromEntries(
		baseUrls.map((baseUrl, i) => [`endpoint${i + 1}`, { apiKeys: secretKey, baseUrl }]),
	),
});

/** Trigger -> node, whose prompt is the items' column `prompt` unless `node.parameters` tells. */
export function workflowFor(
	credential: { readonly id: string; readonly name: string },
	items: ReadonlyArray<Readonly<Record<string, unknown>>>,
	node: Partial<WorkflowNode> = {},
): Workflow {
	const draw: WorkflowNode = {
		type: 'n8n-nodes-gemini-t2i.geminiT2I',
		name: imageNode,
		credentials: { [credentialType]: credential },
		...node,
		parameters: { prompt: '={{ $json.prompt }}', ...node.parameters },
	};
	return chain(`Test ${++serial}`, [trigger, draw], items);
}

/** Waits for something that another process brings about. */
export async function until(isSo: () => boolean): Promise<void> {
	for (const began = Date.now(); !isSo(); await sleep(5)) {
		if (Date.now() - began > 60_000) throw new Error(`Still not so: ${String(isSo)}`);
	}
}

/** The calls for images, in order of arrival. */
export const calls = (emulator: Emulator) =>
	emulator.requests.filter(({ action }) => action === 'generateContent');
