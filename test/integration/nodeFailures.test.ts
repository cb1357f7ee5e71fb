import type { IDataObject, IExecuteFunctions, INodeExecutionData, OnError } from 'n8n-workflow';
import { generations, KEY, rows, useWorkbench } from './workbench';

const workbench = useWorkbench();
const { run } = workbench;

/** n8n's own labels hold one of the words that its guide asks to leave out. */
const withoutLabels = (text: string) =>
	text
		.replaceAll('On Error "Continue (using error output)"', '')
		.replaceAll('set On Error to "Continue (using error output)"', '');
const UNWANTED = /error|problem|failure|mistake/i;

const stop = { onError: 'stopWorkflow' as OnError };
const resume = { onError: 'continueRegularOutput' as OnError };
const split = { onError: 'continueErrorOutput' as OnError };
const retry = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };

/** Eight items, five of which come to nothing for reasons of their own. */
const eight: INodeExecutionData[] = [
	{ json: { row: 1, prompt: 'a cat' } },
	{ json: { row: 2, prompt: 'a dog [refuse]' } },
	{ json: { row: 3, prompt: '' } },
	{
		json: { row: 4, prompt: 'a cow' },
		binary: { sketch: { data: 'AA==', mimeType: 'image/png' } },
	},
	{ json: { row: 5, prompt: 'a fox [refused-prompt]' } },
	{ json: { row: 6, prompt: 'a hen [text]' } },
	{ json: { row: 7, prompt: 'an owl', ratio: '7:3' } },
	{ json: { row: 8, prompt: 'a pig' } },
];
const CODES = ['IMAGE_SAFETY', 'badRequest', 'PROHIBITED_CONTENT', 'noImage', 'badRequest'];
const parameters = { aspectRatio: '={{ $json.ratio ?? "auto" }}' };
const rowsOf = (items: readonly INodeExecutionData[]) => items.map(({ json }) => json.row);
/** How often each prompt reached the server. */
const counts = () => {
	const all: Record<string, number> = {};
	for (const prompt of workbench.asked) all[prompt] = (all[prompt] ?? 0) + 1;
	return all;
};
const ONCE_EACH = {
	'a cat': 1,
	'a dog [refuse]': 1,
	'a cow': 1,
	'a fox [refused-prompt]': 1,
	'a hen [text]': 1,
	'a pig': 1,
};

