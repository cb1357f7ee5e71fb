import type { IDataObject, INodeExecutionData, OnError } from 'n8n-workflow';
import { generations, KEY, rows, useWorkbench } from './workbench';

const workbench = useWorkbench();
const { run } = workbench;
afterEach(() => jest.restoreAllMocks());

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';
const split = { onError: 'continueErrorOutput' as OnError };
const names = (items: readonly INodeExecutionData[]) =>
	generations(items).map(({ fileName }) => fileName);

/** n8n's storage refuses its next `times` files. */
function refuseStoring(times: number) {
	const { files } = workbench.bench;
	const store = files.store.bind(files);
	let refused = 0;
	jest.spyOn(files, 'store').mockImplementation(async (...file) => {
		if (refused++ < times) throw new Error('no space left on device');
		return await store(...file);
	});
}

describe('an image that n8n does not store', () => {
	test('is stored at the second try', async () => {
		refuseStoring(1);
		const { main } = await run({ settings: split });
		expect(generations(main)).toMatchObject([{ status: 'ok' }]);
		expect(workbench.asked).toHaveLength(1);
	});

	test('is told with all that is known of it, and what it cost', async () => {
		refuseStoring(2);
		const { failed, hints } = await run({ parameters: { simplify: false }, settings: split });
		expect(generations(failed)).toMatchObject([
			{
				status: 'failed',
				code: 'notStored',
				message: expect.stringContaining('(no space left on device). Check n8n'),
				estimatedCostUsd: 0.033603,
				attempts: 1,
				lane: 'Endpoint 1 #1',
			},
		]);
		expect(hints[0]).toContain('$0.0336');
	});

	test('costs no other image of the same reply', async () => {
		refuseStoring(2);
		workbench.emulator.faults.add({ match: {}, reply: { images: 3 } });
		const { main, failed } = await run({ settings: split });
		expect(generations(main).map(({ status }) => status)).toEqual(['ok', 'ok']);
		expect(generations(failed)).toMatchObject([{ code: 'notStored', index: 2 }]);
	});

	test('ends the run under "Stop", which Retry On Fail goes on with', async () => {
		refuseStoring(2);
		const { main, status } = await run({
			items: rows('a', 'b'),
			parameters: { options: { concurrency: 1 } },
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(status).toBe('success');
		expect(main).toHaveLength(2);
		expect(workbench.asked).toEqual(['a', 'a', 'b']);
	});
});

test('an item without columns costs no image of any', async () => {
	const items = [{ binary: {} } as never, { json: { row: 2 } }];
	for (const onError of ['stopWorkflow', 'continueErrorOutput'] as const) {
		const { main } = await run({ items, parameters: { prompt: 'a cat' }, settings: { onError } });
		expect(generations(main)).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
	}
});

test('what a failed attempt may cost is in the cost of the image, of the run and of its limit', async () => {
	workbench.emulator.faults.add({
		match: { prompt: 'a' },
		times: 2,
		reply: { fixture: 'noimage-text-only.json' },
	});
	const { main, hints } = await run({
		items: rows('a'),
		parameters: { options: { maxRetries: 2, retryDelay: 0 } },
	});
	expect(generations(main)).toMatchObject([{ status: 'ok', estimatedCostUsd: 0.100838 }]);
	expect(hints[0]).toContain('$0.1008');
});

describe('reference images', () => {
	const photo = { data: PNG, mimeType: 'image/png', fileName: 'photo.png' };
	const photos = (count: number) =>
		Array.from({ length: count }, (_, row) => ({
			json: { prompt: `picture ${row}` },
			binary: { photo: { ...photo } },
		}));

	/** Each file takes its time, as files in a cloud do. */
	function slowFiles() {
		const { files } = workbench.bench;
		const buffer = Buffer.from(photo.data, 'base64');
		return jest.spyOn(files, 'getAsBuffer').mockImplementation(async () => {
			await new Promise((resolve) => setTimeout(resolve, 50));
			return buffer;
		});
	}

	test.each<[string, IDataObject]>([
		['the cost limit is reached', { maxCost: 0.04, concurrency: 1 }],
		['the time is over', { stopStartingAfter: 0.3 / 60, concurrency: 1 }],
	])('are not loaded any more once %s', async (_name, options) => {
		workbench.emulator.faults.add({ match: {}, reply: { delayMs: 300 } });
		const loads = slowFiles();
		const { main } = await run({
			items: photos(30),
			parameters: { referenceImages: 'photo', options },
		});
		expect(main).toHaveLength(30);
		expect(loads.mock.calls.length).toBeLessThan(10);
	});

	test('are not loaded any more once the execution is stopped', async () => {
		workbench.emulator.faults.add({ match: {}, reply: { hang: true } });
		const loads = slowFiles();
		const running = workbench.bench.start(
			workbench.job({
				items: photos(30),
				parameters: { referenceImages: 'photo', options: { concurrency: 2 } },
			}),
		);
		while (workbench.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
		const before = loads.mock.calls.length;
		running.cancel();
		expect((await running.promise).status).toBe('canceled');
		expect(loads.mock.calls.length).toBeLessThanOrEqual(before + 4);
	});

	test.each([
		['is empty', { ...photo, data: '' }, /is empty/],
		['does not say what it is', { data: 'AAAA' } as never, /is no image/],
		['is named like something of JavaScript', photo, /has no file in the field "constructor"/],
	])('a file that %s is told as such', async (_name, file, sentence) => {
		const field = String(sentence).includes('constructor') ? 'constructor' : 'photo';
		const { failed } = await run({
			items: [{ json: { prompt: 'a' }, binary: { photo: file } }],
			parameters: { referenceImages: field },
			settings: split,
		});
		expect(generations(failed)[0]!.message).toMatch(sentence);
		expect(workbench.asked).toEqual([]);
	});
});

test('names of extra images stay taken when n8n runs the node again', async () => {
	workbench.emulator.faults.add({ match: { prompt: 'cat' }, reply: { images: 2 } });
	workbench.emulator.faults.add({
		match: { prompt: 'dog' },
		times: 1,
		reply: { fixture: 'noimage-text-only.json', delayMs: 200 },
	});
	const { runs } = await run({
		items: [
			[{ json: { prompt: 'cow', name: 'cat-2' } }],
			[{ json: { prompt: 'cat', name: 'cat' } }, { json: { prompt: 'dog', name: 'dog' } }],
		],
		parameters: { fileName: '={{ $json.name }}' },
		settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
	});
	// n8n runs the last list first.
	expect(runs.map(({ data }) => names(data!.main![0]!))).toEqual([
		['cat.png', 'cat-2.png', 'dog.png'],
		['cat-2-2.png'],
	]);
});

describe('Maximum Cost goes by the size that is really asked for', () => {
	const asking = (imageSize: string) => ({ generationConfig: { imageConfig: { imageSize } } });

	test('where additional fields ask for a larger one', async () => {
		const { main } = await run({
			items: rows('a', 'b', 'c', 'd'),
			parameters: { options: { maxCost: 0.28, additionalFields: asking('4K') } },
		});
		expect(generations(main).filter(({ status }) => status === 'ok')).toHaveLength(2);
		expect(workbench.asked).toHaveLength(2);
	});

	test('and refuses one without a known price', async () => {
		const { error } = await run({
			parameters: { options: { maxCost: 1, additionalFields: asking('8K') } },
		});
		expect(error!.message).toMatch(/price .* is not known/);
		expect(workbench.asked).toEqual([]);
	});
});

describe('what an expression gives', () => {
	test.each<[string, IDataObject, RegExp]>([
		['an object for a prompt', { prompt: '={{ { a: 1 } }}' }, /^Prompt is an object/],
		['a number of images', { numberOfImages: '={{ 0 }}' }, /^Number of Images must be/],
	])('%s is refused, naming the item', async (_name, parameters, sentence) => {
		const { error } = await run({ parameters });
		expect(error!.message).toMatch(sentence);
		expect(error!.context).toMatchObject({ itemIndex: 0 });
	});

	test('a date names a file', async () => {
		const { main } = await run({
			parameters: { fileName: '={{ DateTime.fromISO("2026-11-24") }}' },
		});
		expect(names(main)[0]).toMatch(/^2026-11-24T/);
	});
});

test('no key comes out, wherever an endpoint writes it', async () => {
	const parts = [{ inlineData: { data: PNG } }, { text: `Made for ${KEY}` }];
	const bodies = [
		{ candidates: [{ content: { parts } }], modelVersion: `m for ${KEY}` },
		{ promptFeedback: { blockReason: `BLOCKED for ${KEY}`, blockReasonMessage: KEY } },
		{ error: { code: 400, message: KEY, status: KEY } },
	];
	bodies.forEach((body, row) =>
		workbench.emulator.faults.add({
			match: { prompt: `picture ${row}` },
			reply: { status: 200, body },
		}),
	);
	// `run` looks for the key in all that n8n writes down.
	const { main, failed } = await run({
		items: rows(...bodies.map((_, row) => `picture ${row}`)),
		parameters: { simplify: false },
		settings: split,
	});
	expect([main.length, failed.length]).toEqual([1, 2]);
	expect(generations(main)[0]!.modelVersion).toBe('m for [Endpoint 1 #1]');
});

describe('Check API Keys', () => {
	const parameters = { operation: 'checkEndpoints' };

	/** What was learned of a key holds for the whole process. */
	const keyedBy = (name: string) => ({
		endpoints: { endpoint1: { apiKeys: `${KEY}-${name}`, baseUrl: workbench.emulator.url } },
	});

	test('opens a lane that was left alone for something a person has mended since', async () => {
		const credential = keyedBy('mended');
		const mend = workbench.emulator.faults.add({
			match: { action: 'generateContent' },
			reply: { fixture: 'billing.json' },
		});
		const settings = { onError: 'continueRegularOutput' as const };
		const draw = async () =>
			(await run({ items: rows('a cat', 'a dog'), credential, settings })).main;
		expect(generations(await draw()).map(({ code }) => code)).toEqual(['billing', 'billing']);
		const told = (await run({ parameters, credential })).main[0]!.json;
		expect(told).toMatchObject({ ok: true, message: expect.stringMatching(/^The key works\./) });
		mend();
		expect(generations(await draw()).map(({ status }) => status)).toEqual(['ok', 'ok']);
		expect(workbench.asked).toHaveLength(4);
	});

	test('tells what the pool has learned of each lane', async () => {
		const credential = keyedBy('limited');
		workbench.emulator.faults.add({
			match: { action: 'generateContent' },
			reply: { throttle: { perMinute: 2, windowMs: 1500 } },
		});
		const items = rows('a', 'b', 'c', 'd');
		expect(
			generations((await run({ items, credential })).main).map(({ status }) => status),
		).toEqual(Array(4).fill('ok'));
		const { message } = (await run({ parameters, credential })).main[0]!.json;
		expect(message).toMatch(
			/^The key works\. gemini-nano-banana-2\.1: it has let through .*2 in 2 s\. /,
		);
	});

	test.each<OnError>(['continueRegularOutput', 'continueErrorOutput'])(
		'tells of a credential that cannot work (%s)',
		async (onError) => {
			const { main } = await run({
				parameters,
				credential: { endpoints: { endpoint1: { apiKeys: '' } } },
				settings: { onError },
			});
			expect(main.map(({ json }) => json)).toEqual([
				expect.objectContaining({ ok: false, message: expect.stringMatching(/has no API key/) }),
			]);
		},
	);
});
