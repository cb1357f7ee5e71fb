import { checkLanes } from '../../core/src/call/check';
import { CATALOGUE } from '../../core/src/models/catalogue';
import { listModels } from '../../core/src/call/models';
import type { LaneAddress } from '../../core/src/lane';
import { systemClock, systemHost } from '../../core/src/system';
import { type Emulator, startEmulator } from '../support/emulator/emulator';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({
		keys: ['good', 'better', 'good-and-long'],
		extraModels: ['my-proxy-pro'],
	});
});
afterAll(() => emulator.close());
afterEach(() => {
	emulator.faults.clear();
	emulator.requests.length = 0;
});

const lane = (label: string, key: string, baseUrl = emulator.url): LaneAddress => ({
	label,
	endpoint: label.split(' #')[0]!,
	baseUrl,
	apiVersion: 'v1beta',
	key,
});
const via = (patienceMs = 5000, signal = new AbortController().signal) => ({
	...systemClock,
	...systemHost(signal),
	patienceMs,
});

describe('checkLanes', () => {
	it('asks each lane once, makes no image, and answers in order', async () => {
		const checked = await checkLanes(
			[
				lane('Endpoint 1 #1', 'good'),
				lane('Endpoint 1 #2', 'AIzaBad'),
				lane('Endpoint 2 #1', 'better'),
				lane('Endpoint 3 #1', 'good', 'http://127.0.0.1:49151'),
				lane('Endpoint 4 #1', 'good', `${emulator.url}/nowhere/v7`),
			],
			via(),
		);
		expect(checked.map(({ lane: label, endpoint, ok }) => [label, endpoint, ok])).toEqual([
			['Endpoint 1 #1', 'Endpoint 1', true],
			['Endpoint 1 #2', 'Endpoint 1', false],
			['Endpoint 2 #1', 'Endpoint 2', true],
			['Endpoint 3 #1', 'Endpoint 3', false],
			['Endpoint 4 #1', 'Endpoint 4', expect.any(Boolean)],
		]);
		expect(checked[0]).toMatchObject({ status: 200, message: 'The key works.' });
		expect(checked[1]!.message).toMatch(/key/);
		expect(checked[3]).toMatchObject({ status: null, message: expect.stringMatching(/Base URL/) });
		expect(JSON.stringify(checked)).not.toContain('AIzaBad');
		expect(emulator.requests.every(({ action }) => action === 'models')).toBe(true);
		expect(emulator.requests[0]!.path).toContain('pageSize=1');
	});

	it.each([
		['throttled-minute.json', /wait|minute/],
		['billing.json', /credit/],
		['region.json', /region/],
		['bad-gateway.html', /again/],
		['model-gone.json', /Base URL/],
		['leaked-key.json', /Replace the key/],
		['daily-quota.json', /midnight Pacific/],
		['api-off-reason.json', /Switch on the Generative Language API/],
		['project-denied.json', /^Google has denied its project/],
		['guarded.html', /^A page stands before it/],
	])('says what to do about %s', async (fixture, sentence) => {
		emulator.faults.add({ match: { action: 'models' }, reply: { fixture } });
		const [checked] = await checkLanes([lane('Endpoint 1 #1', 'good')], via());
		expect(checked).toMatchObject({ ok: false, message: expect.stringMatching(sentence) });
		expect(checked!.message).not.toMatch(/error|problem|failure|mistake/i);
	});

	it.each([
		['wrong-path.json', 'Check BASE and VERSION.'],
		['model-gone.json', 'Check BASE and VERSION.'],
		['bad-request.json', 'Check BASE and VERSION.'],
		['moved.html', 'put it into the BASE of the endpoint.'],
	])('speaks of things as the host calls them: %s', async (fixture, sentence) => {
		emulator.faults.add({ match: { action: 'models' }, reply: { fixture } });
		const names = { baseUrl: 'BASE', apiVersion: 'VERSION' };
		const [checked] = await checkLanes([lane('Endpoint 1 #1', 'good')], via(), names);
		expect(checked!.message).toContain(sentence);
	});

	it('tells how long each took to answer', async () => {
		let now = 1000;
		const host = via();
		const [checked] = await checkLanes([lane('Endpoint 1 #1', 'good')], {
			...host,
			now: () => now,
			async fetch(url, init) {
				const response = await host.fetch(url, init);
				now += 42.4;
				return response;
			},
		});
		expect(checked).toMatchObject({ ok: true, latencyMs: 42 });
	});

	it('ends with the signal', async () => {
		emulator.faults.add({ match: { action: 'models' }, reply: { hang: true } });
		const [checked] = await checkLanes([lane('Endpoint 1 #1', 'good')], {
			...via(5000, AbortSignal.timeout(50)),
		});
		expect(checked).toMatchObject({ ok: false, status: null });
	});

	it('gives each lane its own time, however many there are', async () => {
		emulator.faults.add({ match: { action: 'models', key: 'good' }, reply: { hang: true } });
		emulator.faults.add({ match: { action: 'models', key: 'better' }, reply: { delayMs: 150 } });
		const lanes = Array.from({ length: 40 }, (_, index) =>
			lane(`Endpoint 1 #${index + 1}`, index === 0 ? 'good' : 'better'),
		);
		const checked = await checkLanes(lanes, via(2000));
		expect(checked.filter(({ ok }) => !ok)).toEqual([
			expect.objectContaining({ lane: 'Endpoint 1 #1', status: null }),
		]);
	});

	it.each([
		['nothing', {}],
		['a list of another API', { object: 'list', data: [{ id: 'x' }] }],
		['a welcome', { status: 'ok', message: 'Welcome to my blog' }],
		['a complaint', { success: false, message: 'invalid token' }],
		['an empty list', []],
	])('does not take %s with status 200 for a key that works', async (_name, body) => {
		emulator.faults.add({ match: { action: 'models' }, reply: { status: 200, body } });
		const [checked] = await checkLanes([lane('Endpoint 1 #1', 'good')], via());
		expect(checked!.ok).toBe(false);
		emulator.faults.add({ match: { action: 'models' }, reply: { status: 200, body } });
		expect(await listModels([lane('Endpoint 1 #1', 'good')], via())).toBeNull();
	});
});

