import { createHash } from 'node:crypto';
import { calls, imageNode, workbench } from './workbench';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench()));
afterEach(() => bench.close());

test('20 items become 20 images: the bytes that were sent, in order, paired, columns kept', async () => {
	// The later an item, the sooner it is answered.
	for (let row = 0; row < 20; row++) {
		const delayMs = (20 - row) * 20;
		bench.emulator.faults.add({ match: { prompt: `row ${row}.` }, reply: { delayMs } });
	}
	const rows = Array.from({ length: 20 }, (_, row) => ({ sku: `S-${row}`, prompt: `row ${row}.` }));
	const execution = await bench.draw(rows);

	const items = execution.items(imageNode);
	expect(items.map(({ json }) => json.sku)).toEqual(rows.map(({ sku }) => sku));
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual(rows.map((_, item) => ({ item })));
	expect(items.map(({ json }) => json.generation)).toEqual(
		rows.map(() => expect.objectContaining({ status: 'ok', code: '', message: '', index: 0 })),
	);
	const sent = new Map(calls(bench.emulator).map(({ prompt, images }) => [prompt, images]));
	expect(calls(bench.emulator)).toHaveLength(20);
	for (const [row, { binary }] of items.entries()) {
		const bytes = await bench.n8n.download(binary!.data!);
		expect(sent.get(`row ${row}.`)).toEqual([{ sha256: sha256(bytes), bytes: bytes.length }]);
	}
});

test('3 images of one prompt come as 3 items', async () => {
	const items = (
		await bench.draw([{ prompt: 'a cup' }], { parameters: { numberOfImages: 3, fileName: 'cup' } })
	).items(imageNode);
	expect(items.map(({ binary }) => binary!.data!.fileName)).toEqual([
		'cup-1.png',
		'cup-2.png',
		'cup-3.png',
	]);
});

test('3 images of one prompt come as data, data_1 and data_2 where one item per prompt is chosen', async () => {
	const items = (
		await bench.draw([{ prompt: 'a cup' }], {
			parameters: { numberOfImages: 3, options: { output: 'itemPerPrompt' } },
		})
	).items(imageNode);
	expect(items.map(({ binary }) => Object.keys(binary!))).toEqual([['data', 'data_1', 'data_2']]);
});

test('a file name from a column is safe on any file system', async () => {
	const rows = ['../../etc/passwd', 'a:b*c?"<>|', 'CON', 'ends with a dot.', 'ü'.repeat(300)];
	const execution = await bench.draw(
		rows.map((title) => ({ title, prompt: 'a cup' })),
		{ parameters: { fileName: '={{ $json.title }}' } },
	);
	const names = execution.items(imageNode).map(({ binary }) => String(binary!.data!.fileName));
	expect(names).toHaveLength(rows.length);
	for (const name of names) {
		expect(name).not.toMatch(/[/\\:*?"<>|\u0000-\u001f]|^\.|^con\./i);
		expect(name).toMatch(/\.png$/);
		expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
	}
});
