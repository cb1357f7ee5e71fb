const QUOTE = 0x22;
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
