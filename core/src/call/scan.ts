import { isObject } from '../json';
import { base64, growing, type Base64 } from './base64';
import { stringEnds, unescapePiece } from './strings';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
/** `inline_data` with every letter as `\uXXXX`: a longer key is another one. */
const LONGEST_KEY = 66;
/** No reply nests deeper, and a hostile one must not make the stack grow with it. */
const MOST_DEPTH = 1000;

type Place = 'between' | 'key' | 'string' | 'image' | 'closed' | 'tooDeep';
/** An open container. `inline` is the object under `inlineData`, whose `data` is an image. */
type Container = 'array' | 'object' | 'inline';

/** JSON as far as it came. */
export interface Scanned {
	/** Each image's base64 as a Buffer; undefined where it is no JSON. */
	readonly json: unknown;
	/** Whether the outermost container was closed. What follows it is ignored. */
	readonly closed: boolean;
}

export interface Scan {
	push(chunk: Buffer): void;
	/** Whether all of the JSON has come. */
	isClosed(): boolean;
	end(): Scanned;
}

/**
 * Reads JSON while it arrives. Every string at `inlineData.data` or `inline_data.data` is decoded on the way, and only
 * its number stays in the text that is parsed in the end. JSON that broke off ends behind its last whole value.
 * @param imageBytes a guess at an image's size, asked for at the start of each
 */
export function scanJson(imageBytes: () => number): Scan {
	const text = growing(4096);
	const images: Buffer[] = [];
	const stack: Container[] = [];
	let place: Place = 'between';
	let expectsKey = false;
	let key = '';
	let decoder: Base64 | null = null;
	let unescape = unescapePiece();
	const ends = stringEnds();
	let chunk: Buffer = Buffer.alloc(0);
	/** Up to here the chunk's text was copied. */
	let copied = 0;
	/** Length of the text behind the last whole value: there, closing what is open gives JSON. */
	let whole = 0;

	const copyUntil = (at: number) => {
		if (at > copied) text.append(chunk, copied, at);
		copied = at;
	};
	const markWhole = (at: number) => {
		whole = text.length + at - copied;
	};
	const open = (container: Container, at: number) => {
		stack.push(container);
		expectsKey = container !== 'array';
		key = '';
		markWhole(at + 1);
		if (stack.length > MOST_DEPTH) place = 'tooDeep';
	};
	const close = (at: number) => {
		stack.pop();
		markWhole(at + 1);
		if (stack.length === 0) place = 'closed';
	};
	const openString = (at: number) => {
		if (expectsKey) {
			place = 'key';
			key = '';
		} else if (key === 'data' && stack.at(-1) === 'inline') {
			place = 'image';
			copyUntil(at + 1);
			decoder = base64(imageBytes());
			unescape = unescapePiece();
		} else {
			place = 'string';
		}
	};

	/** Walks outside strings until something else begins; returns where. */
	const walk = (start: number): number => {
		for (let at = start; at < chunk.length; at += 1) {
			const byte = chunk[at];
			if (byte === QUOTE) openString(at);
			else if (byte === OPEN_OBJECT) {
				const inline = stack.at(-1) !== 'array' && /^inline(D|_d)ata$/.test(key);
				open(inline ? 'inline' : 'object', at);
			} else if (byte === OPEN_ARRAY) open('array', at);
			else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) close(at);
			else if (byte === COLON) expectsKey = false;
			else if (byte === COMMA) {
				markWhole(at);
				expectsKey = stack.at(-1) !== 'array';
			}
			if (place !== 'between') return at + 1;
		}
		return chunk.length;
	};

	/** Reads a string on, to its quote or the chunk's end; returns behind what it read. */
	const readString = (start: number): number => {
		const { end, lastEscape } = ends.find(start);
		const isOver = end < chunk.length;
		if (place === 'image') {
			if (lastEscape < 0 && !unescape.isHolding()) decoder?.pushBytes(chunk, start, end);
			else
				decoder?.pushText(unescape.push(chunk.toString('latin1', start, end), lastEscape - start));
		} else if (place === 'key' && key.length <= LONGEST_KEY) {
			key += chunk.toString('latin1', start, Math.min(end, start + LONGEST_KEY + 1));
		}
		if (isOver) closeString(end);
		return isOver ? end + 1 : end;
	};
	const closeString = (end: number) => {
		if (place === 'key') key = unescapeKey(key);
		if (place === 'image' && decoder !== null) {
			text.appendText(String(images.push(decoder.end()) - 1));
			copied = end;
			decoder = null;
		}
		if (place !== 'key') markWhole(end + 1);
		place = 'between';
	};

	return {
		push(next) {
			chunk = next;
			copied = 0;
			ends.begin(next);
			let at = 0;
			while (at < chunk.length && place !== 'closed' && place !== 'tooDeep') {
				at = place === 'between' ? walk(at) : readString(at);
			}
			if (place !== 'image') copyUntil(at);
		},
		isClosed: () => place === 'closed',
		end() {
			if (place === 'tooDeep') return { json: undefined, closed: true };
			const closers = stack.map((container) => (container === 'array' ? ']' : '}')).reverse();
			const source = text.bytes().toString('utf8', 0, whole) + closers.join('');
			return { json: restoreImages(parse(source), images), closed: place === 'closed' };
		},
	};
}

/** Keys may hold escapes too. */
const unescapeKey = (key: string) => (key.includes('\\') ? String(parse(`"${key}"`)) : key);

function parse(source: string): unknown {
	try {
		return JSON.parse(source.replace(/^\ufeff/, ''));
	} catch {
		return undefined;
	}
}

/**
 * Puts the images back where the scan left their numbers: the value at every `inlineData.data` and `inline_data.data`
 * that is a string. No other text can stand there, so nothing in the reply can be mistaken for a number.
 */
function restoreImages(json: unknown, images: readonly Buffer[]): unknown {
	// Not recursive: the depth is the reply's choice.
	const left: unknown[] = [json];
	while (left.length > 0) {
		const value = left.pop();
		if (Array.isArray(value)) {
			for (const member of value) left.push(member);
		} else if (isObject(value)) {
			restoreAt(value, 'inlineData', images);
			restoreAt(value, 'inline_data', images);
			for (const member of Object.values(value)) left.push(member);
		}
	}
	return json;
}

function restoreAt(
	parent: Readonly<Record<string, unknown>>,
	key: string,
	images: readonly Buffer[],
) {
	const inline = Object.hasOwn(parent, key) ? parent[key] : null;
	if (!isObject(inline) || !Object.hasOwn(inline, 'data')) return;
	const { data } = inline;
	if (typeof data === 'string') Object.assign(inline, { data: images[Number(data)] });
}
