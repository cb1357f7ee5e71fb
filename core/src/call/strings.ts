/** The bytes of JSON's punctuation. */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
const BACKSLASH = 0x5c;

/** Finds where the strings of a chunk end, with native searches. */
export interface StringEnds {
	/** Turns to the next chunk; an escape may go on in it. */
	begin(chunk: Buffer): void;
	/**
	 * From inside a string: where its closing quote stands (the chunk's length where it does not), and where the last
	 * escape before that begins (-1 where there is none).
	 */
	find(start: number): { readonly end: number; readonly lastEscape: number };
}

export function stringEnds(): StringEnds {
	let chunk: Buffer = Buffer.alloc(0);
	// Where the next of each stands. They are searched anew only once passed, so a chunk is searched once for each.
	let quote = -1;
	let backslash = -1;
	/** Bytes of the next chunk that belong to an escape begun in this one: 0 or 1. */
	let escaped = 0;

	const next = (byte: number, at: number) => {
		const found = chunk[at] === byte ? at : chunk.indexOf(byte, at);
		return found < 0 ? chunk.length : found;
	};
	return {
		begin(following) {
			chunk = following;
			quote = -1;
			backslash = -1;
		},
		find(start) {
			let at = start + escaped;
			let lastEscape = -1;
			escaped = 0;
			while (at < chunk.length) {
				if (quote < at) quote = next(QUOTE, at);
				if (backslash < at) backslash = next(BACKSLASH, at);
				if (quote <= backslash) return { end: quote, lastEscape };
				lastEscape = backslash;
				at = backslash + 2;
			}
			escaped = at - chunk.length;
			return { end: chunk.length, lastEscape };
		},
	};
}

/** Unescapes a JSON string that comes in pieces, as far as base64 is concerned. */
interface UnescapePiece {
	/** Whether an escape is still waiting for its end. */
	isHolding(): boolean;
	/** @param lastEscape where the last escape of this piece begins; below 0 where it has none */
	push(piece: string, lastEscape: number): string;
}

export function unescapePiece(): UnescapePiece {
	let held = '';
	return {
		isHolding: () => held !== '',
		push(piece, lastEscape) {
			const raw = held + piece;
			const last = lastEscape < 0 ? 0 : held.length + lastEscape;
			const length = raw[last + 1] === 'u' ? 6 : 2;
			const isWhole = raw[last] !== '\\' || last + length <= raw.length;
			held = isWhole ? '' : raw.slice(last);
			return (isWhole ? raw : raw.slice(0, last)).replace(ESCAPE, unescape);
		},
	};
}

const ESCAPE = /\\(?:u([0-9a-f]{4})|(.))/gis;

/** Of the short escapes only `\/` is base64; the others are white space or foreign to it. */
const unescape = (_escape: string, code: string | undefined, letter: string | undefined) => {
	if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
	return letter === '/' ? '/' : ' ';
};

const HEAD = Buffer.from('base64,');
/** Letters of either alphabet, and white space. */
const OF_RUN = new Uint8Array(256);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_ \n\r\t')
	OF_RUN[letter.charCodeAt(0)] = 1;
/** Of a shorter run nothing is gained by decoding it on the way. */
const LONG_RUN = 4096;

/** Finds base64 in a JSON string that comes in pieces, at its beginning or behind `base64,`, and where it ends. */
export interface Base64Run {
	/** Whether a piece of the string was looked at before. */
	isBegun(): boolean;
	/** Where a long run begins that goes on at the end of the text, in which the string stands; null where none does. */
	look(text: Buffer): number | null;
	/** What was found is none after all. */
	giveUp(): void;
	/** Hands letters to `push` until something else stands there; returns behind what it has read. */
	take(bytes: Buffer, start: number, end: number, into: Letters): number;
	isOver(): boolean;
	/** An escape that was read and does not belong to it, as it stands there. */
	rest(): string;
}

export interface Letters {
	pushBytes(chunk: Buffer, start: number, end: number): void;
	pushText(text: string): void;
}

/** @param start where in the text the string begins */
export function base64Run(start = 0): Base64Run {
	let looked = start;
	/** Where a run may begin, and how far it has proved to be one. */
	let candidate = -1;
	let proved = -1;
	/** The start of an escape that is not whole yet; behind the end of the run, one that is none of its letters. */
	let held = '';
	let over = false;
	return {
		isBegun: () => looked > start,
		look(text) {
			const from = Math.max(start, looked - HEAD.length);
			const head = text.subarray(from).lastIndexOf(HEAD);
			if (head >= 0) candidate = from + head + HEAD.length;
			else if (looked === start) candidate = start;
			if (proved < candidate) proved = candidate;
			looked = text.length;
			if (candidate < 0) return null;
			while (proved < text.length) {
				if (OF_RUN[text[proved]!] === 1) proved += 1;
				else if (text[proved] !== BACKSLASH) break;
				else if (text[proved + 1] === 0x75) proved += 6;
				else proved += 2;
			}
			if (proved < text.length) candidate = -1;
			return candidate >= 0 && text.length - candidate >= LONG_RUN ? candidate : null;
		},
		giveUp() {
			candidate = -1;
		},
		take(bytes, from, end, into) {
			let at = from;
			while (at < end && !over) {
				if (held === '') {
					let to = at;
					while (to < end && OF_RUN[bytes[to]!] === 1) to += 1;
					if (to > at) into.pushBytes(bytes, at, to);
					at = to;
					if (at === end) break;
					over = bytes[at] !== BACKSLASH;
					if (over) break;
				}
				held += String.fromCharCode(bytes[at]!);
				at += 1;
				if (held.length < (held[1] === 'u' ? 6 : 2)) continue;
				const letter = letterOf(held);
				over = letter === null;
				if (letter === null) break;
				into.pushText(letter);
				held = '';
			}
			return at;
		},
		isOver: () => over,
		rest: () => held,
	};
}

/** What an escape stands for where base64 may go on; null where it may not. */
function letterOf(escape: string): string | null {
	const plain = escape.replace(ESCAPE, unescape);
	if (/^\\u/.test(escape)) return /^[\w+/\s-]$/.test(plain) ? plain : null;
	return /^\\[/nrtbf]$/.test(escape) ? plain : null;
}
