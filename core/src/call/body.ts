import type { FetchedResponse, Host } from '../effects';
import { scanJson } from './scan';

/** What came back over HTTP, before anyone judges it. */
export interface Reply {
	readonly status: number;
	readonly headers: Pick<Headers, 'get'>;
	/** The body's JSON as far as it came, each image's base64 as a Buffer; undefined where the body is no JSON. */
	readonly json: unknown;
	/** The start of a body that is no JSON; `''` where it is, or where the body is empty. */
	readonly text: string;
	readonly end: ReplyEnd;
}

/** How the body ended: wholly, in the middle, because we aborted it, or because it was too long. */
export type ReplyEnd = 'whole' | 'brokenOff' | 'aborted' | 'overLimit';

/** Of a body that is no JSON only the start is of use, for a message. */
const TEXT_LIMIT = 64 * 1024;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
/** Space, tab, line feed, carriage return, and the three bytes of a byte order mark. */
const BEFORE_JSON = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** How much of a body is expected, and how much is taken. Bytes. */
export interface BodySizes {
	readonly limit: number;
	/** A guess at an image's size, for replies that do not announce their length. */
	readonly usualImage: number;
}

/** Reads a body to its end, or until the signal is aborted, and decodes its images while they arrive. */
export async function readBody(
	response: FetchedResponse,
	via: Pick<Host, 'sleep' | 'signal'>,
	{ limit, usualImage }: BodySizes,
): Promise<Pick<Reply, 'json' | 'text' | 'end'>> {
	const announced = Number(response.headers.get('content-length') ?? 0);
	let read = 0;
	const scan = scanJson(() =>
		announced > 0 ? Math.ceil((Math.min(announced, limit) - read) * 0.75) : usualImage,
	);
	let isJson: boolean | null = null;
	let text = '';
	const end = await drain(response, via, (chunk) => {
		if (read + chunk.length > limit) return 'overLimit';
		isJson ??= beginsJson(chunk);
		if (isJson === true) scan.push(chunk);
		else if (isJson === false) text += chunk.toString('utf8');
		read += chunk.length;
		if (scan.isClosed()) return 'complete';
		return text.length > TEXT_LIMIT ? 'whole' : null;
	});
	if (isJson !== true) return { json: undefined, text: text.slice(0, TEXT_LIMIT), end };
	const { json, closed } = scan.end();
	if (closed) return { json, text: json === undefined ? NOT_JSON : '', end: 'whole' };
	return { json, text: '', end: end === 'whole' ? 'brokenOff' : end };
}

const NOT_JSON = 'The reply looks like JSON and is none.';

/** Null while only white space has come. */
function beginsJson(chunk: Buffer): boolean | null {
	const first = chunk.find((byte) => !BEFORE_JSON.has(byte));
	return first === undefined ? null : first === OPEN_OBJECT || first === OPEN_ARRAY;
}

/**
 * Time for a body to end when all of its JSON has come: a connection that ends properly can be used again, and one that
 * is held open must not hold an image back.
 */
const GRACE_MS = 1000;

/** Hands over chunk by chunk until `take` says how it ended, or that nothing of use can follow. */
async function drain(
	response: FetchedResponse,
	{ sleep, signal }: Pick<Host, 'sleep' | 'signal'>,
	take: (chunk: Buffer) => ReplyEnd | 'complete' | null,
): Promise<ReplyEnd> {
	const reader = response.body?.getReader();
	if (reader === undefined) return 'whole';
	// A client may be slow to notice the signal: the pending read is ended here.
	const stop = () => void reader.cancel().catch(() => {});
	signal.addEventListener('abort', stop, { once: true });
	const timer = new AbortController();
	let grace: Promise<'over'> | null = null;
	try {
		while (!signal.aborted) {
			const next = await (grace ? Promise.race([reader.read(), grace]) : reader.read());
			if (signal.aborted) break;
			if (next !== 'over' && next.done) return 'whole';
			const end = next === 'over' ? 'whole' : take(bufferOf(next.value));
			if (end === 'complete') {
				grace ??= sleep(GRACE_MS, timer.signal).then(over, over);
			} else if (end !== null) {
				stop();
				return end;
			}
		}
		stop();
		return 'aborted';
	} catch {
		return signal.aborted ? 'aborted' : 'brokenOff';
	} finally {
		timer.abort('the body is over');
		signal.removeEventListener('abort', stop);
	}
}

const over = () => 'over' as const;

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
	Buffer.from(buffer, byteOffset, byteLength);
