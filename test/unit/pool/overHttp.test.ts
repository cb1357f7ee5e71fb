import {
	createRegistry,
	parsePoolSettings,
	resolveRequest,
	DEFAULT_MODEL,
	type JoinOptions,
} from 'gemini-t2i/pool';
import { startEmulator, type Emulator } from '../../support/emulator/emulator';
import { systemClock, systemHost } from '../../../core/src/system';
import { usualTenant } from '../../support/usualTenant';

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';

const GOOD = ['key-1', 'key-2', 'key-3', 'key-4'];

let emulators: Emulator[] = [];
afterEach(async () => {
	await Promise.all(emulators.map((emulator) => emulator.close()));
	emulators = [];
});

const start = async (options: Parameters<typeof startEmulator>[0] = {}) => {
	const emulator = await startEmulator({ imageSizePx: 64, latencyMs: 20, ...options });
	emulators.push(emulator);
	return emulator;
};

type Endpoints = readonly { readonly baseUrl: string; readonly apiKeys: string }[];

/** Joins a pool of the endpoints, through the real client. */
function join(endpoints: Endpoints, options: Partial<JoinOptions> = {}) {
	const controller = new AbortController();
	const registry = createRegistry(systemClock);
	const settings = parsePoolSettings({
		endpoints: endpoints.map((endpoint, index) => ({ name: `Endpoint ${index + 1}`, ...endpoint })),
	});
	return registry.open('test', settings).join({
		...systemHost(controller.signal),
		...usualTenant,
		retryDelayMs: 10,
		...options,
	});
}

/** Draws so many items on the endpoints. */
async function draw(
	items: number,
	endpoints: Endpoints,
	options: Partial<JoinOptions> = {},
	model = DEFAULT_MODEL,
) {
	const tenant = join(endpoints, options);
	const drawn = await Promise.all(
		Array.from({ length: items }, (_, i) =>
			tenant.draw(
				resolveRequest({ model, prompt: `item ${i}` }),
				async ({ images }) => images.length,
			),
		),
	);
	tenant.leave();
	const failures = drawn.flatMap((each) => (each.status === 'ok' ? [] : [each]));
	return { drawn, failures, made: drawn.length - failures.length };
}

test('one bad key of 4: 0 of 60 items fail, and at most what was in flight is wasted', async () => {
	const google = await start({ keys: GOOD.slice(1) });
	const { made } = await draw(60, [{ baseUrl: google.url, apiKeys: GOOD.join(' ') }]);
	expect(made).toBe(60);
	expect(google.requests.length - 60).toBeLessThanOrEqual(16);
});

test('a dead endpoint of 2, no retries: 0 of 40 items are lost', async () => {
	const [alive, dead] = [await start(), await start()];
	await dead.down();
	const { made } = await draw(40, [
		{ baseUrl: dead.url, apiKeys: 'a-key' },
		{ baseUrl: alive.url, apiKeys: 'b-key' },
	]);
	expect(made).toBe(40);
});

test('a hanging endpoint of 2, one retry: 0 of 40 items are lost', async () => {
	const [alive, hanging] = [await start(), await start()];
	hanging.faults.add({ reply: { hang: true } });
	const { made } = await draw(
		40,
		[
			{ baseUrl: hanging.url, apiKeys: 'a-key' },
			{ baseUrl: alive.url, apiKeys: 'b-key' },
		],
		{ timeoutMs: 4000, maxRetries: 1 },
	);
	expect(made).toBe(40);
});

test('all keys bad: one clear message, one call a key, whatever the retries', async () => {
	const google = await start({ keys: ['another'] });
	const { failures } = await draw(1, [{ baseUrl: google.url, apiKeys: GOOD.join('\n') }], {
		maxRetries: 5,
	});
	expect(google.requests).toHaveLength(4);
	expect(failures[0]!.code).toBe('badKey');
	expect(failures[0]!.message).toMatch(
		/^No API key can make this image now\. Endpoint 1 #1: the API key is not accepted/,
	);
	expect(failures[0]!.message).toMatch(/Put a valid API key in its place\.$/);
	expect(JSON.stringify(failures)).not.toMatch(/key-\d/);
});

