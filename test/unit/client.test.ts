import { setTimeout as sleep } from 'node:timers/promises';
import { fetch as undiciFetch } from 'undici';
import {
	createGemini,
	ImageNotMade,
	RequestInvalid,
	SettingsInvalid,
	type GeminiOptions,
	type GenerateInput,
} from 'gemini-t2i';
import { startEmulator, type Emulator } from '../support/emulator/emulator';

let emulator: Emulator;
beforeEach(async () => {
	emulator = await startEmulator({ imageSizePx: 16, latencyMs: 50 });
});
afterEach(() => emulator.close());

const PROMPT = 'A lighthouse at dawn';
/** What was sent for, in order. */
const prompts = () => emulator.requests.map(({ prompt }) => prompt);
const open = (options: GeminiOptions = {}) =>
	createGemini({ apiKeys: 'k', baseUrl: emulator.url, retryDelayMs: 1, ...options });

test('an image, and what it took', async () => {
	const made = await open().generateImage({ prompt: PROMPT });
	expect(made).toMatchObject({
		image: { mimeType: 'image/png', extension: 'png', width: 16, height: 16 },
		text: '',
		lane: 'Endpoint 1 #1',
		costUsd: expect.closeTo(0.0336, 4) as number,
		attempts: [{ lane: 'Endpoint 1 #1', outcome: 'images', status: 200 }],
		saved: [undefined],
	});
	expect(made.images).toEqual([made.image]);
	expect(prompts()).toEqual([PROMPT]);
});

test('keys in a list, endpoints with keys, limits and weights of their own', async () => {
	await open({ apiKeys: ['a', 'b'] }).generateImage({ prompt: 'one' });
	const endpoints = [
		{ apiKeys: ['c'], baseUrl: `${emulator.url}/proxy/v1`, rateLimit: 60, weight: 2 },
		{ apiKeys: 'd', baseUrl: emulator.url, apiVersion: 'v1alpha', weight: 0 },
	] as const;
	const { lane } = await createGemini({ endpoints }).generateImage({ prompt: 'two' });
	expect(lane).toBe('Endpoint 1 #1');
	expect(emulator.requests.map(({ path }) => path.split('/models')[0])).toEqual([
		'/v1beta',
		'/proxy/v1',
	]);
});

test.each<[string, GeminiOptions, RegExp]>([
	['no key', { apiKeys: undefined }, /^Endpoint 1 has no API key/],
	['a list without a key', { apiKeys: [] }, /^Endpoint 1 has no API key/],
	[
		'no endpoint',
		{ endpoints: [], apiKeys: undefined },
		/no endpoint yet\. Give createGemini one, with its apiKeys\.$/,
	],
	[
		'an endpoint without a key',
		{ apiKeys: undefined, endpoints: [{ apiKeys: 'secret-1' }, { baseUrl: 'http://a.test' }] },
		/^Endpoint 2 has no API key/,
	],
	[
		'keys beside endpoints',
		{ endpoints: [{ apiKeys: 'secret-1' }] },
		/either apiKeys or endpoints/,
	],
	['an address that is none', { baseUrl: 'a.test' }, /^Endpoint 1: .*full address/],
])('%s: refused with a sentence', (_, options, message) => {
	const create = () => open(options);
	expect(create).toThrow(SettingsInvalid);
	expect(create).toThrow(message);
	expect(create).not.toThrow(/secret/);
});

const GIF = Buffer.from('GIF89a\x10\0\x10\0\0\0\0;', 'latin1');
const box = (name: string, content: string): string =>
	`\0\0\0${String.fromCharCode(content.length + 8)}${name}${content}`;
const extents = box('ispe', '\0\0\0\0\0\0\0\x10\0\0\0\x10');
const HEIC = Buffer.from(
	box('ftyp', 'heic\0\0\0\0') + box('meta', `\0\0\0\0${box('iprp', box('ipco', extents))}`),
	'latin1',
);
/** As a caller without types may ask. */
const untyped = (fields: object) => ({ prompt: PROMPT, ...fields }) as GenerateInput;

test('a HEIC picture to work from is taken, as everywhere else', async () => {
	await open().generateImage({ prompt: PROMPT, referenceImages: [HEIC] });
	expect(JSON.stringify(emulator.requests[0]?.body)).toContain('image/heic');
});

test('what is null counts as not given', async () => {
	await open().generateImage(untyped({ model: null, aspectRatio: null, referenceImages: null }));
	expect(prompts()).toEqual([PROMPT]);
});

