import { createHash } from 'node:crypto';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { generations, rows, useWorkbench } from './workbench';

const workbench = useWorkbench();
const { run } = workbench;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const bodyOf = (place = 0) => workbench.emulator.requests[place]!.body as IDataObject;

const PIXEL =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const photo = (fileName: string, mimeType = 'image/png') => ({ data: PIXEL, mimeType, fileName });

describe('what is asked for', () => {
	const imageConfig = (wanted: IDataObject) => ({ generationConfig: { imageConfig: wanted } });
	test.each<[string, IDataObject, IDataObject]>([
		['one ratio', { aspectRatio: '16:9' }, imageConfig({ aspectRatio: '16:9' })],
		[
			'closest to a size',
			{ aspectRatio: 'fromSize', width: 1200, height: 630 },
			imageConfig({ aspectRatio: '16:9' }),
		],
		['resolution', { imageSize: '2K' }, imageConfig({ imageSize: '2K' })],
		[
			'text too',
			{ options: { includeText: true } },
			{ generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } },
		],
		[
			'system instruction',
			{ options: { systemInstruction: 'Flat colours' } },
			{ systemInstruction: { parts: [{ text: 'Flat colours' }] } },
		],
		['search', { options: { googleSearch: true } }, { tools: [{ googleSearch: {} }] }],
		[
			'thinking',
			{ options: { thinkingLevel: 'medium' } },
			{ generationConfig: { thinkingConfig: { thinkingLevel: 'MEDIUM' } } },
		],
		[
			'service tier',
			{
				model: { __rl: true, mode: 'id', value: 'gemini-3-pro-image' },
				options: { serviceTier: 'flex' },
			},
			{ serviceTier: 'flex' },
		],
		[
			'fields of a future API, as JSON text',
			{ options: { additionalFields: '{"generationConfig": {"temperature": 0.5}, "next": 1}' } },
			{ generationConfig: { temperature: 0.5 }, next: 1 },
		],
		[
			'fields of a future API, as an object',
			{ options: { additionalFields: { safetySettings: [] } } },
			{ safetySettings: [] },
		],
	])('%s', async (_, parameters, expected) => {
		const { main } = await run({ parameters });
		expect(generations(main)).toMatchObject([{ status: 'ok' }]);
		expect(bodyOf()).toMatchObject(expected);
	});

	test('nothing that the user did not set is sent', async () => {
		await run({});
		expect(bodyOf()).toEqual({
			contents: [{ role: 'user', parts: [{ text: 'a cat' }] }],
			generationConfig: { responseModalities: ['IMAGE'] },
		});
	});

	test.each([
		['from the list', { mode: 'list', value: 'gemini-3-pro-image' }],
		['by ID', { mode: 'id', value: 'models/gemini-3-pro-image' }],
		['by expression', { mode: 'id', value: '={{ "gemini-3-pro-image" }}' }],
	])('the model %s', async (_, model) => {
		const { main } = await run({ parameters: { model: { __rl: true, ...model } } });
		expect(workbench.emulator.requests.map((request) => request.model)).toEqual([
			'gemini-3-pro-image',
		]);
		expect(generations(main)).toMatchObject([{ model: 'gemini-3-pro-image' }]);
	});

	test('an empty model is the default one', async () => {
		const { main } = await run({
			parameters: { model: { __rl: true, mode: 'id', value: '={{ $json.missing }}' } },
		});
		expect(generations(main)).toMatchObject([{ model: 'gemini-nano-banana-2.1' }]);
	});

	test('everything but what item 0 decides may differ by item', async () => {
		const items = [
			{ json: { prompt: 'a', ratio: '1:1', field: 'picture' } },
			{ json: { prompt: 'b', ratio: '9:16', field: 'image' } },
		];
		const { main } = await run({
			items,
			parameters: {
				aspectRatio: '={{ $json.ratio }}',
				options: { binaryPropertyName: '={{ $json.field }}' },
			},
		});
		expect(generations(main).map(({ aspectRatio }) => aspectRatio)).toEqual(['1:1', '9:16']);
		expect(main.map(({ binary }) => Object.keys(binary!))).toEqual([['picture'], ['image']]);
	});

	test('reference images go before the prompt, in the order of their names', async () => {
		const items = [
			{
				json: { prompt: 'put the logo on the shirt' },
				binary: {
					data: photo('shirt.png'),
					logo: photo('logo', 'application/octet-stream'),
				},
			},
		];
		const { main } = await run({ items, parameters: { referenceImages: 'logo, data' } });
		expect((bodyOf().contents as IDataObject[])[0]!.parts).toEqual([
			{ inlineData: { mimeType: 'image/png', data: PIXEL } },
			{ inlineData: { mimeType: 'image/png', data: PIXEL } },
			{ text: 'put the logo on the shirt' },
		]);
		expect(Object.keys(main[0]!.binary!)).toEqual(['data', 'logo']);
		expect(main[0]!.binary!.data!.fileName).toMatch(/^image-/);
	});
});

