/** Unescapes a JSON string that comes in pieces, as far as base64 is concerned. */
export interface UnescapePiece {
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
