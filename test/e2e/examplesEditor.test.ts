import { productRows } from '../support/exampleFiles';
import { chromiumPath, openEditor } from '../support/n8n/browser';
import { editorOn } from './editor';
import { adapt, createTable } from './examples';
import { credentialType, endpoints, imageNode, workbench } from './workbench';

const chromium = chromiumPath();
// The run says loudly which tests were left out, and with CI=true that is a failure.
const withChromium = chromium ? describe : describe.skip;

/** What the model declines in these tests: the rows of a shop that cannot all be drawn. */
const declined = 'with the logo of a famous brand';

const [tea, lamp, bag, bike] = productRows();
const shop = [
	tea!,
	lamp!,
	{ ...bag!, sku: 'SHOE-03', product: 'Running shoe', look: declined },
	bike!,
	{ ...bag!, sku: 'BAG-05' },
	{ ...tea!, sku: 'MUG-06', product: 'Enamel mug', look: 'on a camping table, early morning' },
].map(({ sku, product, look }) => ({
	sku,
	product,
	look,
	status: '',
	file: '',
	note: '',
	cost_usd: '',
}));

const usual = { width: 1440, height: 900 };
/** Where the workflow lies when it is fitted to the window. */
const canvas = { x: 120, y: 170, width: 1240, height: 590 };
/** Wide and low: all columns side by side. */
const forTables = { width: 1655, height: 380 };

withChromium("the examples in n8n's editor", () => {
	let bench: Awaited<ReturnType<typeof workbench>>;
	let editor: ReturnType<typeof editorOn>;
	let credential: { readonly id: string; readonly name: string };
	let close: () => Promise<void>;

	beforeAll(async () => {
		bench = await workbench({ imageSizePx: 512 });
		bench.emulator.faults.add({
			match: { prompt: declined },
			reply: { fixture: 'refused-image-safety.json' },
		});
		const { endpoint1 } = endpoints(bench.emulator.url).endpoints;
		credential = await bench.n8n.saveCredential('Gemini T2I account', credentialType, {
			endpoints: { endpoint1: { ...endpoint1, rateLimit: 0, weight: 1 } },
		});
		const opened = await openEditor(bench.n8n, chromium!);
		close = opened.close;
		opened.page.setDefaultTimeout(20_000);
		editor = editorOn(opened.page, bench.n8n.url);
	});
	afterAll(async () => {
		await close();
		// Others count on the name that n8n gives to the first one.
		await bench.n8n.call('DELETE', `/rest/credentials/${credential.id}`);
		await bench.close();
	});

	test('the nightly run shows its counts, the table what became of each row, the panel why one was declined', async () => {
		const table = await createTable(bench, 'Shop products', shop);
		const { page, part, node } = editor;
		const cell = (text: string) => page.getByText(text, { exact: true }).first();
		await page.setViewportSize(forTables);
		await page.goto(table.url);
		await cell('MUG-06').waitFor();
		await editor.picture('table-before');

		const { id } = await bench.n8n.saveWorkflow(
			adapt('nightly-product-images.json', credential, [['"Products"', '"Shop products"']]),
		);
		await page.setViewportSize(usual);
		await editor.openWorkflow(id);
		await part('execute-workflow-button').last().click();
		await node('Morning Report').locator('[data-test-id="canvas-node-status-success"]').waitFor();
		for (const count of ['6 items', '5 items', '1 item']) await cell(count).waitFor();
		await part('zoom-to-fit').click();
		await editor.picture('nightly', canvas);

		await editor.openNode(imageNode);
		await editor.showErrorOutput();
		const output = part('output-panel');
		await output.getByText('violated a safety policy').first().scrollIntoViewIfNeeded();
		await editor.picture('declined', (await output.boundingBox())!);

		await page.setViewportSize(forTables);
		await page.goto(table.url);
		await cell('MUG-06.png').waitFor();
		await cell('refused').waitFor();
		await editor.picture('table-after');
	});

	test('images in batch: the canvas with its three outputs', async () => {
		const table = await createTable(
			bench,
			'Shop in batch',
			shop.map((row) => ({ ...row, batch: '' })),
		);
		const { page, part, node } = editor;
		const { id } = await bench.n8n.saveWorkflow(
			adapt('nightly-products-in-batch.json', credential, [
				['"Products"', '"Shop in batch"'],
				['"={{ Math.min(60, 5 * 2 ** $runIndex) }}","unit":"minutes"', '3,"unit":"seconds"'],
			]),
		);
		await page.setViewportSize(usual);
		await editor.openWorkflow(id);
		await part('execute-workflow-button').last().click();
		while (bench.emulator.batches.jobs.length === 0) await page.waitForTimeout(50);
		bench.emulator.batches.turn(60 * 60_000);
		await node('Write Result').locator('[data-test-id="canvas-node-status-success"]').waitFor();
		for (const label of ['Images', 'Not Ready Yet']) {
			await page.getByText(label, { exact: true }).first().waitFor();
		}
		await part('zoom-to-fit').click();
		await editor.picture('batch', canvas);
		expect((await table.rows()).map(({ status }) => status)).toContain('ok');
	});

	test('a credential with one key says that it works', async () => {
		const { page } = editor;
		await page.setViewportSize(usual);
		await page.goto(`${bench.n8n.url}/home/credentials/${credential.id}`);
		const { dialog } = editor.credential;
		await dialog.getByText('Connection tested successfully').waitFor();
		// With one key at Google the fields below stay as they are; here they hold the emulator's address.
		const box = (await dialog.boundingBox())!;
		const rest = (await dialog.getByText('Base URL', { exact: true }).boundingBox())!;
		await editor.picture('credential', { ...box, height: rest.y - box.y });
	});
});
