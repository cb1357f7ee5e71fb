import type { Reply } from './reply';
import { scanJson } from './scan';

/** Of a body that is no JSON only the start is of use, for a message. */
const TEXT_LIMIT = 64 * 1024;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
/** Space, tab, line feed, carriage return, and the three bytes of a byte order mark. */
const BEFORE_JSON = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** How the stream of chunks ended. */
type StreamEnd = Reply['end'];

/** How much of a body is expected, and how much is taken. Bytes. */
export interface BodySizes {
	readonly limit: number;
	/** A guess at an image's size, for replies that do not announce their length. */
	readonly usualImage: number;
}

/** Reads a body to its end, or until the signal is aborted, and decodes its images while they arrive. */
export async function readBody(
	response: Response,
	signal: AbortSignal,
	{ limit, usualImage }: BodySizes,
): Promise<Pick<Reply, 'json' | 'text' | 'end'>> {
	const announced = Number(response.headers.get('content-length') ?? 0);
	let read = 0;
	const scan = scanJson(() =>
		announced > 0 ? Math.ceil((Math.min(announced, limit) - read) * 0.75) : usualImage,
	);
	let isJson: boolean | null = null;
	let text = '';
	const end = await drain(response, signal, (chunk) => {
		if (read + chunk.length > limit) return 'overLimit';
		isJson ??= beginsJson(chunk);
		if (isJson === true) scan.push(chunk);
		else if (isJson === false) text += chunk.toString('utf8');
		read += chunk.length;
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

/** Hands over chunk by chunk until `take` says how it ended. */
async function drain(
	response: Response,
	signal: AbortSignal,
	take: (chunk: Buffer) => StreamEnd | null,
): Promise<StreamEnd> {
	const reader = response.body?.getReader();
	if (reader === undefined) return 'whole';
	// A client may be slow to notice the signal: the pending read is ended here.
	const stop = () => void reader.cancel().catch(() => {});
	signal.addEventListener('abort', stop, { once: true });
	try {
		while (!signal.aborted) {
			const { done, value } = await reader.read();
			if (signal.aborted) break;
			if (done) return 'whole';
			const end = take(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
			if (end !== null) {
				stop();
				return end;
			}
		}
		stop();
		return 'aborted';
	} catch {
		return signal.aborted ? 'aborted' : 'brokenOff';
	} finally {
		signal.removeEventListener('abort', stop);
	}
}
