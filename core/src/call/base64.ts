import { growing } from './growing';

/** Decodes one base64 string that comes in pieces. */
export interface Base64 {
	/** Bytes of the string as they stand in the JSON, without escapes. */
	pushBytes(chunk: Buffer, start: number, end: number): void;
	/** A piece that was unescaped. */
	pushText(text: string): void;
	/** The bytes, once the last piece was pushed. */
	end(): Buffer;
}

const PREFIX = 'data:';
/** A data URL's head is short; a longer one is none. */
const LONGEST_HEAD = 1024;

/**
 * Decodes, piece by piece, what `Buffer.from(whole, 'base64')` would: white space and foreign characters
 * are skipped, both alphabets are read, the first `=` ends it. A `data:...,` in front is stripped.
 * @param expected a guess at the number of bytes
 */
export function base64(expected: number): Base64 {
	const bytes = growing(expected);
	/** The start of the string while it may still be a data URL's head; null afterwards. */
	let head: string | null = '';
	/** Up to three characters that wait for their group of four. */
	let rest = '';
	let padded = false;

	/** Takes whole groups only. Fewer bytes than groups x 3: what is left has something in it that is no base64. */
	const pushGroups = (chunk: Buffer, start: number, end: number) => {
		const taken = start + (bytes.appendGroups(chunk, start, end) / 3) * 4;
		if (taken < end) pushLoose(chunk.toString('latin1', taken, end));
	};
	const pushLoose = (text: string) => {
		const end = text.indexOf('=');
		padded = end >= 0;
		const clean = rest + (padded ? text.slice(0, end) : text).replace(/[^\w+/-]/g, '');
		const groups = clean.length - (clean.length % 4);
		rest = clean.slice(groups);
		bytes.appendBase64(clean.slice(0, groups));
	};
	const pushHead = (text: string) => {
		const start: string = ((head ?? '') + text).trimStart();
		head = start;
		if (start.slice(0, PREFIX.length).toLowerCase() === PREFIX) {
			const comma = start.slice(0, LONGEST_HEAD).indexOf(',');
			if (comma < 0 && start.length < LONGEST_HEAD) return;
			head = null;
			pushLoose(start.slice(comma + 1));
		} else if (start.length >= PREFIX.length) {
			head = null;
			pushLoose(start);
		}
	};

	return {
		pushBytes(chunk, start, end) {
			if (padded) return;
			if (head !== null) return pushHead(chunk.toString('latin1', start, end));
			// Complete the waiting group first, so that the long run is decoded where it lies.
			const missing = rest === '' ? 0 : 4 - rest.length;
			const from = Math.min(start + missing, end);
			if (missing > 0) pushLoose(chunk.toString('latin1', start, from));
			const until = rest === '' ? end - ((end - from) % 4) : from;
			if (until > from && !padded) pushGroups(chunk, from, until);
			if (end > until && !padded) pushLoose(chunk.toString('latin1', until, end));
		},
		pushText(text) {
			if (padded) return;
			if (head !== null) return pushHead(text);
			pushLoose(text);
		},
		end() {
			if (head !== null) pushLoose(head);
			bytes.appendBase64(rest);
			return bytes.bytes();
		},
	};
}