test.each([
	['a refusal', 'refused-prompt.json', 'PROHIBITED_CONTENT'],
	['a bad request', 'bad-request.json', 'badRequest'],
])('%s is sent once, whatever the retries', async (_, fixture, code) => {
	const google = await start();
	google.faults.add({ reply: { fixture } });
	const { failures } = await draw(1, [{ baseUrl: google.url, apiKeys: GOOD.join(',') }], {
		maxRetries: 5,
	});
	expect(google.requests).toHaveLength(1);
	expect(failures[0]!.code).toBe(code);
});

test('a hint of 3.2 s in the body is waited for with no retries allowed', async () => {
	const google = await start();
	const error = {
		code: 429,
		status: 'RESOURCE_EXHAUSTED',
		message: 'Slow down.',
		details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3.2s' }],
	};
	google.faults.add({ times: 1, reply: { status: 429, body: { error } } });
	const { made } = await draw(1, [{ baseUrl: google.url, apiKeys: 'a-key' }]);
	expect(made).toBe(1);
	const [first, second] = google.requests;
	expect(second!.mono - first!.mono).toBeGreaterThanOrEqual(3200);
});

test.each([
	[
		'gemini-3-pro-image-preview',
		/Use gemini-3-pro-image in place of gemini-3-pro-image-preview\.$/,
	],
	['a-proxys-own', /Choose another model, or an endpoint that offers this one\.$/],
])(
	'%s, which is gone: the replacement is named where there is one, and never taken by itself',
	async (model, advice) => {
		const google = await start();
		google.faults.add({ reply: { fixture: 'model-gone.json' } });
		const { failures } = await draw(
			2,
			[{ baseUrl: google.url, apiKeys: 'a-key' }],
			{ concurrency: 1 },
			model,
		);
		expect(failures.map(({ message }) => message)).toEqual([
			expect.stringMatching(advice),
			expect.stringMatching(advice),
		]);
		expect(google.requests.map((asked) => asked.model)).toEqual([model]);
	},
);

test('an image to work from is loaded by each attempt that sends it, never more of them at once than calls', async () => {
	const google = await start();
	google.faults.add({ times: 3, reply: { fixture: 'noimage-text-only.json' } });
	const tenant = join([{ baseUrl: google.url, apiKeys: 'a-key' }], {
		concurrency: 2,
		maxRetries: 3,
	});
	let held = 0;
	let most = 0;
	let loads = 0;
	const load = async () => {
		loads += 1;
		most = Math.max(most, ++held);
		await new Promise((resolve) => setTimeout(resolve, 5));
		held -= 1;
		return Buffer.from(PNG, 'base64');
	};
	const drawn = await Promise.all(
		Array.from({ length: 8 }, (_, i) => {
			const referenceImages = [{ mimeType: 'image/png', load }];
			const request = resolveRequest({ model: DEFAULT_MODEL, prompt: `${i}`, referenceImages });
			return tenant.draw(request, async () => undefined);
		}),
	);
	tenant.leave();
	expect(drawn.map(({ status }) => status)).toEqual(Array(8).fill('ok'));
	expect([loads, google.requests.length]).toEqual([11, 11]);
	expect(most).toBeLessThanOrEqual(2);
});

test('where it cannot be loaded, nothing is sent, and no other image of the request is begun', async () => {
	const google = await start();
	const tenant = join([{ baseUrl: google.url, apiKeys: 'a-key' }], { concurrency: 1 });
	const load = async () => await Promise.reject(new Error('gone'));
	const referenceImages = [{ mimeType: 'image/png', load }];
	const request = resolveRequest({ model: DEFAULT_MODEL, prompt: 'a cat', referenceImages });
	const [first, second] = await Promise.allSettled([
		tenant.draw(request, async () => undefined),
		tenant.draw(request, async () => undefined),
	]);
	const other = { model: DEFAULT_MODEL, prompt: 'a dog' };
	const next = await tenant.draw(resolveRequest(other), async () => undefined);
	tenant.leave();
	expect(first).toMatchObject({ reason: new Error('gone') });
	expect(second).toMatchObject({ value: { status: 'notStarted', code: 'withdrawn' } });
	expect(next.status).toBe('ok');
	expect(google.requests.map(({ prompt }) => prompt)).toEqual(['a dog']);
});
