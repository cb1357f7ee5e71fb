import { type N8nClient } from '../../test/support/n8n/client';
import { chain, trigger, type Workflow, type WorkflowNode } from '../../test/support/n8n/workflow';

export const CONCURRENCY = 16;

/** One way to make images in n8n. */
export interface Contender {
	readonly name: string;
	/** The node whose items are the images, and whose own time is measured where it runs once. */
	readonly last: string;
	/** @param url where the images come from */
	workflow(client: N8nClient, url: string, prompts: readonly string[]): Promise<Workflow>;
}

const prompt = '={{ $json.prompt }}';
const rows = (prompts: readonly string[]) => prompts.map((one) => ({ prompt: one }));

async function credential(client: N8nClient, type: string, content: object) {
	const { id, name } = await client.saveCredential(type, type, content);
	return { [type]: { id, name } };
}

export const thisNode: Contender = {
	name: 'this node',
	last: 'Images',
	async workflow(client, url, prompts) {
		const endpoint1 = { apiKeys: 'bench-key', baseUrl: url };
		const node: WorkflowNode = {
			name: 'Images',
			type: 'n8n-nodes-gemini-t2i.geminiT2I',
			parameters: { prompt },
			credentials: await credential(client, 'geminiT2IApi', { endpoints: { endpoint1 } }),
		};
		return chain('This node', [trigger, node], rows(prompts));
	},
};

export const plainSdk: Contender = {
	name: 'plain SDK node, p-limit 16',
	last: 'Images',
	async workflow(_client, url, prompts) {
		const parameters = { prompt, baseUrl: url };
		const node = { name: 'Images', type: 'CUSTOM.plainSdk', parameters };
		return chain('Plain SDK', [trigger, node], rows(prompts));
	},
};

export const builtIn: Contender = {
	name: "n8n's own Google Gemini node",
	last: 'Images',
	async workflow(client, url, prompts) {
		const model = 'models/gemini-nano-banana-2.1';
		const node: WorkflowNode = {
			name: 'Images',
			type: '@n8n/n8n-nodes-langchain.googleGemini',
			typeVersion: 1.2,
			parameters: {
				resource: 'image',
				operation: 'generate',
				modelId: { __rl: true, mode: 'id', value: model },
				prompt,
			},
			credentials: await credential(client, 'googlePalmApi', { host: url, apiKey: 'bench-key' }),
		};
		return chain('Built-in', [trigger, node], rows(prompts));
	},
};

/** As the tutorials have it, at its best: as many at once as this node, and the shortest wait. */
export const httpLoop: Contender = {
	name: `HTTP Request + Loop (${CONCURRENCY} at a time) + Wait (1 s)`,
	last: 'Loop',
	async workflow(_client, url, prompts) {
		const wish =
			'={{ JSON.stringify({ contents: [{ parts: [{ text: $json.prompt }] }], generationConfig: { responseModalities: ["IMAGE"] } }) }}';
		const request: WorkflowNode = {
			name: 'HTTP Request',
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				method: 'POST',
				url: `${url}/v1beta/models/gemini-nano-banana-2.1:generateContent`,
				sendHeaders: true,
				headerParameters: { parameters: [{ name: 'x-goog-api-key', value: 'bench-key' }] },
				sendBody: true,
				specifyBody: 'json',
				jsonBody: wish,
			},
		};
		const toFile: WorkflowNode = {
			name: 'To File',
			type: 'n8n-nodes-base.convertToFile',
			typeVersion: 1.1,
			parameters: {
				operation: 'toBinary',
				sourceProperty: 'candidates[0].content.parts[0].inlineData.data',
				options: { mimeType: 'image/png' },
			},
		};
		const loop: WorkflowNode = {
			name: 'Loop',
			type: 'n8n-nodes-base.splitInBatches',
			typeVersion: 3,
			parameters: { batchSize: CONCURRENCY },
		};
		const wait: WorkflowNode = {
			name: 'Wait',
			type: 'n8n-nodes-base.wait',
			typeVersion: 1.1,
			parameters: { resume: 'timeInterval', amount: 1, unit: 'seconds' },
		};
		const line = chain('HTTP loop', [trigger, loop, request, toFile, wait], rows(prompts));
		const to = (node: string) => [{ node, type: 'main', index: 0 }];
		return {
			...line,
			connections: {
				...line.connections,
				Loop: { main: [[], to(request.name)] },
				Wait: { main: [to(loop.name)] },
			},
		};
	},
};
