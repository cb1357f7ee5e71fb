import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type Emulator, startEmulator } from '../../support/emulator/emulator';
import { callOnce, HTTP_CASES, KEY, unreachable, viaFor } from '../../support/httpCases';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({ imageSizePx: 64 });
});
afterAll(() => emulator.close());
afterEach(() => {
	emulator.faults.clear();
	emulator.requests.length = 0;
});

const fixtures = path.join(__dirname, '../../support/fixtures');
const index = JSON.parse(readFileSync(path.join(fixtures, 'index.json'), 'utf8')) as Record<
	string,
	{ outcome: string; detail?: string }
>;

/** The words of `fixtures/index.json` for what the code calls by one. */
const KIND_OF: Readonly<Record<string, string>> = {
	images: 'images',
	refused: 'refused',
	'no image': 'noImage',
	'server fault': 'serverFault',
	throttled: 'throttled',
	'daily quota': 'dailyQuota',
	'model missing on this lane': 'modelMissing',
	'bad key': 'badKey',
	billing: 'billing',
	'region blocked': 'regionBlocked',
	'bad request': 'badRequest',
	forbidden: 'forbidden',
	'wrong url': 'wrongUrl',
	'gateway timeout': 'gatewayTimeout',
	truncated: 'truncated',
	'not gemini': 'notGemini',
};

/** What the fixtures say beyond their outcome. */
const FACTS: Readonly<Record<string, object>> = {
	'ok-inline.json': {
		images: [{ width: 16, height: 9, mimeType: 'image/png', extension: 'png' }],
		text: '',
		modelVersion: 'gemini-nano-banana-2.1',
		usage: { promptTokens: 12, imageTokens: 1120, thoughtTokens: null, totalTokens: 1132 },
	},
	'ok-wrong-mime.json': { images: [{ mimeType: 'image/png' }] },
	'ok-thought-then-final.json': { images: [{ width: 16, height: 9 }] },
	'ok-thought-only.json': { images: [{ width: 16, height: 9 }] },
	'ok-two-images-and-text.json': {
		images: [{ width: 16 }, { width: 9 }],
		text: 'First, the city.\n\nThen the sea.',
	},
	'ok-text-markdown.json': {
		images: [{ width: 16, height: 9 }],
		text: 'Here you are:\n\nEnjoy.',
	},
	'refused-prompt.json': { reason: 'PROHIBITED_CONTENT', usage: { totalTokens: 9 } },
	'refused-image-safety.json': {
		reason: 'IMAGE_SAFETY',
		text: 'Unable to show the generated image. The image violated a safety policy.',
		usage: { imageTokens: 1120 },
	},
	'noimage-text-only.json': {
		status: 200,
		message: 'I can describe such an image for you instead.',
		usage: { imageTokens: 1120 },
	},
	'noimage-finish.json': { message: 'NO_IMAGE' },
	'error-in-200.json': { status: 200 },
	'throttled-minute.json': { status: 429, hintMs: 22_500, perModel: true },
	'throttled-bare.json': { hintMs: null, perModel: false },
	'throttled-header.json': { hintMs: 7000 },
	'daily-quota.json': { hintMs: null, perModel: true },
	'moved.html': { message: 'It redirects to https://relay.example.test' },
	'mislabelled.json': { message: expect.stringMatching(/Content-Encoding/) },
	'capacity.json': { perModel: true },
	'guarded.html': { message: 'Just a moment... Enable JavaScript and cookies to continue' },
	'blocked-code.json': { reason: 'prompt_blocked' },
	'blocked-words.json': { reason: 'PROHIBITED_CONTENT' },
	'refused-armor.json': { reason: 'MODEL_ARMOR', text: expect.stringMatching(/harassment/) },
	'unprocessable.json': { message: 'body.contents: Field required' },
	'address-markdown.json': { message: expect.stringMatching(/img\.example\.test/) },
	'address-inline.json': { message: expect.stringMatching(/cdn\.example\.test/) },
	'address-file.json': { message: expect.stringMatching(/files\/abc-123/) },
	'openai-url.json': { message: expect.stringMatching(/cdn\.example\.test/) },
	'openai-words.json': { message: 'An answer with “choices”: I cannot draw.' },
	'ok-openai.json': { images: [{ width: 16, height: 9 }], text: 'Here you go' },
	'ok-bare-base64.json': { images: [{ width: 16 }], text: '' },
	'python-repr.json': { status: 500, message: 'Resource exhausted.', perModel: true },
	'inner-raw.json': { message: expect.stringMatching(/User location is not supported/) },
	'cooldown.json': { hintMs: 60_000 },
	'protobuf.json': { status: 500, perModel: true },
	'protobuf-delay.json': { hintMs: 34_500 },
	'wait-words.json': { hintMs: 90_000 },
	'wait-field.json': { hintMs: 20_000 },
	'capitals.json': { message: expect.stringMatching(/explicit deny/) },
	'function-error.json': { message: expect.stringMatching(/timed out/) },
	'flagged.json': { reason: 'BLOCKED' },
	'ok-in-text.json': { images: [{ width: 16, height: 9 }], usage: { imageTokens: 1120 } },
	'ok-behind-warning.html': { images: [{ width: 16 }], usage: { imageTokens: 1120 } },
	'address-text.json': { message: expect.stringMatching(/img\.example\.test/) },
	'address-name.json': { message: expect.stringMatching(/oss:\/\/bucket/) },
	'task.json': { message: 'An answer with “request_id”' },
	'msg-200.json': { message: 'system busy, try later' },
	'bad-gateway.html': { status: 502, message: '502 Bad Gateway 502 Bad Gateway' },
};

