import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';

/** One request as the server saw it. What it was answered is filled in later. */
export interface LoggedRequest {
	/** Epoch milliseconds at which its head arrived. */
	readonly time: number;
	/** The same instant by `performance.now()`. */
	readonly mono: number;
	readonly method: string;
	/** With the query, as it was sent. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly apiVersion: string;
	/** `generateContent`, `models` (list), `model` (one), what is done with batches, or `unknown`. */
	readonly action: 'generateContent' | 'models' | 'model' | BatchAction | 'unknown';
	/** `''` for the list. */
	readonly model: string;
	/** `batches/ID`; `''` where none is spoken of. */
	readonly batch: string;
	/** From `x-goog-api-key` or `?key=`; `''` where there is none. */
	readonly key: string;
	/** Parsed JSON; undefined without a body, and until it has arrived. */
	body: any;
	/** Text parts of the last content, joined; `''` where there are none. */
	prompt: string;
	/** `generateContent` calls in progress when this one began, itself included. */
	readonly inFlight: number;
	/** Null while unanswered, and for good where no status line was sent. */
	status: number | null;
	/** Every image put into the reply, in order. */
	readonly images: SentImage[];
	/** The images were sent to their last byte: lost or late is what happens to them after that. */
	delivered: boolean;
	/** The connection ended before the reply was complete, and not by the emulator. */
	closedByClient: boolean;
	/** `performance.now()` at which the exchange ended, either way; null until then. */
	ended: number | null;
}

export interface SentImage {
	readonly sha256: string;
	readonly bytes: number;
}

type BatchAction = 'batchCreate' | 'batchList' | 'batchGet' | 'batchCancel' | 'batchDelete';

/** What the head of a request tells. */
export function logRequest(incoming: IncomingMessage, inFlight: number): LoggedRequest {
	const url = new URL(incoming.url!, 'http://emulator');
	const place = /\/(v1|v1beta|v1alpha)\/models(?:\/([^/:]+))?(?::(\w+))?$/.exec(url.pathname);
	const batch = /\/(v1|v1beta|v1alpha)\/batches(?:\/([^/:]+))?(?::(\w+))?$/.exec(url.pathname);
	const apiVersion = (place ?? batch)?.[1] ?? '';
	const [, , model = '', method] = place ?? [];
	return {
		time: Date.now(),
		mono: performance.now(),
		method: incoming.method!,
		path: incoming.url!,
		headers: incoming.headers,
		apiVersion,
		action: batch
			? batchActionOf(incoming.method!, batch[2], batch[3])
			: actionOf(incoming.method!, place !== null, model, method),
		model: decodeURIComponent(model),
		batch: batch?.[2] ? `batches/${batch[2]}` : '',
		key: String(incoming.headers['x-goog-api-key'] ?? url.searchParams.get('key') ?? ''),
		body: undefined,
		prompt: '',
		inFlight,
		status: null,
		images: [],
		delivered: false,
		closedByClient: false,
		ended: null,
	};
}

function actionOf(verb: string, placed: boolean, model: string, method: string | undefined) {
	if (!placed) return 'unknown';
	if (verb === 'POST' && model && method === 'generateContent') return 'generateContent';
	if (verb === 'POST' && model && method === 'batchGenerateContent') return 'batchCreate';
	if (verb !== 'GET' || method) return 'unknown';
	return model ? 'model' : 'models';
}

function batchActionOf(verb: string, id: string | undefined, method: string | undefined) {
	if (verb === 'POST' && id && method === 'cancel') return 'batchCancel';
	if (verb === 'DELETE' && id && !method) return 'batchDelete';
	if (verb !== 'GET' || method) return 'unknown';
	return id ? 'batchGet' : 'batchList';
}

/** The body and its prompt, once it has arrived; a body that is no JSON counts as none. */
export async function readBody(request: LoggedRequest, incoming: IncomingMessage): Promise<void> {
	request.body = parseJson(Buffer.concat(await incoming.toArray()).toString());
	request.prompt = promptOf(request.body);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

export function promptOf(body: any): string {
	const parts: any[] = body?.contents?.at?.(-1)?.parts ?? [];
	return parts.flatMap((part) => part.text ?? []).join('\n');
}

const digests = new WeakMap<Buffer, string>();

export function sentImage(image: Buffer): SentImage {
	const sha256 = digests.get(image) ?? createHash('sha256').update(image).digest('hex');
	digests.set(image, sha256);
	return { sha256, bytes: image.length };
}

/** The largest number of `generateContent` calls that began within any `ms` milliseconds, of one key or of all. */
export function startsPerWindow(
	requests: readonly LoggedRequest[],
	ms: number,
	key?: string,
): number {
	const starts = requests
		.filter((request) => request.action === 'generateContent')
		.filter((request) => key === undefined || request.key === key)
		.map((request) => request.mono)
		.sort((a, b) => a - b);
	let most = 0;
	for (let last = 0, first = 0; last < starts.length; last++) {
		while (starts[last]! - starts[first]! >= ms) first++;
		most = Math.max(most, last - first + 1);
	}
	return most;
}
