import { scanJson, type Scan } from '../call/scan';
import {
	QUOTE,
	COLON,
	OPEN_OBJECT,
	CLOSE_OBJECT,
	OPEN_ARRAY,
	CLOSE_ARRAY,
	stringEnds,
} from '../call/strings';

const MEMBERS = /^inlined_?responses$/i;
/** Stands in the rest where a member was. */
const NULL = Buffer.from('null');
/** Longer names are others. */
const LONGEST_NAME = 32;

/** What one piece of a result was made of. */
export interface Split {
	/** The members that it completed, their images as Buffers. */
	readonly members: readonly unknown[];
	/** What stands around the members: small, and JSON of its own. */
	readonly rest: readonly Buffer[];
}

/**
 * Takes a batch's result apart while it arrives: `inlinedResponses` stands in it twice, and each time it holds all images.
 * Members of the first list come out one by one; those of the second are passed over without being decoded.
 * @param imageBytes a guess at an image's size
 */
export function splitMembers(imageBytes: number): (chunk: Buffer) => Split {
	const ends = stringEnds();
	let depth = 0;
	/** Depth of the list that is being read; null outside of one. */
	let listDepth: number | null = null;
	let isPassedOver = false;
	let readAny = false;
	let inString = false;
	/** The last string, as far as it may be a name, and whether a colon stood behind it. */
	let name = '';
	let isNamed = false;
	/** The member that is being read; null where it is passed over. */
	let scan: Scan | null = null;
	const isInside = () => listDepth !== null && depth > listDepth;

	return (chunk) => {
		ends.begin(chunk);
		const members: unknown[] = [];
		const rest: Buffer[] = [];
		/** Up to here the chunk is dealt with. */
		let done = 0;
		const flush = (until: number) => {
			if (until > done) {
				const piece = chunk.subarray(done, until);
				if (isInside()) scan?.push(piece);
				else rest.push(piece);
			}
			done = until;
		};
		const open = (at: number, byte: number) => {
			if (listDepth === null) {
				if (byte === OPEN_ARRAY && isNamed && MEMBERS.test(name)) {
					listDepth = depth + 1;
					isPassedOver = readAny;
				}
			} else if (depth === listDepth) {
				flush(at);
				rest.push(NULL);
				scan = isPassedOver ? null : scanJson(() => imageBytes);
			}
			depth += 1;
			isNamed = false;
		};
		const close = (at: number) => {
			if (listDepth !== null && depth === listDepth + 1) {
				flush(at + 1);
				if (scan !== null) members.push(scan.end().json);
				if (!isPassedOver) readAny = true;
				scan = null;
			}
			if (depth === listDepth) listDepth = null;
			depth -= 1;
		};
		const readString = (start: number): number => {
			const { end } = ends.find(start);
			if (!isInside() && name.length <= LONGEST_NAME) {
				name += chunk.toString('latin1', start, Math.min(end, start + LONGEST_NAME + 1));
			}
			inString = end === chunk.length;
			return inString ? end : end + 1;
		};
		let at = 0;
		while (at < chunk.length) {
			if (inString) {
				at = readString(at);
				continue;
			}
			const byte = chunk[at]!;
			if (byte === QUOTE) {
				inString = true;
				name = '';
				isNamed = false;
			} else if (byte === COLON) isNamed = true;
			else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open(at, byte);
			else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) close(at);
			at += 1;
		}
		flush(chunk.length);
		return { members, rest };
	};
}