describe('a call', () => {
	it.each(Object.keys(index))('classifies %s', async (fixture) => {
		emulator.faults.add({ reply: { fixture } });
		const outcome = await callOnce(emulator.url, { fetch });
		expect(outcome.kind).toBe(KIND_OF[index[fixture]!.outcome]);
		if ('detail' in outcome) expect(outcome.detail).toBe(index[fixture]!.detail ?? null);
		expect(outcome).toMatchObject(FACTS[fixture] ?? {});
	});

	it.each(HTTP_CASES)('classifies $name', async (httpCase) => {
		const { reply, kind } = httpCase;
		emulator.faults.add({ reply });
		const outcome = await callOnce(emulator.url, viaFor(httpCase, fetch));
		expect(outcome.kind).toBe(kind);
	});

	it.each(unreachable('1'))('cannot reach %s', async (_name, url) => {
		const { port } = new URL(emulator.url);
		const outcome = await callOnce(url.replace(/:1$/, `:${port}`), { fetch });
		expect(outcome).toMatchObject({ kind: 'unreachable', status: null });
	});

	it('is not made once the signal is aborted', async () => {
		const outcome = await callOnce(emulator.url, { fetch, signal: AbortSignal.abort() });
		expect(outcome.kind).toBe('aborted');
		expect(emulator.requests).toHaveLength(0);
	});

	it('ends at once when aborted, even if the client does not notice', async () => {
		const deaf: typeof fetch = () => new Promise(() => {});
		const outcome = await callOnce(emulator.url, { fetch: deaf, signal: AbortSignal.timeout(20) });
		expect(outcome.kind).toBe('aborted');
	});

	it('leaves no listener on the signal', async () => {
		const { signal } = new AbortController();
		const listening = new Set<unknown>();
		const add = signal.addEventListener.bind(signal);
		const remove = signal.removeEventListener.bind(signal);
		Object.assign(signal, {
			addEventListener(...args: Parameters<typeof add>) {
				listening.add(args[1]);
				add(...args);
			},
			removeEventListener(...args: Parameters<typeof remove>) {
				listening.delete(args[1]);
				remove(...args);
			},
		});
		const plain: typeof fetch = (url, init) => fetch(url, { ...init, signal: null });
		expect((await callOnce(emulator.url, { fetch: plain, signal })).kind).toBe('images');
		expect(listening.size).toBe(0);
	});

	it('follows a redirect within the origin, and sends the key nowhere else', async () => {
		const foreign = await startEmulator();
		const place = '/moved/v1beta/models/gemini-nano-banana-2.1:generateContent';
		emulator.faults.add({ times: 1, reply: { redirect: place } });
		expect((await callOnce(emulator.url, { fetch })).kind).toBe('images');
		expect(emulator.requests.map(({ path: asked }) => asked).at(-1)).toBe(place);
		emulator.faults.add({ reply: { redirect: foreign.url + place } });
		expect(await callOnce(emulator.url, { fetch })).toMatchObject({
			kind: 'wrongUrl',
			detail: 'moved',
			status: 307,
			message: `It redirects to ${foreign.url}/moved`,
		});
		expect(foreign.requests).toHaveLength(0);
		await foreign.close();
	});

	it('gives up on redirects without end', async () => {
		emulator.faults.add({
			reply: { redirect: '/v1beta/models/gemini-nano-banana-2.1:generateContent' },
		});
		expect(await callOnce(emulator.url, { fetch })).toMatchObject({ kind: 'serverFault' });
		expect(emulator.requests.length).toBeLessThan(10);
	});

	it('goes where it is told, whatever the environment says', async () => {
		const before = { ...process.env };
		Object.assign(process.env, {
			GOOGLE_GENAI_USE_VERTEXAI: 'true',
			GOOGLE_GENAI_USE_ENTERPRISE: 'true',
			GOOGLE_CLOUD_PROJECT: 'elsewhere',
			GOOGLE_CLOUD_LOCATION: 'elsewhere',
			GOOGLE_API_KEY: 'another-key',
			GEMINI_API_KEY: 'another-key',
			GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:9',
			GOOGLE_VERTEX_BASE_URL: 'http://127.0.0.1:9',
		});
		try {
			expect((await callOnce(emulator.url, { fetch })).kind).toBe('images');
			expect(emulator.requests[0]).toMatchObject({
				path: '/v1beta/models/gemini-nano-banana-2.1:generateContent',
				key: KEY,
			});
		} finally {
			process.env = before;
		}
	});

	it.each([
		['as it is', KEY],
		['as in a URL', encodeURIComponent(KEY)],
		['twice', `${KEY} ${KEY}`],
		['where the message is cut', 'x'.repeat(290) + KEY],
	])('tells no key that the other side quotes (%s)', async (_name, quoted) => {
		const body = { error: { code: 403, message: `No access for ${quoted}` } };
		emulator.faults.add({ reply: { status: 403, body } });
		const text = JSON.stringify(await callOnce(emulator.url, { fetch }));
		expect(text).not.toContain(KEY.slice(0, 12));
		expect(text).not.toContain(encodeURIComponent(KEY).slice(0, 14));
	});

	it('asks for nothing that was not asked for', async () => {
		await callOnce(emulator.url, { fetch });
		expect(emulator.requests[0]!.body).toEqual({
			contents: [{ role: 'user', parts: [{ text: 'a cat' }] }],
			generationConfig: { responseModalities: ['IMAGE'] },
		});
	});
});