test.each<[string, GenerateInput, RegExp]>([
	['an empty prompt', { prompt: ' ' }, /prompt/],
	['a ratio the model lacks', { prompt: PROMPT, aspectRatio: '7:3' }, /7:3/],
	[
		'bytes that are no image',
		{ prompt: PROMPT, referenceImages: [Buffer.from('a')] },
		/^Reference image 1/,
	],
	['a GIF, which Gemini does not take', { prompt: PROMPT, referenceImages: [GIF] }, /PNG.*HEIC/],
	['a path in place of bytes', untyped({ referenceImages: ['a.png'] }), /^Reference image 1/],
	['one image without a list', untyped({ referenceImages: GIF }), /^referenceImages .*list/],
	['no request', undefined as unknown as GenerateInput, /prompt/],
	['a request without a prompt', {} as GenerateInput, /^prompt must be a text/],
	['a number as prompt', untyped({ prompt: 5 }), /^prompt must be a text/],
	['a number as model', untyped({ model: 5 }), /^model must be a text/],
	['a number as ratio', untyped({ aspectRatio: 1 }), /^aspectRatio must be a text/],
	['a number as size', untyped({ imageSize: 512 }), /^imageSize must be a text/],
	['a text as width', untyped({ width: '512' }), /^width must be a number/],
	['a text as switch', untyped({ includeText: 'no' }), /^includeText must be true or false/],
	['a text as fields', untyped({ additionalFields: '{}' }), /^additionalFields must be an object/],
])('%s: refused before any call', async (_, input, message) => {
	const drawing = open().generateImage(input);
	await expect(drawing).rejects.toThrow(RequestInvalid);
	await expect(drawing).rejects.toThrow(message);
	expect(emulator.requests).toEqual([]);
});

test.each([
	['[refuse]', { status: 'refused', code: 'IMAGE_SAFETY' }],
	['[bad-key]', { status: 'failed', code: 'badKey' }],
])('%s: no image, and why', async (words, why) => {
	const thrown: unknown = await open()
		.generateImage({ prompt: `a cat ${words}` })
		.catch((reason: unknown) => reason);
	expect(thrown).toBeInstanceOf(ImageNotMade);
	expect(thrown).toMatchObject({
		...why,
		name: 'ImageNotMade',
		message: expect.stringMatching(/\.$/) as string,
		account: { lane: 'Endpoint 1 #1', attempts: [{ lane: 'Endpoint 1 #1' }] },
	});
});

test.each<[string, GeminiOptions, string]>([
	['15 minutes where nothing is said', {}, '900'],
	['what was set', { timeoutMs: 120_000 }, '120'],
])('an attempt of the tier flex has %s', async (_, options, seconds) => {
	const gemini = open(options);
	const request = { model: 'gemini-3-pro-image', prompt: PROMPT, serviceTier: 'flex' };
	await gemini.generateImage(request);
	await gemini.generateImage(request, { signal: new AbortController().signal });
	const told = emulator.requests.map(({ headers }) => headers['x-server-timeout']);
	expect(told).toEqual([seconds, seconds]);
});

test('a number that cannot work is refused at once', () => {
	expect(() => open({ timeoutMs: 0 })).toThrow(RangeError);
	expect(() => open({ maxRetries: -1 })).toThrow(RangeError);
});

test('a reference image is given as its bytes', async () => {
	const { image } = await open().generateImage({ prompt: 'a cat' });
	await open().generateImage({ prompt: 'another', referenceImages: [image.data] });
	expect(JSON.stringify(emulator.requests[1]!.body)).toContain(image.data.toString('base64'));
});

test('each image is saved while its call holds its place', async () => {
	const gemini = open({ concurrency: 1 });
	const seen: Array<[string, number, number]> = [];
	const draw = (prompt: string) =>
		gemini.generateImage(
			{ prompt },
			{
				save: async ({ extension }, index) => {
					await sleep(50);
					seen.push([prompt, index, emulator.requests.length]);
					return `${prompt}-${index}.${extension}`;
				},
			},
		);
	const [first, second] = await Promise.all([draw('a [two]'), draw('b')]);
	expect(first.saved).toEqual(['a [two]-0.png', 'a [two]-1.png']);
	expect(second.saved).toEqual(['b-0.png']);
	expect(seen).toEqual([
		['a [two]', 0, 1],
		['a [two]', 1, 1],
		['b', 0, 2],
	]);
});

test('what save rejects with is passed on, and the next image is made', async () => {
	const gemini = open({ concurrency: 1 });
	const full = new Error('disk full');
	const drawing = gemini.generateImage({ prompt: 'a' }, { save: () => Promise.reject(full) });
	await expect(drawing).rejects.toBe(full);
	await expect(gemini.generateImage({ prompt: 'b' })).resolves.toMatchObject({ text: '' });
});