describe('what comes out', () => {
	test('the server’s bytes, in input order, paired, whatever finished first', async () => {
		const prompts = Array.from({ length: 12 }, (_, index) => `picture ${index}`);
		for (const [index, prompt] of prompts.entries()) {
			workbench.emulator.faults.add({
				match: { prompt: new RegExp(`^${prompt}$`) },
				reply: { delayMs: 200 - 15 * index },
			});
		}
		const { main, hints } = await run({ items: rows(...prompts) });
		expect(main.map(({ json }) => json.prompt)).toEqual(prompts);
		expect(main.map(({ pairedItem }) => pairedItem)).toEqual(prompts.map((_, item) => ({ item })));
		const sent = new Map(
			workbench.emulator.requests.map(({ prompt, images }) => [prompt, images[0]!.sha256]),
		);
		for (const { json, binary } of main) {
			const bytes = await workbench.bench.bytesOf(binary!.data!);
			expect(sha256(bytes)).toBe(sent.get(json.prompt as string));
		}
		expect(hints).toEqual(['12 images made. Estimated cost of this execution so far: $0.4033.']);
	});

	test('simplified facts', async () => {
		const { main } = await run({ executionId: 'e-simple' });
		expect(main[0]!.json).toEqual({
			row: 1,
			prompt: 'a cat',
			generation: {
				status: 'ok',
				code: '',
				message: '',
				fileName: 'image-e-simple-0-0-1.png',
				index: 0,
				model: 'gemini-nano-banana-2.1',
				aspectRatio: 'auto',
				width: 32,
				height: 32,
				estimatedCostUsd: 0.033603,
				text: '',
			},
		});
	});

	test('full facts, and the same names where there is no image', async () => {
		const { main } = await run({
			items: rows('a cat', 'a dog [refuse]'),
			parameters: { simplify: false, options: { includeText: true } },
			settings: { onError: 'continueRegularOutput' },
		});
		const [made, refused] = generations(main);
		expect(made).toMatchObject({
			status: 'ok',
			prompt: 'a cat',
			modelVersion: 'gemini-nano-banana-2.1',
			imageSize: 'auto',
			count: 1,
			mimeType: 'image/png',
			lane: 'Endpoint 1 #1',
			attempts: 1,
			usage: { imageTokens: 1120 },
		});
		expect(made!.bytes).toBe(main[0]!.binary!.data!.bytes);
		expect(made!.durationMs).toEqual(expect.any(Number));
		expect(made!.text).not.toBe('');
		expect(Object.keys(refused!)).toEqual(Object.keys(made!));
		expect(refused).toMatchObject({
			status: 'refused',
			code: 'IMAGE_SAFETY',
			fileName: null,
			index: 0,
			width: null,
			height: null,
			mimeType: null,
			bytes: null,
			text: '',
			prompt: 'a dog [refuse]',
			attempts: 1,
			lane: 'Endpoint 1 #1',
		});
	});

	test('three images of one prompt as three items', async () => {
		const { main } = await run({
			items: rows('a cat', 'a dog'),
			parameters: { numberOfImages: 3, fileName: '={{ $json.prompt }}' },
		});
		expect(main.map(({ json, pairedItem }) => [json.row, pairedItem])).toEqual(
			[1, 1, 1, 2, 2, 2].map((row) => [row, { item: row - 1 }]),
		);
		expect(generations(main).map(({ index, fileName }) => [index, fileName])).toEqual([
			[0, 'a cat-1.png'],
			[1, 'a cat-2.png'],
			[2, 'a cat-3.png'],
			[0, 'a dog-1.png'],
			[1, 'a dog-2.png'],
			[2, 'a dog-3.png'],
		]);
		const images = await Promise.all(
			main.map(({ binary }) => workbench.bench.bytesOf(binary!.data!)),
		);
		expect(new Set(images.map(sha256)).size).toBe(6);
	});

	test('three images of one prompt as one item', async () => {
		const { main } = await run({
			items: rows('a cat', 'a dog'),
			parameters: { numberOfImages: 3, options: { output: 'itemPerPrompt' } },
		});
		expect(main.map(({ binary }) => Object.keys(binary!))).toEqual([
			['data', 'data_1', 'data_2'],
			['data', 'data_1', 'data_2'],
		]);
		const [first] = generations(main);
		expect(first).toMatchObject({ status: 'ok', index: 0, estimatedCostUsd: 0.100809 });
		expect(first!.images).toMatchObject([{ index: 0 }, { index: 1 }, { index: 2 }]);
	});

	test('a reply with extra images keeps them all, and shares its cost', async () => {
		const { main } = await run({
			items: rows('a cat [two]', 'a dog'),
			parameters: { fileName: '={{ $json.prompt }}' },
		});
		expect(generations(main).map(({ index, fileName }) => [index, fileName])).toEqual([
			[0, 'a cat [two].png'],
			[1, 'a cat [two]-2.png'],
			[0, 'a dog.png'],
		]);
		const [one, other] = generations(main);
		expect(one!.estimatedCostUsd).toBe(other!.estimatedCostUsd);
	});

	test('columns and files are passed on, the result wins, and `error` is renamed', async () => {
		const items: INodeExecutionData[] = [
			{
				json: { prompt: 'a cat', generation: 'old', error: 'of yesterday' },
				binary: { data: photo('old.png'), sketch: photo('sketch.png') },
			},
		];
		const { main, runs } = await run({
			items,
			settings: { retryOnFail: true, waitBetweenTries: 0 },
		});
		expect(main[0]!.json).toMatchObject({
			prompt: 'a cat',
			inputError: 'of yesterday',
			generation: { status: 'ok' },
		});
		expect(main[0]!.json).not.toHaveProperty('error');
		expect(main[0]!.binary).toMatchObject({
			data: { mimeType: 'image/png', id: expect.any(String) },
			sketch: { fileName: 'sketch.png' },
		});
		expect(runs).toHaveLength(1);
		expect(workbench.asked).toEqual(['a cat']);
	});

	test('new images come first among the files, since many a node sends the first one', async () => {
		const files = { sketch: photo('sketch.png'), data: photo('old.png') };
		const { main } = await run({
			items: [{ json: { prompt: 'a cat' }, binary: files }],
			parameters: { numberOfImages: 2, options: { output: 'itemPerPrompt' } },
		});
		expect(Object.keys(main[0]!.binary!)).toEqual(['data', 'data_1', 'sketch']);
		expect(main[0]!.binary!.data!.fileName).not.toBe('old.png');
	});

	test('without the other input fields only the result is passed on', async () => {
		const items = [{ json: { prompt: 'a cat' }, binary: { sketch: photo('sketch.png') } }];
		const { main } = await run({
			items,
			parameters: { options: { includeInputFields: false } },
		});
		expect(Object.keys(main[0]!.json)).toEqual(['generation']);
		expect(Object.keys(main[0]!.binary!)).toEqual(['data']);
	});

	test('type and ending follow the bytes', async () => {
		workbench.emulator.faults.add({ match: {}, reply: { fixture: 'ok-wrong-mime.json' } });
		const { main } = await run({ parameters: { fileName: 'photo.jpeg' } });
		expect(main[0]!.binary!.data).toMatchObject({ mimeType: 'image/png', fileName: 'photo.png' });
	});
});

