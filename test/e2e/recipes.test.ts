import { readFileSync } from 'node:fs';
import path from 'node:path';
import { exampleFiles, readExample } from '../support/exampleFiles';
import { picture } from '../support/emulator/picture';
import { type WorkflowNode } from '../support/n8n/workflow';
import { activate, adapt, callWebhook, savedImage, sentImages, sha256 } from './examples';
import { localServer } from './localServer';
import { calls, imageNode, workbench, workflowFor } from './workbench';

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench()));
afterEach(() => bench.close());

/** What the document tells to type is what is typed here. */
const recipes = readFileSync(path.join(__dirname, '../../docs/recipes.md'), 'utf8');
const fromRecipes = (text: string) => {
	expect(recipes).toContain(`\`${text}\``);
	return `=${text}`;
};

test('several-files-one-prompt.json: each row is drawn from its own photo and logo, in the order they are named', async () => {
	const files = new Map<string, Buffer>();
	for (const name of ['mug', 'bag', 'logo'])
		files.set(`/${name}.png`, await picture({ prompt: name, longestSide: 32 }));
	const shop = await localServer(({ path: asked }) => files.get(asked));
	try {
		const changes = [['https://shop.example.com', shop.url]] as const;
		const execution = await bench.n8n.run(
			adapt('several-files-one-prompt.json', await bench.credential(), changes),
		);
		expect(execution.status).toBe('success');
		const sent = calls(bench.emulator).map(({ body }) => {
			const parts = body.contents[0].parts as Array<{
				text?: string;
				inlineData?: { data: string };
			}>;
			return parts.map(
				({ text, inlineData }) => text ?? sha256(Buffer.from(inlineData!.data, 'base64')),
			);
		});
		const hash = (name: string) => sha256(files.get(`/${name}.png`)!);
		expect(sent).toHaveLength(2);
		expect(sent).toEqual(
			expect.arrayContaining([
				[hash('mug'), hash('logo'), expect.stringContaining('on a breakfast table')],
				[hash('bag'), hash('logo'), expect.stringContaining('on a park bench')],
			]),
		);
		expect(sentImages(bench).sort()).toEqual(['MUG-1.png', 'BAG-2.png'].map(savedImage).sort());
	} finally {
		shop.close();
	}
});

test('chat-to-picture.json: a wish is answered with the stored picture, a declined one with the reason', async () => {
	const storage = await localServer(() => ({}));
	try {
		const workflow = adapt('chat-to-picture.json', await bench.credential(), [
			['https://storage.example.com', storage.url],
			['"options":{"responseMode"', '"public":true,"options":{"responseMode"'],
		]);
		await activate(bench, workflow);
		const { webhookId } = readExample('chat-to-picture.json').nodes[0]!;
		const say = async (chatInput: string) => {
			const response = await callWebhook(`${bench.n8n.url}/webhook/${webhookId}/chat`, () => ({
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ action: 'sendMessage', sessionId: 's', chatInput }),
			}));
			return ((await response.json()) as { output: string }).output;
		};
		const [, link] = /^!\[a red kite\]\((.+)\)$/.exec(await say('a red kite'))!;
		const [stored] = storage.requests;
		expect(link).toBe(storage.url + stored!.path);
		expect(sentImages(bench)).toEqual([sha256(stored!.body)]);
		expect(await say('a knife [refuse]')).toMatch(/declined/);
	} finally {
		storage.close();
	}
});

const next = (name: string, type: string, typeVersion: number, parameters: object) =>
	({ name, type, typeVersion, parameters, position: [500, 0] }) as unknown as WorkflowNode;

/** A workflow of the bench with one node more behind the image node. */
async function with_(node: WorkflowNode, items: Array<{ prompt: string; file: string }>) {
	const workflow = workflowFor(await bench.credential(), items, {
		parameters: { fileName: '={{ $json.file }}' },
	});
	const link = [[{ node: node.name, type: 'main', index: 0 }]];
	return {
		...workflow,
		nodes: [...workflow.nodes, { id: node.name, ...node }],
		connections: { ...workflow.connections, [imageNode]: { main: link } },
	} as typeof workflow;
}

test('WordPress: the HTTP Request node sends the file with its type and its name', async () => {
	const blog = await localServer(() => ({ id: 55 }));
	try {
		const upload = next('Upload', 'n8n-nodes-base.httpRequest', 4.2, {
			method: 'POST',
			url: `${blog.url}/wp-json/wp/v2/media`,
			sendHeaders: true,
			headerParameters: {
				parameters: [
					{ name: 'Content-Type', value: fromRecipes('{{ $binary.data.mimeType }}') },
					{
						name: 'Content-Disposition',
						value: fromRecipes('attachment; filename="{{ $json.generation.fileName }}"'),
					},
				],
			},
			sendBody: true,
			contentType: 'binaryData',
			inputDataFieldName: 'data',
			options: {},
		});
		const rows = ['tea', 'coffee'].map((file) => ({ prompt: `a cup of ${file}`, file }));
		const execution = await bench.n8n.run(await with_(upload, rows));
		expect(execution.status).toBe('success');
		expect(
			blog.requests.map(({ contentType, contentDisposition }) => [contentType, contentDisposition]),
		).toEqual([
			['image/png', 'attachment; filename="tea.png"'],
			['image/png', 'attachment; filename="coffee.png"'],
		]);
		expect(blog.requests.map(({ body }) => sha256(body)).sort()).toEqual(sentImages(bench).sort());
	} finally {
		blog.close();
	}
});

test('Respond to Webhook sends the new image, also where the row brought a file', async () => {
	const credential = await bench.credential();
	const hook = next('Webhook', 'n8n-nodes-base.webhook', 2, {
		httpMethod: 'POST',
		path: 'draw',
		responseMode: 'responseNode',
		options: { binaryPropertyName: 'photo' },
	});
	const draw = next(imageNode, 'n8n-nodes-gemini-t2i.geminiT2I', 1, {
		prompt: fromRecipes('{{ $json.query.prompt }}'),
	});
	const answer = next('Respond', 'n8n-nodes-base.respondToWebhook', 1.1, {
		respondWith: 'binary',
		options: {},
	});
	const link = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	await activate(bench, {
		name: 'Respond with an image',
		nodes: [
			{ ...hook, webhookId: 'draw-an-image' },
			{ ...draw, credentials: { geminiT2IApi: credential } },
			answer,
		].map((node) => ({ id: node.name, ...node })),
		connections: { Webhook: link(imageNode), [imageNode]: link('Respond') },
		settings: { executionOrder: 'v1' },
	} as never);
	const form = new FormData();
	form.set(
		'photo',
		new Blob([new Uint8Array(await picture({ prompt: 'a photo', longestSide: 8 }))]),
	);
	const response = await callWebhook(`${bench.n8n.url}/webhook/draw?prompt=a+kite`, () => ({
		method: 'POST',
		body: form,
	}));
	expect(response.headers.get('content-type')).toBe('image/png');
	expect([sha256(Buffer.from(await response.arrayBuffer()))]).toEqual(sentImages(bench));
});

test('the lists keep their progress, so that Retry goes on after a crash', () => {
	const lists = exampleFiles().filter((file) => /^(long-list|nightly)/.test(file));
	expect(lists).toHaveLength(6);
	for (const file of lists)
		expect(readExample(file).settings).toMatchObject({ saveExecutionProgress: true });
});
