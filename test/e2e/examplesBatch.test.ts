import { productRows } from '../support/exampleFiles';
import { adapt, createTable, savedImage } from './examples';
import { workbench } from './workbench';

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench()));
afterEach(() => bench.close());

const HOUR_MS = 60 * 60_000;

describe('nightly-products-in-batch.json', () => {
	const open = async (name: string, wait: string) => {
		const rows = productRows();
		rows[1]!.look = 'with a logo [refuse]';
		const table = await createTable(bench, name, rows);
		const workflow = adapt('nightly-products-in-batch.json', await bench.credential(), [
			['"Products"', JSON.stringify(name)],
			['"={{ Math.min(60, 5 * 2 ** $runIndex) }}","unit":"minutes"', wait],
		]);
		const { id } = await bench.n8n.saveWorkflow(workflow);
		return { table, id };
	};
	const done = [
		{ sku: 'TEA-01', status: 'ok', file: 'TEA-01.png', batch: '', note: '' },
		{ sku: 'LAMP-02', status: 'refused', file: '', batch: '' },
		{ sku: 'BAG-03', status: 'ok', file: 'BAG-03.png', batch: '' },
		{ sku: 'BIKE-04', status: 'ok', file: 'BIKE-04.png', batch: '' },
		{ sku: 'MUG-05', status: 'ok', file: 'MUG-05.png' },
	];

	test('hands the rows in, waits, saves the images and writes back what became of each', async () => {
		const { table, id } = await open('In batch, one night', '2,"unit":"seconds"');
		const execution = await bench.n8n.start(id);
		const { batches } = bench.emulator;
		while (batches.jobs.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
		batches.turn(HOUR_MS);
		expect((await bench.n8n.finished(execution)).status).toBe('success');
		expect(await table.rows()).toMatchObject(done);
		expect((await table.rows())[0]!.cost_usd).toBeCloseTo(0.0168, 4);
		expect(savedImage('TEA-01.png')).toMatch(/^[0-9a-f]{64}$/);
		expect(batches.jobs).toHaveLength(1);
	});

	test('what is stopped while it waits is collected the next night', async () => {
		const { table, id } = await open('In batch, two nights', '1,"unit":"hours"');
		const first = await bench.n8n.start(id);
		const pending = async () => (await table.rows()).filter(({ status }) => status === 'pending');
		while ((await pending()).length < 4) await new Promise((resolve) => setTimeout(resolve, 200));
		await bench.n8n.call('POST', `/rest/executions/${first}/stop`);
		expect((await pending()).map(({ batch }) => batch)).toEqual(
			Array(4).fill(expect.stringMatching(/^batches\/.+#/)),
		);
		bench.emulator.batches.turn(HOUR_MS);
		expect((await bench.n8n.finished(await bench.n8n.start(id))).status).toBe('success');
		expect(await table.rows()).toMatchObject(done);
		expect(bench.emulator.batches.jobs).toHaveLength(1);
	});
});
