import type { FetchedResponse, Host } from '../effects';
import { isPictureStart } from '../image/picture';
import { readAnswers } from './answers';
import { growing, type Growing } from './base64';
import { isPackedOtherwise, unpacked } from './packed';

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

/**
 * How the body ended: wholly, in the middle, because we aborted it, because it was too long, or because it is not
 * compressed as it says. `moved`: there is none, since a redirect was not followed.
 */
export type ReplyEnd = 'whole' | 'brokenOff' | 'aborted' | 'overLimit' | 'garbled' | 'moved';

/**
 * How much of a body is taken, beside its images, and how much is expected of an image, in bytes; 0 where none was asked
 * for, and none is taken beyond the limit.
 */
export interface BodySizes {
	readonly limit: number;
	readonly usualImage: number;
}

/** Reads a body to its end, or until the signal is aborted, and decodes its images while they arrive. */
export async function readBody(
	response: FetchedResponse,
	via: Pick<Host, 'sleep' | 'signal'>,
	{ limit, usualImage }: BodySizes,
): Promise<Pick<Reply, 'json' | 'text' | 'end'>> {
	let read = 0;
	const answers = readAnswers(() => usualImage);
	/** The first bytes, by which a picture is known. */
	let head = Buffer.alloc(0);
	/** The bytes of a picture, where they are the whole reply. */
	let picture: Growing | null = null;
	const ended = await drain(response, via, (chunk) => {
		if (picture === null && usualImage > 0 && head.length < PICTURE_HEAD) {
			const before = head;
			head = Buffer.concat([before, chunk.subarray(0, PICTURE_HEAD)]);
			if (isPictureStart(head)) {
				picture = growing(usualImage);
				picture.append(before, 0, before.length);
			}
		}
		read += chunk.length;
		if (picture !== null) {
			picture.append(chunk, 0, chunk.length);
			return read > LONGEST_PICTURE ? 'overLimit' : null;
		}
		answers.push(chunk);
		const pictures = usualImage > 0 ? answers.pictureBytes() : 0;
		if (answers.isOver() || read - pictures > limit) return 'overLimit';
		if (answers.isEnough()) return 'whole';
		return answers.isComplete() ? 'complete' : null;
	});
	// What cannot be unpacked at all was packed otherwise; what stops on the way was cut.
	const end = ended === 'garbled' && read > 0 ? 'brokenOff' : ended;
	const whole = picture as Growing | null;
	if (whole !== null) return { json: { image: whole.bytes() }, text: '', end };
	const { json, text, closed } = answers.end();
	if (json === undefined) {
		const isNone = closed && text === '';
		return { json, text: isNone ? NOT_JSON : text, end: isNone ? 'whole' : end };
	}
	if (closed && end !== 'overLimit') return { json, text: '', end: 'whole' };
	return { json, text: '', end: end === 'whole' ? 'brokenOff' : end };
}

/** Every kind of picture is known by so many bytes. */
const PICTURE_HEAD = 12;

/** No image is taken that is longer, in whatever form it comes. */
const LONGEST_PICTURE = 64 * 1024 * 1024;

const NOT_JSON = 'The reply looks like JSON and is none.';

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
	if (!response.body) return 'whole';
	const reader = unpacked(response.body.getReader());
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
	} catch (reason) {
		if (signal.aborted) return 'aborted';
		return isPackedOtherwise(reason) ? 'garbled' : 'brokenOff';
	} finally {
		timer.abort('the body is over');
		signal.removeEventListener('abort', stop);
	}
}

const over = () => 'over' as const;

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
	Buffer.from(buffer, byteOffset, byteLength);
