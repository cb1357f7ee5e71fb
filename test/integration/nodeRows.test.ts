import type {
	IBinaryData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	OnError,
} from 'n8n-workflow';
import { generations, KEY, useWorkbench } from './workbench';

const workbench = useWorkbench();
const { run } = workbench;
afterEach(() => jest.restoreAllMocks());

const split = { onError: 'continueErrorOutput' as OnError };
const ON_ERROR: readonly OnError[] = [
	'stopWorkflow',
	'continueRegularOutput',
	'continueErrorOutput',
];

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';
const photo = (more: Partial<IBinaryData> = {}): IBinaryData => ({
	data: PNG,
	mimeType: 'image/png',
	fileName: 'photo.png',
	...more,
});
/** So many images to work from reached the server with a call. */
const sentImages = () =>
	workbench.emulator.requests
		.filter(({ action }) => action === 'generateContent')
		.map(({ body }) => {
			const [{ parts }] = (body as { contents: [{ parts: IDataObject[] }] }).contents;
			return parts.filter((part) => 'inlineData' in part).length;
		});
const messages = (items: readonly INodeExecutionData[]) =>
	generations(items).map(({ message }) => message);

describe('images to work from may be given as', () => {
	const files = { photo: photo(), logo: photo(), 'a, b': photo() };
	test.each<[string, unknown, number]>([
		['a field', 'photo', 1],
		['fields, with commas, semicolons and new lines', 'photo, logo; photo\nlogo', 4],
		['a field whose name holds a comma', 'a, b', 1],
		['a file', '={{ $binary.photo }}', 1],
		['a list of files and names', '={{ [$binary.photo, "logo"] }}', 2],
		['all files of the row', '={{ $binary }}', 3],
		["another node's file", '={{ $("Start").item.binary.logo }}', 1],
		['nothing, by an empty text', '={{ "" }}', 0],
		['nothing, by an empty list', '={{ [] }}', 0],
	])('%s', async (_, referenceImages, count) => {
		const items = [{ json: { prompt: 'a' }, binary: files }];
		const { main } = await run({ items, parameters: { referenceImages } as IDataObject });
		expect(generations(main)).toMatchObject([{ status: 'ok' }]);
		expect(sentImages()).toEqual([count]);
	});
});

describe('an image to work from that cannot be used is told before anything is paid', () => {
	const gif = Buffer.from('GIF89a then some').toString('base64');
	const large = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(21 * 1024 * 1024)]);
	const half = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(18 * 1024 * 1024)]);
	test.each<[string, unknown, Partial<IBinaryData>, RegExp]>([
		['an expression that gives nothing', '={{ $json.photo }}', {}, /gives nothing for this item/],
		['an expression that gives null', '={{ null }}', {}, /gives nothing for this item/],
		['an object', '={{ { a: 1 } }}', {}, /gives an object that is no file/],
		['a data URL', `data:image/png;base64,${PNG}`, {}, /holds a data URL \(data:image.{1,60}\)/],
		['an address', 'https://example.com/a,b.png', {}, /holds an address .* HTTP Request node/],
		['an address without a scheme', '//cdn.example.com/a.png', {}, /holds an address/],
		['an address of a bucket', 'gs://photos/a.png', {}, /holds an address/],
		['base64', PNG, {}, /holds base64 .{1,150}Convert to File/],
		['a field that is not there', 'foto', {}, /no file in the field "foto"\. .* in: photo\.$/],
		[
			'a GIF',
			'photo',
			{ data: gif, mimeType: 'image/gif' },
			/kind that can be used \(image\/gif\)/,
		],
		['a text that calls itself PNG', 'photo', { data: 'aGVsbG8gd29ybGQ=' }, /kind that can be/],
		['an empty file', 'photo', { data: '' }, /is empty/],
		['a lost file', 'photo', { id: 'filesystem-v2:gone', data: 'filesystem-v2' }, /cannot be read/],
		[
			'a large file',
			'photo',
			{ data: large.toString('base64') },
			/has 22 MB, and 20 MB is the most/,
		],
		[
			'large files together',
			'photo, photo, photo',
			{ data: half.toString('base64') },
			/have 55 MB together, and 50 MB is the most/,
		],
	])('%s', async (_, referenceImages, file, sentence) => {
		const { failed } = await run({
			items: [{ json: { prompt: 'a' }, binary: { photo: photo(file) } }],
			parameters: { referenceImages } as IDataObject,
			settings: split,
		});
		expect(messages(failed)).toEqual([expect.stringMatching(sentence)]);
		expect((messages(failed)[0] as string).length).toBeLessThan(300);
		expect(messages(failed)[0]).not.toMatch(/error|problem|failure|mistake/i);
		expect(workbench.asked).toEqual([]);
	});
});