describe('a call to a server that does not keep to HTTP', () => {
	const MB = 1024 * 1024;
	const png = readFileSync(path.join(fixtures, 'ok-inline.json'), 'utf8').match(/iVBOR[^"]+/)![0];

	it('reads an image of 60 MB', async () => {
		const bytes = Buffer.concat([Buffer.from(png, 'base64'), Buffer.alloc(60 * MB, 1)]);
		const head = '{"candidates":[{"content":{"parts":[{"inlineData":{"data":"';
		const body = Buffer.from(`${head}${bytes.toString('base64')}"}}]}}]}`);
		const outcome = await answering(body, body.length);
		expect(outcome.kind === 'images' && outcome.images[0].data.equals(bytes)).toBe(true);
	});

	it.each([
		['more', -20],
		['less', 20],
	])('keeps an image although %s came than was announced', async (_name, wrong) => {
		const body = Buffer.from(
			`{"candidates":[{"content":{"parts":[{"inlineData":{"data":"${png}"}}]}}],"modelVersion":"m"}`,
		);
		expect((await answering(body, body.length + wrong)).kind).toBe('images');
	});

	it.each([
		['a picture and nothing else', Buffer.from(png, 'base64'), 'images'],
		['half a picture', Buffer.from(png, 'base64').subarray(0, 60), 'truncated'],
		['what is packed without saying so', brotliCompressSync(png.repeat(9)), 'notGemini'],
	])('reads %s', async (_name, body, kind) => {
		expect((await answering(body, body.length)).kind).toBe(kind);
	});

	it('takes bytes that are no HTTP for a server fault', async () => {
		const server = createSocketServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		expect((await callOnce(`http://127.0.0.1:${port}`, { fetch })).kind).toBe('serverFault');
		server.close();
	});

	async function answering(body: Buffer, announced: number) {
		const server = createSocketServer((socket) => {
			socket.on('error', () => {});
			socket.once('data', () => {
				socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${announced}\r\n\r\n`);
				socket.end(body);
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		try {
			return await callOnce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
				fetch,
			});
		} finally {
			server.close();
		}
	}
});
