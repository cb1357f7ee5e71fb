import type { IHttpRequestMethods, IHttpRequestOptions } from 'n8n-workflow';

/** What n8n gives a node to call out with; a credential test is given the older client only. */
export interface CallingContext {
	readonly helpers:
		| { httpRequest(options: IHttpRequestOptions): Promise<unknown> }
		| { request(options: object): Promise<unknown> };
}

/** What both clients answer when asked for the full response. */
interface FullResponse {
	readonly statusCode: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly body?: unknown;
}

/** One request in the terms of `fetch`. */
interface Asked {
	readonly url: string;
	readonly method: IHttpRequestMethods;
	readonly headers: Record<string, string>;
	readonly body: string | undefined;
}

/**
 * A `fetch` made of n8n's own HTTP client, so that its proxy and SSRF settings hold. It follows no redirect, whatever
 * `init.redirect` says, rejects for no status, and has no timeout of its own: the signal ends a call.
 */
export const n8nFetch =
	({ helpers }: CallingContext): typeof fetch =>
	async (input, init = {}) => {
		const call = new AbortController();
		const hangUp = () => call.abort(init.signal?.reason);
		if (init.signal?.aborted) hangUp();
		init.signal?.addEventListener('abort', hangUp, { once: true });
		const asked: Asked = {
			url: String(input),
			method: (init.method ?? 'GET') as IHttpRequestMethods,
			headers: Object.fromEntries(new Headers(init.headers)),
			body: typeof init.body === 'string' ? init.body : undefined,
		};
		const answer = await ('httpRequest' in helpers
			? helpers.httpRequest(streamed(asked, call.signal))
			: helpers.request(streamedByOlder(asked)));
		return toResponse(answer as FullResponse, hangUp);
	};

/** Status and redirects are core's to judge; `timeout: 0` lifts the client's own 300 s. */
const streamed = ({ url, method, headers, body }: Asked, signal: AbortSignal) => ({
	url,
	method,
	headers,
	body,
	abortSignal: signal,
	encoding: 'stream' as const,
	returnFullResponse: true,
	ignoreHttpStatusErrors: true,
	disableFollowRedirect: true,
	timeout: 0,
});

/** This client knows no signal: an answer that does not begin must end by itself. */
const OLDER_TIMEOUT_MS = 30_000;

const streamedByOlder = ({ url, method, headers, body }: Asked) => ({
	url,
	method,
	headers,
	body,
	useStream: true,
	resolveWithFullResponse: true,
	simple: false,
	followRedirect: false,
	timeout: OLDER_TIMEOUT_MS,
});

function toResponse(answer: FullResponse, hangUp: () => void): Response {
	const { statusCode, headers } = answer;
	// A Response takes no other; a server that makes up its own is at fault.
	const status = statusCode >= 200 && statusCode <= 599 ? statusCode : 502;
	return new Response(toBody(answer, hangUp), { status, headers: toHeaders(headers) });
}

/** Statuses with which a Response may have no body. */
const WITHOUT_BODY = new Set([204, 205, 304]);

function toBody({ statusCode, body }: FullResponse, hangUp: () => void) {
	if (isStream(body)) {
		const end = () => {
			hangUp();
			body.destroy?.();
		};
		if (!WITHOUT_BODY.has(statusCode)) return toWebStream(body, end);
		end();
		return null;
	}
	if (WITHOUT_BODY.has(statusCode)) return null;
	return typeof body === 'string' || body instanceof Uint8Array
		? new Uint8Array(Buffer.from(body))
		: null;
}

interface Body extends AsyncIterable<Uint8Array> {
	destroy?(): void;
}

const isStream = (body: unknown): body is Body =>
	typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

function toHeaders(headers: FullResponse['headers']): Headers {
	const all = new Headers();
	for (const [name, value] of Object.entries(headers)) {
		for (const one of Array.isArray(value) ? value : [value]) {
			if (typeof one === 'string' || typeof one === 'number') all.append(name, String(one));
		}
	}
	return all;
}

/** Hands on chunk by chunk as they are asked for; nothing is collected. */
function toWebStream(body: AsyncIterable<Uint8Array>, hangUp: () => void) {
	const chunks = body[Symbol.asyncIterator]();
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const { done, value } = await chunks.next();
				if (done) controller.close();
				else controller.enqueue(value);
			},
			// Ends the socket; leaving the stream alone would read it on.
			cancel: hangUp,
		},
		{ highWaterMark: 0 },
	);
}