describe.each(ON_ERROR)('one row never costs another (%s)', (onError) => {
	const three = [{ prompt: 'a' }, { prompt: 'b', odd: true }, { prompt: 'c' }];
	const odd = (value: string, usual: string) => `={{ $json.odd ? ${value} : ${usual} }}`;
	test.each<[string, IDataObject, RegExp]>([
		[
			'an expression',
			{ imageSize: odd("$('Nowhere').item.json.size", "'1K'") },
			/Referenced node doesn't exist/,
		],
		['a ratio', { aspectRatio: odd("'7:77'", "'1:1'") }, /no aspect ratio 7:77/],
		['an object for a prompt', { prompt: odd('{ a: 1 }', '$json.prompt') }, /is an object/],
		[
			'a number of images',
			{ numberOfImages: odd("'many'", '1') },
			/Number of Images must be a whole/,
		],
	])('%s', async (_, parameters, sentence) => {
		const { main, failed, error } = await run({
			items: three.map((json) => ({ json })),
			parameters,
			settings: { onError },
		});
		if (onError === 'stopWorkflow') {
			expect(error!.context).toMatchObject({ itemIndex: 1 });
			expect(workbench.asked).toEqual([]);
			return;
		}
		const all = generations([...main, ...failed]);
		expect(all.filter(({ status }) => status === 'ok')).toHaveLength(2);
		expect(all.filter(({ status }) => status === 'failed')).toHaveLength(1);
		expect(`${all.map(({ message }) => message).join('')}`).toMatch(sentence);
	});

	test('additional fields nested 20,000 deep', async () => {
		const levels = '($json.odd ? 20000 : 3)';
		const additionalFields = `={{ '{"a":'.repeat(${levels}) + '1' + '}'.repeat(${levels}) }}`;
		const { main, failed, error } = await run({
			items: three.map((json) => ({ json })),
			parameters: { options: { additionalFields } },
			settings: { onError },
		});
		if (onError === 'stopWorkflow') {
			expect(error!.message).toMatch(/nested more than 200 levels deep/);
			return;
		}
		expect(generations([...main, ...failed]).filter(({ status }) => status === 'ok')).toHaveLength(
			2,
		);
	});
});

describe('what the first row decides', () => {
	const items = [{ json: { prompt: 'a' } }, { json: { prompt: 'b' } }];
	const first = (usual: string) =>
		`={{ $json.prompt === 'a' ? $('Nowhere').item.json.x : ${usual} }}`;
	test('an expression that fails in row 0 fails row 0 only', async () => {
		const { main, failed } = await run({
			items,
			parameters: { options: { timeout: first('60'), maxCost: first('1') } },
			settings: split,
		});
		expect(main.map(({ json }) => json.prompt)).toEqual(['b']);
		expect(failed.map(({ json }) => json.prompt)).toEqual(['a']);
		expect(workbench.asked).toEqual(['b']);
	});

	test('and row 0 decides whatever else it can', async () => {
		const { main, failed } = await run({
			items: [...items, { json: { prompt: 'c' } }],
			parameters: {
				options: {
					timeout: first('60'),
					maxCost: "={{ $json.prompt === 'a' ? 0.04 : 100 }}",
					concurrency: 1,
				},
			},
			settings: split,
		});
		expect(main.map(({ json }) => json.prompt)).toEqual(['b']);
		expect(generations(failed).map(({ status }) => status)).toEqual(['failed', 'notStarted']);
	});

	test('an option of each row concerns that row', async () => {
		const { main, failed } = await run({
			items,
			parameters: { options: { systemInstruction: first("'In ink'") } },
			settings: split,
		});
		expect([main.length, failed.length]).toEqual([1, 1]);
	});
});

describe('more than a run can hold', () => {
	test('600 rows of 1,000 images are refused with advice', async () => {
		const { error } = await run({
			items: Array.from({ length: 600 }, (_, row) => ({ json: { prompt: `${row}` } })),
			parameters: { numberOfImages: 1000 },
		});
		expect(error!.message).toMatch(/more than 20000 images.*Loop Over Items/);
		expect(workbench.asked).toEqual([]);
	});

	test('20,001 images of one row too', async () => {
		const { error } = await run({ parameters: { numberOfImages: 20_001 } });
		expect(error!.message).toMatch(/20001, and 1000 is the most for one item.*Loop Over Items/);
		expect(workbench.asked).toEqual([]);
	});

	test('100,000 rows let n8n breathe', async () => {
		/** The rows that the node looks at before n8n has its turn again, but for the first, which decides for all. */
		let looked = new Set<number>();
		const { node } = workbench.bench;
		const execute = node.execute!;
		const spy = jest.spyOn(node, 'execute').mockImplementation(function (this: IExecuteFunctions) {
			const getNodeParameter = (name: string, item: number, ...more: never[]) => {
				if (item > 0) looked.add(item);
				return this.getNodeParameter(name, item, ...more);
			};
			const watched = Object.create(this, { getNodeParameter: { value: getNodeParameter } });
			return execute.call(watched as IExecuteFunctions);
		});
		const items = Array.from({ length: 100_000 }, (_, row) => ({ json: { prompt: `${row}` } }));
		const running = workbench.bench.start(
			workbench.job({ items, settings: { onError: 'continueRegularOutput' } }),
		);
		let isOver = false;
		const over = running.promise.finally(() => (isOver = true));
		const steps: number[] = [];
		while (!isOver && steps.length < 200) {
			await new Promise((turn) => setImmediate(turn));
			if (looked.size > 0) steps.push(looked.size);
			looked = new Set();
		}
		const wasOver = isOver;
		running.cancel();
		await over;
		spy.mockRestore();
		expect(wasOver).toBe(false);
		expect(steps).toHaveLength(200);
		expect(Math.max(...steps)).toBeLessThanOrEqual(20);
	});
});

