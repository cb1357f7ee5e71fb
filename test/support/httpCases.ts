import type { Fetch, Outcome } from 'gemini-t2i/pool';
import { connectGemini, resolveRequest, systemHost } from 'gemini-t2i/pool';
import type { Reply } from './emulator/faults';

/** What can happen on the wire, and the outcome it must get, through whatever HTTP client. */
export interface HttpCase {
	readonly name: string;
	readonly reply: Reply;
	readonly kind: Outcome['kind'];
	/** The call is aborted at once, or when no byte has come for a while. */
	readonly abort?: 'soon' | 'onSilence';
}

const SOON_MS = 100;
const SILENCE_MS = 300;

/** How a case makes its call: through `fetch`, aborted as the case says. */
export function viaFor(
	{ abort }: HttpCase,
	fetch: typeof globalThis.fetch,
): { fetch: Fetch; signal: AbortSignal } {
	if (abort === undefined) return { fetch, signal: new AbortController().signal };
	if (abort === 'soon') return { fetch, signal: AbortSignal.timeout(SOON_MS) };
	const controller = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const listen = new TransformStream<Uint8Array, Uint8Array>({
		transform(chunk, onward) {
			onward.enqueue(chunk);
			clearTimeout(timer);
			timer = setTimeout(() => controller.abort(), SILENCE_MS);
		},
	});
	return {
		signal: controller.signal,
		fetch: async (...request) => {
			const response = await fetch(...request);
			return new Response(response.body!.pipeThrough(listen), response);
		},
	};
}

const HTML =
	'<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
const asJson = { 'content-type': 'application/json' };

export const HTTP_CASES: readonly HttpCase[] = [
	{ name: 'a usual reply', reply: {}, kind: 'images' },
	{ name: 'a reply in one line', reply: { pretty: false }, kind: 'images' },
	{ name: 'gzip', reply: { gzip: true, megabytes: 1 }, kind: 'images' },
	{ name: 'a dripping body', reply: { drip: { bytes: 700, everyMs: 1 } }, kind: 'images' },
	{
		name: 'a whole body on a connection that is held open',
		reply: { cut: 'open' },
		kind: 'images',
	},
	{
		name: 'a page of a gateway that never ends',
		reply: { fixture: 'bad-gateway.html', cut: 'hang', cutAt: 0.5 },
		kind: 'serverFault',
		abort: 'onSilence',
	},
	{
		name: 'a limit that breaks off in silence',
		reply: { fixture: 'throttled-bare.json', cut: 'hang', cutAt: 0.5 },
		kind: 'throttled',
		abort: 'onSilence',
	},
	{
		name: 'a complaint about the request that breaks off in silence',
		reply: { fixture: 'bad-key.json', cut: 'hang', cutAt: 0.1 },
		kind: 'aborted',
		abort: 'onSilence',
	},
	{ name: 'two images', reply: { images: 2 }, kind: 'images' },
	{ name: 'a body cut short of its length', reply: { cut: 'length' }, kind: 'truncated' },
	{ name: 'a body without its last chunk', reply: { cut: 'chunked' }, kind: 'truncated' },
	{ name: 'half a body, sent as if it were whole', reply: { cut: 'end' }, kind: 'truncated' },
	{ name: 'a reset in the body', reply: { cut: 'reset' }, kind: 'truncated' },
	{
		name: 'a complaint about the key that breaks off before it says so',
		reply: { fixture: 'bad-key.json', cut: 'length', cutAt: 0.1 },
		kind: 'truncated',
	},
	{
		name: 'a reset behind a whole image',
		reply: { cut: 'reset', cutAt: 'afterImage', megabytes: 1 },
		kind: 'images',
	},
	{
		name: 'an end behind a whole image',
		reply: { cut: 'length', cutAt: 'afterImage' },
		kind: 'images',
	},
	{ name: 'silence, then an abort', reply: { hang: true }, abort: 'soon', kind: 'aborted' },
	{
		name: 'silence in the body, then an abort',
		reply: { cut: 'hang', megabytes: 1 },
		abort: 'onSilence',
		kind: 'aborted',
	},
	{
		name: 'silence behind a whole image, then an abort',
		reply: { cut: 'hang', cutAt: 'afterImage' },
		abort: 'onSilence',
		kind: 'images',
	},
	{ name: 'a reset before the reply', reply: { reset: true }, kind: 'serverFault' },
	{
		name: 'HTML that claims to be JSON',
		reply: { status: 200, headers: asJson, body: HTML },
		kind: 'serverFault',
	},
	{
		name: 'HTML that claims to be JSON, in a 503',
		reply: { status: 503, headers: asJson, body: HTML },
		kind: 'serverFault',
	},
	{ name: 'an empty body', reply: { status: 200, body: '' }, kind: 'noImage' },
	{ name: 'no content', reply: { status: 204, body: '' }, kind: 'noImage' },
	{ name: 'a 404 in HTML', reply: { status: 404, body: HTML }, kind: 'wrongUrl' },
	{ name: 'a 413', reply: { status: 413, body: HTML }, kind: 'badRequest' },
	{ name: 'a 401 in HTML', reply: { status: 401, body: HTML }, kind: 'badKey' },
	{
		name: 'a redirect to another origin',
		reply: { redirect: 'http://127.0.0.2:1/v1beta/models/m:generateContent' },
		kind: 'wrongUrl',
	},
	{
		name: 'a redirect to nowhere',
		reply: { status: 302, headers: { location: 'http://' }, body: '' },
		kind: 'serverFault',
	},
	{ name: 'a redirect without a place', reply: { status: 302, body: '' }, kind: 'serverFault' },
];

/** Addresses that cannot be reached, of a server at `port`. */
export const unreachable = (port: string): ReadonlyArray<readonly [string, string]> => [
	['a port where nobody listens', 'http://127.0.0.1:49151'],
	['a port that fetch forbids', 'http://127.0.0.1:9'],
	['a name that does not exist', 'http://nowhere.invalid'],
	['TLS with a server that has none', `https://127.0.0.1:${port}`],
];

export const KEY = 'AIza Sy/secret+key';

/** One call to `baseUrl`, as the pool makes it. */
export const callOnce = (
	baseUrl: string,
	via: { fetch: Fetch; signal?: AbortSignal },
	prompt = 'a cat',
	model = 'gemini-nano-banana-2.1',
): Promise<Outcome> =>
	connectGemini(
		{ label: 'Endpoint 1 #2', endpoint: 'Endpoint 1', baseUrl, apiVersion: 'v1beta', key: KEY },
		{ wallClock: () => Date.UTC(2026, 10, 22) },
	).call(resolveRequest({ model, prompt }), {
		...systemHost(via.signal ?? new AbortController().signal),
		...via,
	});
