import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { loadImage } from '@napi-rs/canvas';
import { type Emulator, type EmulatorOptions, startEmulator } from '../support/emulator/emulator';
import type { Reply } from '../support/emulator/faults';
import { picture } from '../support/emulator/picture';

const running: Emulator[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
	const emulator = await startEmulator({ imageSizePx: 64, ...options });
	running.push(emulator);
	return emulator;
}

const MODEL = 'gemini-nano-banana-2.1';

interface Ask {
	prompt?: string;
	model?: string;
	key?: string;
	config?: object;
	/** Base64 of an image to work from. */
	photo?: string;
	signal?: AbortSignal;
}

function ask(
	emulator: Emulator,
	{ prompt = 'a cat', model = MODEL, key = 'k', ...rest }: Ask = {},
) {
	return fetch(`${emulator.url}/v1beta/models/${model}:generateContent`, {
		method: 'POST',
		headers: { 'x-goog-api-key': key },
		body: JSON.stringify({
			contents: [
				{
					role: 'user',
					parts: [
						...(rest.photo ? [{ inlineData: { mimeType: 'image/png', data: rest.photo } }] : []),
						{ text: prompt },
					],
				},
			],
			generationConfig: rest.config,
		}),
		signal: rest.signal,
	});
}

async function imagesOf(response: Response): Promise<Buffer[]> {
	const { candidates } = (await response.json()) as any;
	return candidates[0].content.parts
		.filter((part: any) => part.inlineData)
		.map((part: any) => Buffer.from(part.inlineData.data, 'base64'));
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('pictures', () => {
	test('the same prompt gives the same bytes in any emulator, and asked again a picture of its own', async () => {
		const one = await start();
		const other = await start();
		const [first, again] = [await imagesOf(await ask(one)), await imagesOf(await ask(one))];
		expect(await imagesOf(await ask(other))).toEqual(first);
		expect(again).not.toEqual(first);
		expect(await picture({ prompt: 'a cat', longestSide: 64 })).toEqual(first[0]);
		expect(one.requests[0]!.images).toEqual([
			{ sha256: sha256(first[0]!), bytes: first[0]!.length },
		]);
	});

	test.each([
		['1:1', '1K', 1024, 1024],
		['16:9', '1K', 1360, 768],
		['1:8', '512', 176, 1456],
		['21:9', '2K', 3136, 1344],
	])('%s at %s is %i x %i', async (aspectRatio, size, width, height) => {
		const emulator = await start({ imageSizePx: undefined });
		const config = { imageConfig: { aspectRatio, imageSize: size } };
		const [image] = await imagesOf(
			await ask(emulator, { model: 'gemini-3.1-flash-image', config }),
		);
		expect(await loadImage(image!)).toMatchObject({ width, height });
	});

	test('text comes with the image where it is asked for, tokens are counted by modality', async () => {
		const emulator = await start();
		const config = { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { imageSize: '4K' } };
		const reply = (await (await ask(emulator, { config })).json()) as any;
		expect(reply.candidates[0].content.parts.map((part: any) => Object.keys(part)[0])).toEqual([
			'text',
			'inlineData',
		]);
		expect(reply.usageMetadata.candidatesTokensDetails).toEqual([
			{ modality: 'IMAGE', tokenCount: 3780 },
		]);
		expect(reply.modelVersion).toBe(MODEL);
	});
});

describe('requests it rejects, as Google does', () => {
	const rejected: Array<[string, Ask, number, RegExp]> = [
		['no key', { key: '' }, 403, /unregistered callers/],
		['an unknown key', { key: 'unknown' }, 400, /API key not valid/],
		['a model of another kind', { model: 'gemini-embedding-001' }, 404, /not supported for/],
		['an unknown model', { model: 'gemini-none' }, 404, /models\/gemini-none is not found/],
		['a ratio', { config: { imageConfig: { aspectRatio: '7:5' } } }, 400, /aspect_ratio': "7:5"/],
		['a size', { config: { imageConfig: { imageSize: '1k' } } }, 400, /image_size': "1k"/],
		['a seed', { config: { seed: 1 } }, 400, /Seed/],
		['candidates', { config: { candidateCount: 2 } }, 400, /Multiple candidates/],
	];
	test.each(rejected)('%s', async (_, request, status, words) => {
		const emulator = await start({ keys: ['k'] });
		const response = await ask(emulator, request);
		expect(response.status).toBe(status);
		expect(((await response.json()) as any).error.message).toMatch(words);
		expect(emulator.requests[0]!.status).toBe(status);
	});
});

test('models are listed page by page, and one by one', async () => {
	const emulator = await start({ extraModels: ['my-proxy-image'] });
	const get = async (path: string) =>
		(await fetch(`${emulator.url}${path}`)).json() as Promise<any>;
	const names: string[] = [];
	for (let token = ''; token !== undefined;) {
		const page = await get(`/v1/models?key=k&pageSize=4&pageToken=${token}`);
		names.push(...page.models.map((model: any) => model.name));
		token = page.nextPageToken;
	}
	expect(names).toHaveLength(10);
	expect(names).toContain(`models/${MODEL}`);
	expect(await get(`/any/prefix/v1alpha/models/${MODEL}?key=k`)).toMatchObject({
		name: `models/${MODEL}`,
		supportedGenerationMethods: expect.arrayContaining(['generateContent']),
	});
	expect(emulator.requests.at(-1)).toMatchObject({
		key: 'k',
		apiVersion: 'v1alpha',
		action: 'model',
	});
});

describe('the log', () => {
	test('counts calls in flight and starts in a window', async () => {
		const emulator = await start({ latencyMs: 100 });
		await Promise.all(['a', 'b', 'c'].map((prompt) => ask(emulator, { prompt })));
		await ask(emulator, { prompt: 'd', key: 'other' });
		expect(emulator.maxInFlight).toBe(3);
		expect(emulator.requests.map((request) => request.inFlight)).toEqual([1, 2, 3, 1]);
		expect(emulator.startsPerWindow(60_000)).toBe(4);
		expect(emulator.startsPerWindow(60_000, 'k')).toBe(3);
		expect(emulator.startsPerWindow(90)).toBe(3);
	});

	test('tells a client that went away', async () => {
		const emulator = await start();
		emulator.faults.add({ reply: { hang: true } });
		await expect(ask(emulator, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
		while (emulator.requests[0]!.ended === null) await new Promise(setImmediate);
		expect(emulator.requests[0]).toMatchObject({ closedByClient: true, status: null });
	});
});

describe('faults', () => {
	test('rules are asked in order; they match, are spent, and are taken back', async () => {
		const emulator = await start();
		const takeBack = emulator.faults.add({
			match: { key: 'bad' },
			reply: { fixture: 'bad-key.json' },
		});
		emulator.faults.add({
			match: { prompt: /^dog/ },
			times: 1,
			reply: { fixture: 'overloaded.json' },
		});
		emulator.faults.add({
			match: { prompt: 'bird' },
			every: 2,
			reply: { status: 418, body: 'tea' },
		});
		const statuses = async (...asks: Ask[]) => {
			const all: number[] = [];
			for (const one of asks) all.push((await ask(emulator, one)).status);
			return all;
		};
		expect(await statuses({ key: 'bad' }, {})).toEqual([400, 200]);
		expect(await statuses({ prompt: 'dog' }, { prompt: 'dog' })).toEqual([503, 200]);
		expect(await statuses({ prompt: 'bird' }, { prompt: 'bird' })).toEqual([200, 418]);
		takeBack();
		expect(await statuses({ key: 'bad' })).toEqual([200]);
	});

	const broken: Array<[string, Reply]> = [
		['reset', { reset: true }],
		['reset in the body', { cut: 'reset' }],
		['short of its length', { cut: 'length' }],
		['chunked without an end', { cut: 'chunked', cutAt: 0.9 }],
	];
	test.each(broken)('%s', async (_, reply) => {
		const emulator = await start();
		emulator.faults.add({ reply });
		await expect(ask(emulator).then((response) => response.text())).rejects.toThrow();
		expect(emulator.requests[0]!.closedByClient).toBe(false);
	});

	test('a body that ends early as if it were whole, right behind the image', async () => {
		const emulator = await start();
		emulator.faults.add({ reply: { cut: 'end', cutAt: 'afterImage' } });
		const text = await (await ask(emulator)).text();
		expect(text).toMatch(/"data": "[A-Za-z0-9+/=]+"$/);
		const data = /"data": "([^"]+)"/.exec(text)![1]!;
		expect(await loadImage(Buffer.from(data, 'base64'))).toMatchObject({ width: 64, height: 64 });
	});

	test('a body that hangs half-way', async () => {
		const emulator = await start();
		emulator.faults.add({ reply: { cut: 'hang' } });
		const response = await ask(emulator, { signal: AbortSignal.timeout(200) });
		expect(response.status).toBe(200);
		await expect(response.text()).rejects.toThrow();
	});

	const whole: Array<[string, Reply]> = [
		['in drips', { drip: { bytes: 200, everyMs: 1 } }],
		['compressed', { gzip: true }],
		['in one line', { pretty: false }],
		['large', { megabytes: 2 }],
		['late', { delayMs: 50 }],
	];
	test.each(whole)('%s, and yet the picture', async (_, reply) => {
		const emulator = await start();
		emulator.faults.add({ reply });
		const images = await imagesOf(await ask(emulator));
		expect(images.map(sha256)).toEqual(emulator.requests[0]!.images.map((image) => image.sha256));
		expect(await loadImage(images[0]!)).toMatchObject({ width: 64, height: 64 });
		expect(images[0]!.length).toBe(
			reply.megabytes ? 2 * 2 ** 20 : (await picture({ prompt: 'a cat', longestSide: 64 })).length,
		);
	});

	test('compressed bytes are gzip', async () => {
		const emulator = await start();
		emulator.faults.add({
			match: { action: 'models' },
			reply: { status: 200, gzip: true, body: [1] },
		});
		const { get } = await import('node:http');
		const bytes = await new Promise<Buffer>((read) =>
			get(`${emulator.url}/v1/models`, async (reply) => read(Buffer.concat(await reply.toArray()))),
		);
		expect(JSON.parse(gunzipSync(bytes).toString())).toEqual([1]);
	});

	test('calls that are held until they are three', async () => {
		const emulator = await start();
		emulator.faults.add({ times: 3, reply: { gather: 3 } });
		const all = ['a', 'b', 'c'].map((prompt) => ask(emulator, { prompt }));
		expect((await Promise.all(all)).map((reply) => reply.status)).toEqual([200, 200, 200]);
		expect(emulator.maxInFlight).toBe(3);
	});

	test('a redirect', async () => {
		const emulator = await start();
		emulator.faults.add({ times: 1, reply: { redirect: `${emulator.url}/moved` } });
		await ask(emulator);
		expect(emulator.requests.map((request) => [request.path, request.status])).toEqual([
			[`/v1beta/models/${MODEL}:generateContent`, 307],
			['/moved', 404],
		]);
	});

	test('a throttle lets N calls through in a window and says when the next may come', async () => {
		const emulator = await start();
		emulator.faults.add({ reply: { throttle: { perMinute: 2, windowMs: 300 } } });
		const replies = [];
		for (const prompt of ['a', 'b', 'c']) replies.push(await ask(emulator, { prompt }));
		expect(replies.map((reply) => reply.status)).toEqual([200, 200, 429]);
		expect((await ask(emulator, { key: 'another' })).status).toBe(200);
		const { error } = (await replies[2]!.json()) as any;
		const seconds = parseFloat(error.details[1].retryDelay);
		expect(seconds).toBeGreaterThan(0);
		expect(seconds).toBeLessThanOrEqual(0.3);
		expect(error.details[0].violations[0].quotaId).toMatch(/PerMinute/);
		await new Promise((waited) => setTimeout(waited, seconds * 1000));
		expect((await ask(emulator)).status).toBe(200);
	});

	test('chaos is the same for the same seed', async () => {
		const run = async (seed: number) => {
			const emulator = await start();
			const mix = [
				{ probability: 0.4, reply: { fixture: 'overloaded.json' } },
				{ probability: 0.3, reply: { fixture: 'throttled-bare.json' } },
			];
			emulator.faults.add({ reply: { chaos: { seed, mix } } });
			const statuses: number[] = [];
			for (let call = 0; call < 30; call++) statuses.push((await ask(emulator)).status);
			return statuses;
		};
		const first = await run(1);
		expect(new Set(first)).toEqual(new Set([200, 429, 503]));
		expect(await run(1)).toEqual(first);
		expect(await run(2)).not.toEqual(first);
	});

	test.each([
		['a cat [refuse]', [200, 200], /IMAGE_SAFETY/],
		['a cat [daily-quota]', [429, 429], /PerDay/],
		['a cat [500] [once]', [500, 200], /INTERNAL/],
	])('words in the prompt: %s', async (prompt, statuses, words) => {
		const emulator = await start();
		const replies = [await ask(emulator, { prompt }), await ask(emulator, { prompt })];
		expect(replies.map((reply) => reply.status)).toEqual(statuses);
		expect(await replies[0]!.text()).toMatch(words);
	});

	test('an image to work from that is none is a bad request', async () => {
		const reply = await ask(await start(), { photo: Buffer.from('no image').toString('base64') });
		expect(reply.status).toBe(400);
		expect(await reply.text()).toMatch(/Unable to process input image/);
	});

	test('down refuses connections, up is there again on the same port', async () => {
		const emulator = await start();
		await ask(emulator);
		await emulator.down();
		await expect(ask(emulator)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
		await emulator.up();
		expect((await ask(emulator)).status).toBe(200);
	});
});