describe.each([
	['without Retry On Fail', {}],
	['with Retry On Fail', retry],
])('eight items, five in vain, %s', (_, again) => {
	test('"Continue (using error output)": 3 at the first output, 5 with all they had at the second', async () => {
		const { main, failed, status } = await run({
			items: eight,
			parameters,
			settings: { ...split, ...again },
		});
		expect(status).toBe('success');
		expect(rowsOf(main)).toEqual([1, 4, 8]);
		expect(generations(main).map((each) => each.status)).toEqual(['ok', 'ok', 'ok']);
		expect(rowsOf(failed)).toEqual([2, 3, 5, 6, 7]);
		expect(generations(failed).map(({ code }) => code)).toEqual(CODES);
		expect(failed.map(({ json }) => json.prompt)).toEqual(
			[1, 2, 4, 5, 6].map((place) => eight[place]!.json.prompt),
		);
		expect(failed.every((item) => !('error' in item) && !('error' in item.json))).toBe(true);
		expect(counts()).toEqual(ONCE_EACH);
	});

	test('"Continue": all eight in order, each with what came of it', async () => {
		const { main, failed, hints } = await run({
			items: eight,
			parameters,
			settings: { ...resume, ...again },
		});
		expect(rowsOf(main)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(generations(main).map((each) => each.status)).toEqual(
			'ok refused failed ok refused failed failed ok'.split(' '),
		);
		expect(failed).toEqual([]);
		expect(main[3]!.binary).toHaveProperty('sketch');
		expect(counts()).toEqual(ONCE_EACH);
		expect(hints).toEqual([
			expect.stringMatching(/^3 images made, 2 refused, 3 failed\. .*Retries per Image.*On Error/),
		]);
	});

	test('"Stop": what cannot be asked is found out before anything is paid for', async () => {
		const { error, status, main } = await run({
			items: eight,
			parameters,
			settings: { ...stop, ...again },
		});
		expect(status).toBe('error');
		expect(error!.message).toMatch(/^Write a prompt/);
		expect(error!.context).toMatchObject({ itemIndex: 2 });
		expect(main).toEqual([]);
		expect(workbench.asked).toEqual([]);
	});
});

test('an n8n that assigns to the `error` of an item may do so', async () => {
	// As n8n up to 1.120 takes it away on the way to the error output.
	const execute = workbench.bench.node.execute!;
	const spy = jest.spyOn(workbench.bench.node, 'execute').mockImplementation(async function (
		this: IExecuteFunctions,
	) {
		const outputs = (await execute.call(this)) as INodeExecutionData[][];
		for (const item of outputs[0]!) item.error = undefined;
		return outputs;
	});
	const { main } = await run({ items: rows('a dog [refuse]', 'a cat'), settings: split });
	spy.mockRestore();
	expect(generations(main).map(({ status }) => status)).toEqual(['refused', 'ok']);
});

test('failed items keep their files', async () => {
	const items = [
		{
			json: { prompt: 'a dog [refuse]' },
			binary: { sketch: { data: 'AA==', mimeType: 'image/png', fileName: 'sketch.png' } },
		},
	];
	const { failed } = await run({ items, settings: split });
	expect(failed[0]!.binary).toMatchObject({ sketch: { fileName: 'sketch.png' } });
});

test('a column `error` is renamed on the way to either output, and never makes n8n run the node again', async () => {
	const items = [
		{ json: { prompt: 'a dog [refuse]', error: 'of yesterday' } },
		{ json: { prompt: 'a cat', error: 'of yesterday' } },
	];
	for (const settings of [resume, split]) {
		const { main, failed } = await run({ items, settings: { ...settings, ...retry } });
		for (const { json } of [...main, ...failed]) {
			expect(json.inputError).toBe('of yesterday');
			expect(json.error).toBeUndefined();
		}
	}
	expect(counts()).toEqual({ 'a dog [refuse]': 2, 'a cat': 2 });
});

describe('On Error "Stop"', () => {
	test('no call is started after one came to nothing, and those in progress are awaited', async () => {
		workbench.emulator.faults.add({ match: { prompt: /slow/ }, reply: { delayMs: 400 } });
		const prompts = ['slow 1', 'slow 2', 'a dog [refuse]', ...'abcdefghij'];
		const { error, hints } = await run({
			items: rows(...prompts),
			parameters: { options: { concurrency: 3 } },
			settings: stop,
		});
		expect([...workbench.asked].sort()).toEqual(['a dog [refuse]', 'slow 1', 'slow 2']);
		expect(workbench.emulator.requests.every(({ closedByClient }) => !closedByClient)).toBe(true);
		expect(error!.message).toMatch(
			/^The model declined .*\(IMAGE_SAFETY\)\. .* 2 images were made/,
		);
		expect(error!.message).toContain('Continue (using error output)');
		expect(error!.context).toMatchObject({ itemIndex: 2 });
		expect(withoutLabels(`${error!.message} ${error!.description}`)).not.toMatch(UNWANTED);
		expect(hints).toEqual([]);
	});

	test.each([
		['bad-key.json', 3, /^No image was made\.$/],
		['refused-image-safety.json', 1, /^No image was made\.$/],
		['refused-image-safety.json', 3, /^No image was made, of 3\. In Settings, set On Error to/],
	])('%s, of %i items: the advice below the message fits', async (fixture, count, advice) => {
		workbench.emulator.faults.add({ match: {}, reply: { fixture } });
		const { error } = await run({ items: rows(...'abc'.slice(0, count)), settings: stop });
		expect(error!.description).toMatch(advice);
		expect(error!.message).not.toMatch(/On Error|Retry On Fail|^Item/);
		expect(withoutLabels(`${error!.message} ${error!.description}`)).not.toMatch(UNWANTED);
	});

	test('one call at a time: nothing follows the refusal', async () => {
		await run({
			items: rows('a', 'b [refuse]', 'c', 'd'),
			parameters: { options: { concurrency: 1 } },
			settings: stop,
		});
		expect(workbench.asked).toEqual(['a', 'b [refuse]']);
	});

	test('Retry On Fail sends no declined prompt again, nor what it had stopped', async () => {
		const { error, status } = await run({
			items: rows('a', 'b [refuse]', 'c'),
			parameters: { numberOfImages: 2, options: { concurrency: 1 } },
			settings: { ...stop, ...retry },
		});
		expect(status).toBe('error');
		expect(counts()).toEqual({ a: 2, 'b [refuse]': 1 });
		expect(error!.message).toMatch(/^The model declined .*IMAGE_SAFETY.* 2 images were made/);
		expect(error!.description).toMatch(/press Retry within a day.*only the missing ones are paid/);
	});

	test('the failed item that comes first in the input is named, not the one that failed first', async () => {
		workbench.emulator.faults.add({
			match: { prompt: 'slow' },
			reply: { delayMs: 300, fixture: 'refused-image-safety.json' },
		});
		const { error } = await run({ items: rows('slow', 'b [refuse]'), settings: stop });
		expect(error!.context).toMatchObject({ itemIndex: 0 });
	});

	test('no retry and no failover is started after a failure', async () => {
		workbench.emulator.faults.add({
			match: { prompt: 'later' },
			reply: { delayMs: 300, status: 500, body: {} },
		});
		await run({
			items: rows('later', 'b [refuse]'),
			parameters: { options: { maxRetries: 5, retryDelay: 0.01 } },
			settings: stop,
		});
		expect(counts()).toEqual({ later: 1, 'b [refuse]': 1 });
	});

	test('Retry On Fail pays only for what is missing', async () => {
		workbench.emulator.faults.add({
			match: { prompt: 'c' },
			times: 1,
			reply: { fixture: 'noimage-text-only.json', delayMs: 100 },
		});
		const { status, main, hints } = await run({
			items: rows('a', 'b', 'c', 'd'),
			parameters: { numberOfImages: 2, fileName: '={{ $json.prompt }}' },
			settings: { ...stop, ...retry },
		});
		expect(status).toBe('success');
		expect(counts()).toEqual({ a: 2, b: 2, c: 3, d: 2 });
		expect(generations(main).map(({ fileName }) => fileName)).toEqual(
			'a-1 a-2 b-1 b-2 c-1 c-2 d-1 d-2'.split(' ').map((stem) => `${stem}.png`),
		);
		for (const { binary } of main) {
			const bytes = await workbench.bench.bytesOf(binary!.data!);
			expect(bytes.length).toBe(binary!.data!.bytes);
		}
		expect(hints[0]).toMatch(/^8 images made\./);
	});
});

describe('what Google says reaches the person who reads it', () => {
	test.each<[string, string, RegExp]>([
		['a dog [refuse]', 'IMAGE_SAFETY', /IMAGE_SAFETY/],
		['a dog [refused-prompt]', 'PROHIBITED_CONTENT', /PROHIBITED_CONTENT/],
		['a dog [text]', 'noImage', /without an image/],
		['a dog [bad-request]', 'badRequest', /Endpoint 1 #1/],
		['a dog [billing]', 'billing', /[Cc]redit/],
		['a papermaker [refuse]', 'IMAGE_SAFETY', /IMAGE_SAFETY/],
	])('%s', async (prompt, code, words) => {
		const { failed } = await run({
			items: rows(prompt),
			settings: split,
			credential: workbench.credential({
				maxConcurrentRequests: 2 + Math.floor(Math.random() * 1e6),
			}),
		});
		const [generation] = generations(failed);
		expect(generation).toMatchObject({ code });
		expect(generation!.message).toMatch(words);
		expect(generation!.message).not.toMatch(UNWANTED);
	});
});

describe('several images of one prompt', () => {
	test('a refusal starts no further sibling, and says so for each', async () => {
		const { main, failed } = await run({
			items: rows('a cat', 'a dog [refuse]'),
			parameters: { numberOfImages: 3, options: { concurrency: 1 } },
			settings: split,
		});
		expect(counts()).toEqual({ 'a cat': 3, 'a dog [refuse]': 1 });
		expect(generations(main).map(({ index }) => index)).toEqual([0, 1, 2]);
		expect(generations(failed).map(({ index, status }) => [index, status])).toEqual([
			[0, 'refused'],
			[1, 'notStarted'],
			[2, 'notStarted'],
		]);
	});

	test('what was made of a prompt is kept where the rest was not', async () => {
		workbench.emulator.faults.add({
			match: {},
			times: 1,
			reply: { fixture: 'noimage-text-only.json' },
		});
		const { main, failed } = await run({
			parameters: { numberOfImages: 3, options: { concurrency: 1, output: 'itemPerPrompt' } },
			settings: split,
		});
		expect(Object.keys(main[0]!.binary!)).toEqual(['data', 'data_1']);
		expect(generations(main)[0]!.images).toMatchObject([{ index: 1 }, { index: 2 }]);
		expect(generations(failed)).toMatchObject([{ index: 0, code: 'noImage' }]);
	});
});

describe('what cannot be asked', () => {
	test.each<[string, IDataObject, RegExp]>([
		['a ratio', { aspectRatio: '1:99' }, /^gemini.*1:99.*Choose one of 1:1, /],
		['a resolution', { imageSize: '512' }, /^gemini.*512.*Choose one of 1K/],
		['a number of images', { numberOfImages: 0 }, /^Number of Images must be a whole number/],
		['too many images', { numberOfImages: 5000 }, /^Number of Images is 5000/],
		['a file that is not there', { referenceImages: 'photo' }, /^The item has no file/],
		[
			'fields that are no JSON',
			{ options: { additionalFields: '{oops' } },
			/must be a JSON object/,
		],
		['a timeout', { options: { timeout: 0 } }, /Timeout \(Seconds\) must be above 0/],
		['a moment', { options: { timeout: 0.0001 } }, /Timeout \(Seconds\).* at least 0\.001\. Usual/],
		[
			'a concurrency',
			{ options: { concurrency: 'many' } },
			/Images at Once must be a whole number/,
		],
		[
			'a price that nobody knows',
			{ model: { __rl: true, mode: 'id', value: 'my-model' }, options: { maxCost: 1 } },
			/^The price of my-model is not known/,
		],
	])('%s is refused before any call, with what to change', async (_, wanted, sentence) => {
		const { error } = await run({ parameters: wanted, settings: stop });
		expect(error!.message).toMatch(sentence);
		expect(error!.message).not.toMatch(UNWANTED);
		expect(workbench.asked).toEqual([]);
	});

	test('a credential that cannot work', async () => {
		const credential = { endpoints: { endpoint1: { apiKeys: KEY + KEY } } };
		const stopped = await run({ credential, settings: stop });
		expect(stopped.error!.message).toBe(
			'Endpoint 1: key #1 looks like several keys without a separator. Put each key on its own line. [item 0]',
		);
		const { main, failed } = await run({ credential, settings: split, items: rows('a', 'b') });
		expect([main, rowsOf(failed)]).toEqual([[], [1, 2]]);
	});

	test('a file that is no image', async () => {
		const file = (mimeType: string) => ({ data: 'AAAA', mimeType, fileName: 'file' });
		const items = [
			{ json: { prompt: 'a' }, binary: { data: file('application/pdf') } },
			{ json: { prompt: 'b' }, binary: { data: file('application/octet-stream') } },
		];
		const { failed } = await run({
			items,
			parameters: { referenceImages: 'data' },
			settings: split,
		});
		expect(generations(failed).map(({ message }) => message)).toEqual([
			expect.stringContaining('"data" holds application/pdf, and an image is needed.'),
			expect.stringContaining('The file in the field "data" is no image.'),
		]);
		expect(workbench.asked).toEqual([]);
	});

	test('an expression that leads nowhere concerns its item only', async () => {
		const { main, failed } = await run({
			items: [{ json: { prompt: 'a cat', nested: { size: '1K' } } }, { json: { prompt: 'a dog' } }],
			parameters: { imageSize: '={{ $json.nested.size }}' },
			settings: split,
		});
		expect(main.length + failed.length).toBe(2);
		expect(generations(main)[0]).toMatchObject({ status: 'ok' });
	});
});

test('one bad key among two costs no image, and is named afterwards', async () => {
	workbench.emulator.faults.add({
		match: { key: 'worn-out-key' },
		reply: { fixture: 'bad-key.json' },
	});
	const { main, hints, text } = await run({
		items: rows(...'abcdef'),
		credential: {
			endpoints: {
				endpoint1: { apiKeys: `worn-out-key\n${KEY}`, baseUrl: workbench.emulator.url },
			},
		},
	});
	expect(generations(main).every((each) => each.status === 'ok')).toBe(true);
	expect(hints[0]).toMatch(/^6 images made\. .*Endpoint 1 #1 is out of use/);
	expect(text).not.toContain('worn-out-key');
});