test.each(['in flight', 'waiting'])('a request of its own is ended %s, no other', async (where) => {
	const gemini = open({ concurrency: 1 });
	const stop = new AbortController();
	const other = () => gemini.generateImage({ prompt: 'other' });
	const own = () => gemini.generateImage({ prompt: 'a [slow]' }, { signal: stop.signal });
	const [ended, others] = where === 'waiting' ? swap(other(), own()) : [own(), other()];
	await sleep(20);
	stop.abort(new Error('enough'));
	await expect(ended).rejects.toThrow('enough');
	await expect(others).resolves.toMatchObject({ lane: 'Endpoint 1 #1' });
});
const swap = <A, B>(a: A, b: B): [B, A] => [b, a];

test('the client’s signal ends everything', async () => {
	const stop = new AbortController();
	const gemini = open({ concurrency: 1, signal: stop.signal });
	const all = ['a [slow]', 'b', 'c'].map((prompt) => gemini.generateImage({ prompt }));
	await sleep(20);
	stop.abort(new Error('enough'));
	for (const each of all) await expect(each).rejects.toThrow('enough');
	await expect(gemini.generateImage({ prompt: 'd' })).rejects.toThrow('enough');
	expect(emulator.requests).toHaveLength(1);
});

const NOT_STARTED = {
	status: 'notStarted',
	message: 'Not started, since the client was closed.',
	account: { attempts: [], costUsd: 0 },
};

test('closed: what is in flight is finished, all else settles as not started', async () => {
	const gemini = open({ concurrency: 1 });
	const saved: string[] = [];
	const flying = gemini.generateImage(
		{ prompt: 'in flight' },
		{ save: ({ extension }) => saved.push(extension) },
	);
	const waiting = gemini.generateImage({ prompt: 'waiting' });
	const { signal } = new AbortController();
	const alone = gemini.generateImage({ prompt: 'waiting' }, { signal });
	await sleep(20);
	const closed = gemini.close();
	const meanwhile = gemini.generateImage({ prompt: 'meanwhile' });
	for (const each of [waiting, alone, meanwhile])
		await expect(each).rejects.toMatchObject(NOT_STARTED);
	expect(saved).toEqual([]);
	await closed;
	expect(saved).toEqual(['png']);
	await expect(flying).resolves.toMatchObject({ saved: [1] });
	for (const options of [{}, { signal }])
		await expect(gemini.generateImage({ prompt: 'later' }, options)).rejects.toMatchObject(
			NOT_STARTED,
		);
	await gemini.close();
	expect(prompts()).toEqual(['in flight']);
});

test('a block that ends closes its client', async () => {
	const all: Array<Promise<unknown>> = [];
	{
		using gemini = open({ concurrency: 1 });
		all.push(gemini.generateImage({ prompt: 'a' }), gemini.generateImage({ prompt: 'b' }));
		await sleep(20);
	}
	await expect(all[1]).rejects.toMatchObject(NOT_STARTED);
	await expect(all[0]).resolves.toMatchObject({ text: '' });
	{
		await using gemini = open();
		all.push(gemini.generateImage({ prompt: 'c' }));
		await sleep(20);
	}
	await expect(all[2]).resolves.toMatchObject({ text: '' });
});

test('clients with the same keys share their limits', async () => {
	const clients = [1, 2, 3].map(() => open({ rateLimit: 2 }));
	const stop = new AbortController();
	const all = clients.map((client) =>
		client.generateImage({ prompt: PROMPT }, { signal: stop.signal }),
	);
	await sleep(300);
	expect(emulator.requests).toHaveLength(2);
	stop.abort(new Error('enough'));
	expect((await Promise.allSettled(all)).map(({ status }) => status).sort()).toEqual([
		'fulfilled',
		'fulfilled',
		'rejected',
	]);
});

test('nothing is started that could cost more than was allowed', async () => {
	const gemini = open({ maxCostUsd: 0.07 });
	const all = await Promise.allSettled(
		[1, 2, 3].map((n) => gemini.generateImage({ prompt: `${n}` })),
	);
	expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
	expect(all[2]).toMatchObject({ reason: { status: 'notStarted', code: 'maxCost' } });
	expect(emulator.requests).toHaveLength(2);
});

test('calls go through the fetch that was given, undici’s too', async () => {
	const seen: string[] = [];
	const gemini = open({
		fetch: (url, init) => {
			seen.push(url);
			return undiciFetch(url, init);
		},
	});
	await gemini.generateImage({ prompt: PROMPT });
	await open({ fetch: undiciFetch }).generateImage({ prompt: PROMPT });
	expect(seen).toEqual([expect.stringContaining(emulator.url)]);
	expect(emulator.requests).toHaveLength(2);
});
