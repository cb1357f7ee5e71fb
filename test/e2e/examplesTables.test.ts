import { productRows } from '../support/exampleFiles';
import { adapt, createTable, savedImage, sentImages } from './examples';
import { calls, imageNode, workbench } from './workbench';

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench()));
afterEach(() => bench.close());

let serial = 0;
/** Names that no other test's begin with: n8n finds a table by a part of its name. */
const ownName = (word: string) => `${word} of test ${++serial}.`;

describe('nightly-product-images.json', () => {
	test('makes the files, writes back what became of each row and sums up; the next night draws what is missing', async () => {
		const name = ownName('Nightly products');
		const rows = productRows();
		rows[1]!.look = 'with a logo [refuse]';
		const table = await createTable(bench, name, rows);
		const workflow = adapt('nightly-product-images.json', await bench.credential(), [
			['"Products"', JSON.stringify(name)],
			['"maxRetries":2', '"maxRetries":0,"retryDelay":0.01'],
		]);
		bench.emulator.faults.add({
			match: { prompt: 'bicycle' },
			reply: { fixture: 'noimage-text-only.json' },
			times: 1,
		});
		const { id } = await bench.n8n.saveWorkflow(workflow);
		const night = await bench.n8n.finished(await bench.n8n.start(id));
		expect(night.status).toBe('success');
		expect(await table.rows()).toMatchObject([
			{
				sku: 'TEA-01',
				status: 'ok',
				file: 'TEA-01.png',
				cost_usd: expect.closeTo(0.0336, 4),
				note: '',
			},
			{ sku: 'LAMP-02', status: 'refused', file: '', note: expect.stringContaining('safety') },
			{ sku: 'BAG-03', status: 'ok', file: 'BAG-03.png' },
			{ sku: 'BIKE-04', status: 'failed', file: '', note: expect.stringMatching(/\w/) },
			{ sku: 'MUG-05', status: 'ok', file: 'MUG-05.png', cost_usd: expect.closeTo(0.0336, 4) },
		]);
		expect(sentImages(bench)).toEqual(expect.arrayContaining([savedImage('TEA-01.png')]));
		const sums = night.items('Sum Up').map(({ json }) => json);
		expect(sums).toEqual([
			expect.objectContaining({ generation_status: 'ok', count_generation_status: 2 }),
			expect.objectContaining({ generation_status: 'refused', count_generation_status: 1 }),
			expect.objectContaining({ generation_status: 'failed', count_generation_status: 1 }),
		]);
		expect(sums[0]!.sum_generation_estimatedCostUsd).toBeCloseTo(2 * 0.0336);
		expect(night.items('Morning Report').map(({ json }) => json.report)).toContain(
			'ok: 2 images, $0.07',
		);

		bench.emulator.requests.length = 0;
		await bench.n8n.finished(await bench.n8n.start(id));
		expect(calls(bench.emulator).map(({ prompt }) => prompt)).toEqual([
			expect.stringContaining('bicycle'),
		]);
		expect((await table.rows())[3]).toMatchObject({ status: 'ok', file: 'BIKE-04.png', note: '' });
	});
});

describe('long-list-in-batches.json', () => {
	test('goes on batch by batch, also where a whole batch is declined', async () => {
		const name = ownName('Long list');
		const rows = Array.from({ length: 7 }, (_, row) => ({
			...{ ...productRows()[0]!, sku: `L-${row}` },
			product: row === 2 || row === 3 ? 'a thing [refuse]' : 'a cup',
		}));
		const table = await createTable(bench, name, rows);
		const workflow = adapt('long-list-in-batches.json', await bench.credential(), [
			['"Products"', JSON.stringify(name)],
			['"batchSize":20', '"batchSize":2'],
		]);
		const execution = await bench.n8n.run(workflow);
		expect(execution.status).toBe('success');
		expect((await table.rows()).map(({ status, file }) => [status, file])).toEqual(
			rows.map(({ sku, product }) =>
				product === 'a cup' ? ['ok', `${sku}.png`] : ['refused', ''],
			),
		);
		expect(execution.items('Sum Up').map(({ json }) => [json.status, json.count_status])).toEqual([
			['ok', 5],
			['refused', 2],
		]);
	});
});

test('product-images.json: one image for each row', async () => {
	const execution = await bench.n8n.run(adapt('product-images.json', await bench.credential()));
	expect(execution.items('Save Image')).toHaveLength(execution.items('One Item per Row').length);
	expect(execution.items(imageNode, 1)).toEqual([]);
});