describe('listModels', () => {
	it('puts image models first, in the order of the catalogue, then what looks like one', async () => {
		const models = await listModels([lane('Endpoint 1', 'good')], via());
		const ids = models!.map(({ id }) => id);
		const known = CATALOGUE.map(({ id }) => id).filter((id) => ids.includes(id));
		expect(known.length).toBeGreaterThan(2);
		expect(ids.slice(0, known.length)).toEqual(known);
		expect(models![0]).toMatchObject({ imageCapable: true, facts: { id: known[0] } });
		const capable = models!.map(({ imageCapable }) => imageCapable);
		expect(capable).toEqual(capable.toSorted((a, b) => Number(b) - Number(a)));
	});

	it('follows the pages', async () => {
		const page = (names: string[], nextPageToken?: string) => ({
			status: 200,
			body: { models: names.map((name) => ({ name: `models/${name}` })), nextPageToken },
		});
		emulator.faults.add({ match: { action: 'models', path: 'pageToken=two' }, reply: page(['b']) });
		emulator.faults.add({ match: { action: 'models' }, reply: page(['gemini-a-image'], 'two') });
		const models = await listModels([lane('Endpoint 1', 'good')], via());
		expect(models!.map(({ id, imageCapable }) => [id, imageCapable])).toEqual([
			['gemini-a-image', true],
			['b', false],
		]);
		expect(emulator.requests).toHaveLength(2);
	});

	it.each([
		[
			{ name: 'models/gemini-nano-banana-3', supportedGenerationMethods: ['generateContent'] },
			true,
		],
		[{ name: 'models/x', description: 'Native image generation and editing.' }, true],
		[
			{ name: 'models/imagen-9', displayName: 'Image 9', supportedGenerationMethods: ['predict'] },
			false,
		],
		[{ name: 'models/gemini-9-pro', description: 'Understands images.' }, false],
	])('tells of %j whether it makes images: %s', async (model, imageCapable) => {
		emulator.faults.add({
			match: { action: 'models' },
			reply: { status: 200, body: { models: [model] } },
		});
		const models = await listModels([lane('Endpoint 1', 'good')], via());
		expect(models![0]!.imageCapable).toBe(imageCapable);
	});

	it('asks lane after lane until one answers in time', async () => {
		emulator.faults.add({ match: { action: 'models', key: 'better' }, reply: { hang: true } });
		const models = await listModels(
			[
				lane('Endpoint 1', 'bad', 'http://127.0.0.1:49151'),
				lane('Endpoint 2', 'better'),
				lane('Endpoint 3', 'good'),
			],
			via(300),
		);
		expect(models!.length).toBeGreaterThan(0);
		expect(emulator.requests.map(({ key }) => key)).toEqual(['better', 'good']);
	});

	it('has none where no lane shows a list, and tells no key', async () => {
		expect(await listModels([lane('Endpoint 1', 'bad')], via())).toBeNull();
		emulator.faults.add({
			match: { action: 'models' },
			reply: {
				status: 200,
				body: { models: [{ name: 'models/for-good-and-long', description: 'good-and-long' }] },
			},
		});
		const models = await listModels([lane('Endpoint 1', 'good-and-long')], via());
		expect(models).toMatchObject([{ id: 'for-[Endpoint 1]', description: '[Endpoint 1]' }]);
	});
});
