import { readExample } from '../support/exampleFiles';
import { picture } from '../support/emulator/picture';
import { type Workflow } from '../support/n8n/workflow';
import { chatModel } from './chatModel';
import {
	activate,
	adapt,
	callWebhook,
	lastExecution,
	savedImage,
	sentImages,
	sha256,
	withNode,
} from './examples';
import { localServer, type Received } from './localServer';
import { calls, workbench } from './workbench';

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench()));
afterEach(() => bench.close());

test('product-photo-scenes.json: a photo and a wish make three scenes, each drawn from the photo', async () => {
	const photo = await picture({ prompt: 'Teapot', longestSide: 64 });
	const workflow = adapt('product-photo-scenes.json', await bench.credential());
	const id = await activate(bench, workflow);
	const response = await callWebhook(`${bench.n8n.url}/form/product-scenes`, () => {
		const form = new FormData();
		form.set('field-0', new Blob([new Uint8Array(photo)], { type: 'image/png' }), 'photo.png');
		form.set('field-1', 'a green teapot');
		return { method: 'POST', body: form };
	});
	expect(response.status).toBe(200);
	const execution = await lastExecution(bench, id);
	const files = execution.items('Save Image').map(({ json }) => json.generation);
	expect(files).toMatchObject(
		['a green teapot.png', 'a green teapot-2.png', 'a green teapot-3.png'].map((fileName) => ({
			fileName,
		})),
	);
	const asked = calls(bench.emulator);
	expect(new Set(asked.map(({ prompt }) => prompt)).size).toBe(3);
	for (const { body } of asked) {
		const [reference, words] = body.contents[0].parts;
		expect(sha256(Buffer.from(reference.inlineData.data, 'base64'))).toBe(sha256(photo));
		expect(words.text).toContain('a green teapot');
	}
});

test('blog-header-images.json: image and alt text reach the CMS under a safe name, for posts without a header only', async () => {
	const posts = [
		{ id: 7, slug: 'how-to/../brew: tea?', featured_media: 0 },
		{ id: 8, slug: 'has-one', featured_media: 3 },
		{ id: 9, slug: 'declined', featured_media: 0 },
	].map((post) => ({
		...post,
		title: { rendered: post.id === 9 ? 'A post [refuse]' : 'How to brew tea' },
		excerpt: { rendered: '<p>Warm the pot.</p>' },
	}));
	const cms = await localServer(({ method }) => (method === 'GET' ? posts : { id: 55 }));
	try {
		const execution = await bench.n8n.run(
			adapt('blog-header-images.json', await bench.credential(), [
				['https://blog.example.com', cms.url],
			]),
		);
		expect(execution.status).toBe('success');
		const [, upload, header, ...others] = cms.requests as [Received, Received, Received];
		expect(others).toEqual([]);
		const form = await upload.form();
		const file = form.get('file') as File;
		expect(file.name).toMatch(/^[\w.\- ]+\.png$/);
		expect(sentImages(bench)).toContain(sha256(Buffer.from(await file.arrayBuffer())));
		expect(form.get('alt_text')).toContain('How to brew tea');
		expect(header.path).toBe('/wp-json/wp/v2/posts/7');
		expect(JSON.parse(header.body.toString())).toEqual({ featured_media: 55 });
		expect(execution.items('Posts without an Image').map(({ json }) => json.id)).toEqual([9]);
	} finally {
		cms.close();
	}
});

describe('variations-and-approval.json', () => {
	const open = (prompt: string) =>
		callWebhook(
			`${bench.n8n.url}/webhook/choose-an-image?${new URLSearchParams({ prompt }).toString()}`,
		);

	test('shows three, waits, saves the chosen one; a declined prompt shows why', async () => {
		const id = await activate(
			bench,
			adapt('variations-and-approval.json', await bench.credential()),
		);
		const page = await (await open('a paper lantern')).text();
		const shown = [...page.matchAll(/base64,([^"]+)"/g)].map(([, data]) =>
			sha256(Buffer.from(data!, 'base64')),
		);
		expect(shown).toHaveLength(3);
		expect(new Set(shown)).toEqual(new Set(sentImages(bench)));
		const [, second] = [...page.matchAll(/href="([^"]+)"/g)].map(([, link]) => link!);
		const chosen = await callWebhook(second!.replaceAll('&amp;', '&'));
		expect(sha256(Buffer.from(await chosen.arrayBuffer()))).toBe(shown[1]);
		const execution = await lastExecution(bench, id);
		expect(execution.items('Save Image').map(({ json }) => json.generation)).toMatchObject([
			{ fileName: 'a paper lantern-2.png', index: 1 },
		]);
		expect(savedImage('a paper lantern-2.png')).toBe(shown[1]);

		const declined = await (await open('a knife [refuse]')).text();
		expect(declined).toContain('violated a safety policy');
		expect(declined).not.toContain('<img');
		expect(declined).not.toContain('Which one?');
		// Nothing is left to wait for.
		expect((await lastExecution(bench, id)).status).toBe('success');
	});
});

test('ai-agent.json: the agent gets a link to the stored image', async () => {
	const outside = await localServer((request) =>
		request.path.endsWith('/chat/completions') ? chatModel(request) : {},
	);
	try {
		const credential = await bench.credential();
		const changes = [['https://storage.example.com', outside.url]] as const;
		const tool = await activate(bench, adapt('ai-agent-image-tool.json', credential, changes));
		const openAi = await bench.n8n.saveCredential('Chat model of the tests', 'openAiApi', {
			apiKey: 'none',
			url: `${outside.url}/v1`,
		});
		const example = readExample('ai-agent.json');
		const parametersOf = (name: string) =>
			example.nodes.find((node) => node.name === name)!.parameters;
		let agent: Workflow = withNode(example, 'Chat Model', {
			credentials: { openAiApi: { id: openAi.id, name: openAi.name } },
		});
		const workflowId = { __rl: true, mode: 'list', value: tool };
		agent = withNode(agent, 'draw_image', {
			parameters: { ...parametersOf('draw_image'), workflowId },
		});
		agent = withNode(agent, 'Chat', { parameters: { ...parametersOf('Chat'), public: true } });
		await activate(bench, agent);
		const { webhookId } = example.nodes.find(({ name }) => name === 'Chat')!;
		const response = await callWebhook(`${bench.n8n.url}/webhook/${webhookId}/chat`, () => ({
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ action: 'sendMessage', sessionId: 's', chatInput: 'A red kite!' }),
		}));
		const { output } = (await response.json()) as { output: string };
		const link = /https?:[^"\s]+/.exec(output)![0];
		const stored = outside.requests.find(({ method }) => method === 'PUT')!;
		expect(outside.url + stored.path).toBe(link);
		expect(sentImages(bench)).toEqual([sha256(stored.body)]);
		expect(calls(bench.emulator).map(({ prompt }) => prompt)).toEqual(['a red kite']);
	} finally {
		outside.close();
	}
});