test('a workflow may keep its files within the columns', async () => {
	const first = await run({
		binaryMode: 'combined',
		items: rows('a cat', 'a dog [refuse]'),
		settings: { onError: 'continueErrorOutput' },
	});
	const { _files: files } = first.main[0]!.json as { _files: IDataObject };
	expect(files).toMatchObject({ data: { mimeType: 'image/png' } });
	expect(generations(first.failed)).toMatchObject([{ code: 'IMAGE_SAFETY' }]);

	const items = [{ json: { prompt: 'with a hat', _files: files } }];
	const { main } = await run({
		binaryMode: 'combined',
		items,
		parameters: { referenceImages: '_files.data' },
	});
	expect(generations(main)).toMatchObject([{ status: 'ok' }]);
	const { parts } = (bodyOf(2).contents as { parts: IDataObject[] }[])[0]!;
	expect(parts).toMatchObject([{ inlineData: { mimeType: 'image/png' } }, { text: 'with a hat' }]);
});

test('checking the API keys makes one item per key and no image', async () => {
	workbench.emulator.faults.add({
		match: { key: 'second', action: 'models' },
		reply: { fixture: 'bad-key.json' },
	});
	const { main } = await run({
		items: rows('a', 'b'),
		parameters: { operation: 'checkEndpoints' },
		credential: {
			endpoints: {
				endpoint2: { apiKeys: 'first\nsecond', baseUrl: workbench.emulator.url },
				endpoint7: { apiKeys: 'third', baseUrl: 'http://127.0.0.1:9' },
			},
		},
	});
	expect(main.map(({ json }) => json)).toMatchObject([
		{ lane: 'Endpoint 2 #1', endpoint: 'Endpoint 2', ok: true, status: 200 },
		{ lane: 'Endpoint 2 #2', endpoint: 'Endpoint 2', ok: false, status: 400 },
		{ lane: 'Endpoint 7 #1', endpoint: 'Endpoint 7', ok: false, status: null },
	]);
	for (const { json } of main) {
		expect(Object.keys(json)).toEqual(['lane', 'endpoint', 'ok', 'status', 'message', 'latencyMs']);
	}
	expect(workbench.asked).toEqual([]);
});

describe('as the tool of an AI agent', () => {
	test('it answers compact JSON, also where there is no image', async () => {
		const answers = await workbench.bench.runAsTool(
			{
				credential: workbench.credential(),
				parameters: { prompt: "={{ $fromAI('prompt') }}", fileName: 'cat' },
			},
			[{ prompt: 'a cat' }, { prompt: 'a cat [refuse]' }],
		);
		expect(answers).toEqual([
			[
				{
					status: 'ok',
					fileName: 'cat.png',
					index: 0,
					model: 'gemini-nano-banana-2.1',
					aspectRatio: 'auto',
					width: 32,
					height: 32,
					estimatedCostUsd: 0.033603,
				},
			],
			[expect.objectContaining({ status: 'refused', code: 'IMAGE_SAFETY' })],
		]);
	});
});