describe('values as tables write them', () => {
	test.each<[string, string, string]>([
		['a time of day', '16:09', '16:9'],
		['a time of day with seconds', '16:09:00', '16:9'],
		['an x', '16x9', '16:9'],
		['a colon as Chinese is written with', '16：9', '16:9'],
		['a slash', '16/9', '16:9'],
		['a label', '16:9 (widescreen)', '16:9'],
		['an early time', '4:03:00', '4:3'],
		['half a day', '9:16:00 AM', '9:16'],
		['a time in the evening', '4:09 pm', '16:9'],
		['a part of a day', '0.672916666666667', '16:9'],
		['a date of a table', '1899-12-30T16:09:00.000Z', '16:9'],
	])('%s for a ratio', async (_, aspectRatio, expected) => {
		const { main } = await run({ parameters: { aspectRatio } });
		expect(generations(main)).toMatchObject([{ status: 'ok', aspectRatio: expected }]);
	});

	test.each([
		['2k', '2K'],
		[' 4 K ', '4K'],
		['Automatic', 'auto'],
	])('the size %j', async (imageSize, expected) => {
		const { main } = await run({ parameters: { imageSize, simplify: false } });
		expect(generations(main)).toMatchObject([{ status: 'ok', imageSize: expected }]);
	});

	test.each([
		['={{ "Closest to Width X Height" }}', '16:9'],
		['automatic', 'auto'],
	])('the label %s', async (aspectRatio, expected) => {
		const { main } = await run({ parameters: { aspectRatio, width: 1600, height: 900 } });
		expect(generations(main)).toMatchObject([{ status: 'ok', aspectRatio: expected }]);
	});

	test.each<[string, IDataObject, RegExp]>([
		['an object in a text', { prompt: '=A cat and {{ { a: 1 } }}' }, /^Prompt is an object/],
		['a list of objects', { prompt: '={{ [{ a: 1 }] }}' }, /^Prompt is an object/],
		['an object for a name', { fileName: '={{ { a: 1 } }}' }, /^File Name is an object/],
		['a model with a character that no URL holds', { model: 'a\ud83db' }, /^The model name/],
		['a model with an ampersand', { model: 'a&b' }, /^The model name/],
	])('%s gets a sentence', async (_, { model, ...parameters }, sentence) => {
		const { error } = await run({
			parameters: {
				...parameters,
				...(model && { model: { __rl: true, mode: 'id', value: model } }),
			},
		});
		expect(error!.message).toMatch(sentence);
		expect(workbench.asked).toEqual([]);
	});
});

describe('a credential that depends on the row', () => {
	const credentialOf = ({ client }: IDataObject) => ({
		endpoints: {
			endpoint1: {
				apiKeys: client === 'none' ? '' : `${KEY.slice(0, -1)}${client}`,
				baseUrl: workbench.emulator.url,
			},
		},
	});
	const items = ['A', 'B', 'A', 'none'].map((client, row) => ({
		json: { prompt: `${row}`, client },
	}));

	test('each row is drawn with its own key, and one without fails alone', async () => {
		const { main, failed } = await run({ items, credentialOf, settings: split });
		expect(main.map(({ json }) => json.client)).toEqual(['A', 'B', 'A']);
		const keys = workbench.emulator.requests.map(({ prompt, key }) => [prompt, key!.slice(-1)]);
		expect(Object.fromEntries(keys)).toEqual({ 0: 'A', 1: 'B', 2: 'A' });
		expect(messages(failed)).toEqual([expect.stringMatching(/^Endpoint 1 has no API key/)]);
	});

	test.each([
		[1, 1],
		[4, 4],
	])('Images at Once %i holds for all keys together', async (concurrency, most) => {
		workbench.emulator.faults.add({ match: { prompt: 'slow' }, reply: { delayMs: 100 } });
		const { main } = await run({
			items: [...'ABCCCCCCCC'].map((client) => ({ json: { prompt: 'slow', client } })),
			credentialOf,
			parameters: { options: { concurrency } },
		});
		expect(main).toHaveLength(10);
		expect(Math.max(...workbench.emulator.requests.map(({ inFlight }) => inFlight))).toBe(most);
	});

	test('under "Stop", what one key comes to stops the others too', async () => {
		workbench.emulator.faults.add({ match: { prompt: '1' }, reply: { delayMs: 300 } });
		const many = Array.from({ length: 8 }, (_, row) => ({
			json: { prompt: row === 0 ? 'a [refuse]' : '1', client: row % 2 ? 'B' : 'A' },
		}));
		const { error } = await run({
			items: many,
			credentialOf,
			parameters: { options: { concurrency: 2 } },
		});
		expect(error!.context).toMatchObject({ itemIndex: 0 });
		expect(workbench.asked.length).toBeLessThan(5);
	});
});
