import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromiumPath, openEditor } from '../support/n8n/browser';
import { projectFolder } from '../support/n8n/runtime';
import { chain, trigger, type Workflow } from '../support/n8n/workflow';
import { editorOn } from './editor';
import { calls, credentialType, imageNode, until, workbench, workflowFor } from './workbench';

const chromium = chromiumPath();
// The run says loudly which tests were left out, and with CI=true that is a failure.
const withChromium = chromium ? describe : describe.skip;

withChromium("in n8n's editor", () => {
	let bench: Awaited<ReturnType<typeof workbench>>;
	let editor: ReturnType<typeof editorOn>;
	let close: () => Promise<void>;

	beforeAll(async () => {
		bench = await workbench({ imageSizePx: 512 });
		const opened = await openEditor(bench.n8n, chromium!);
		close = opened.close;
		opened.page.setDefaultTimeout(60_000);
		editor = editorOn(opened.page, bench.n8n.url);
	});
	afterAll(async () => {
		await close();
		await bench.close();
	});

	const keysAsked = () => new Set(bench.emulator.requests.map(({ key }) => key));

	test('a user adds the node, connects two endpoints and sees the picture; a deleted endpoint takes no key along', async () => {
		const rows = ['Stoneware teapot, sage green', 'Brass desk lamp, evening', 'Red city bicycle'];
		const items = rows.map((prompt, row) => ({ sku: `S-${row + 1}`, prompt }));
		const { id } = await bench.n8n.saveWorkflow(chain('Product images', [trigger], items));
		await bench.credential();
		await editor.openWorkflow(id);
		await editor.addNode('Gemini T2I', 'Generate image');

		const { credential, part } = editor;
		await credential.create();
		await credential.field('apiKeys', 0).fill('KEY-ONE');
		await credential.field('baseUrl', 0).fill(bench.emulator.url);
		await credential.addEndpoint('Endpoint 2');
		await credential.field('apiKeys', 1).fill('KEY-TWO');
		await credential.field('baseUrl', 1).fill(`${bench.emulator.url}/proxy`);
		await credential.save();
		expect(keysAsked()).toEqual(new Set(['KEY-ONE', 'KEY-TWO']));

		await editor.dragColumn('prompt', 'prompt');
		await editor.execute();
		await part('output-panel').getByText('3 items', { exact: true }).waitFor();
		expect(new Set(calls(bench.emulator).map(({ prompt }) => prompt))).toEqual(new Set(rows));
		await editor.viewFile();
		expect(await editor.widthOfPicture()).toBe(512);
		await editor.showInputAs('table');
		await editor.picture('panel');

		await credential.open();
		await credential.deleteEndpoint(0);
		await credential.saveChanges();
		bench.emulator.requests.length = 0;
		await editor.execute();
		await until(() => calls(bench.emulator).length === rows.length);
		expect(keysAsked()).toEqual(new Set(['KEY-TWO']));
		expect(calls(bench.emulator).every((call) => call.path.startsWith('/proxy/'))).toBe(true);
		await editor.closeNode();
	});

	test('a credential whose key is rejected says which endpoint it is', async () => {
		bench.emulator.faults.add({
			match: { key: 'KEY-BAD', action: 'models' },
			reply: { fixture: 'bad-key.json' },
		});
		const { id } = await bench.n8n.saveWorkflow(workflowFor(await bench.credential(), [{}]));
		await editor.openWorkflow(id);
		await editor.openNode(imageNode);
		const { credential } = editor;
		await credential.open();
		await credential.field('apiKeys', 0).fill('KEY-BAD');
		expect(await credential.saveInVain()).toMatch(/Endpoint 1 #1/);
	});

	test('a run that stops says what happened in one sentence, and below it what helps', async () => {
		const credential = await bench.credential();
		const items = [{ prompt: 'a cat' }, { prompt: 'a dog [refuse]' }, { prompt: 'a cow' }];
		const { id } = await bench.n8n.saveWorkflow(workflowFor(credential, items));
		await editor.openWorkflow(id);
		await editor.openNode(imageNode);
		await editor.execute();
		const { part } = editor;
		const told = part('output-panel').getByText('The model declined to make this image');
		await told.first().waitFor();
		await part('node-execute-button').getByText('Execute step').waitFor();
		const panel = await part('output-panel').innerText();
		expect(panel.match(/item 1/gi)).toEqual(['item 1']);
		expect(panel.match(/Continue \(using error output\)/g)).toHaveLength(1);
		expect(panel).toMatch(/press Retry within a day/);
		await editor.closeNode();
	});

	test('stopping in the editor ends the calls', async () => {
		const credential = await bench.credential();
		const { id } = await bench.n8n.saveWorkflow(
			workflowFor(credential, [{ prompt: 'a [hang]' }, { prompt: 'b [hang]' }]),
		);
		bench.emulator.requests.length = 0;
		await editor.openWorkflow(id);
		const { part } = editor;
		await part('execute-workflow-button').last().click();
		await until(() => calls(bench.emulator).length === 2);
		await part('stop-execution-button').click();
		await until(() => calls(bench.emulator).every(({ closedByClient }) => closedByClient));
	});

	test('the example workflow shows how many rows went where', async () => {
		const credential = await bench.credential();
		const file = path.join(projectFolder, 'examples/product-images.json');
		const example = JSON.parse(readFileSync(file, 'utf8')) as Workflow;
		const { id } = await bench.n8n.saveWorkflow({
			...example,
			nodes: example.nodes.map((node) =>
				node.name === imageNode ? { ...node, credentials: { [credentialType]: credential } } : node,
			),
		});
		await editor.openWorkflow(id);
		const { part, node } = editor;
		await part('execute-workflow-button').last().click();
		await node('Save Image').locator('[data-test-id="canvas-node-status-success"]').waitFor();
		await editor.page.getByText('4 items').first().waitFor();
		await part('zoom-to-fit').click();
		await editor.picture('workflow');
	});
});
