import { createHash } from 'node:crypto';
import { isPictureStart } from '../image/picture';
import { isObject, Spliced } from '../json';
import { base64, growing, type Base64 } from './base64';
import { looseJson } from './loose';
import {
	QUOTE,
	COMMA,
	COLON,
	OPEN_OBJECT,
	CLOSE_OBJECT,
	OPEN_ARRAY,
	CLOSE_ARRAY,
	base64Run,
	stringEnds,
	unescapePiece,
} from './strings';

/** `inline_data` with every letter as `\uXXXX`: a longer key is another one. */
const LONGEST_KEY = 66;
/** No reply nests deeper, and a hostile one must not make the stack grow with it. */
const MOST_DEPTH = 1000;

/** How much of a reply is taken. What is over is no reply of a Gemini API. */
export interface Allowance {
	values: number;
	parts: number;
	images: number;
	/** Bytes of all images, decoded. */
	imageBytes: number;
}

export const wholeAllowance = (): Allowance => ({
	values: 25_000,
	parts: 256,
	images: 64,
	imageBytes: 64 * 1024 * 1024,
});

type Place = 'between' | 'key' | 'string' | 'image' | 'run' | 'closed' | 'tooDeep' | 'over';
/** An open container. `inline` is the object under `inlineData`, whose `data` is an image. */
type Container = 'array' | 'parts' | 'object' | 'inline';

/** JSON as far as it came. */
export interface Scanned {
	/**
	 * Each image's base64 as a Buffer, or, where it stands in a text, the text as a `Spliced`; undefined where it is no JSON.
	 */
	readonly json: unknown;
}

export interface Scan {
	/** Says how much of the chunk belongs to the JSON. */
	push(chunk: Buffer): number;
	/** Whether all of the JSON has come: the outermost container was closed. What follows it is ignored. */
	isClosed(): boolean;
	/** Whether it has gone over its allowance: nothing more is taken. */
	isOver(): boolean;
	/** How many bytes so far have been base64 of pictures. */
	pictureBytes(): number;
	end(): Scanned;
}

/** White space ends here; nothing that means anything stands below. */
const SPACE = 0x20;
/** A string that is no longer holds no picture that would be worth decoding on the way. */
const LONG = 4096;
/** What may stand in place of a picture's bytes. */
const ADDRESS =
	/^(?:[a-z][a-z\d+]{1,15}:\/\/|files\/|file[-_:]|sediment:|\/\/[\w-]+\.|\S+\.(?:png|jpe?g|webp|gif)(?:[?#]\S*)?$)/i;
const LONGEST_ADDRESS = 2048;

/**
 * Reads JSON while it arrives. Every string at `inlineData.data` or `inline_data.data` is decoded on the way, as is the
 * base64 of a picture in any other string, and only its number stays in the text that is parsed in the end. JSON that
 * broke off ends behind its last whole value.
 * @param imageBytes a guess at an image's size, asked for at the start of each
 */
export function scanJson(imageBytes: () => number, allowance = wholeAllowance()): Scan {
	const text = growing(4096);
	/** What was decoded; an address that stood in its place. */
	const images: (Buffer | string)[] = [];
	/** Where in the text pictures were taken out of strings. */
	const spliced: { readonly at: number; readonly image: number }[] = [];
	const stack: Container[] = [];
	let place: Place = 'between';
	let expectsKey = false;
	let key = '';
	let decoder: Base64 | null = null;
	/** The start of an image's string as it stands there. */
	let raw = '';
	let unescape = unescapePiece();
	let run = base64Run();
	let pictureBytes = 0;
	const ends = stringEnds();
	let chunk: Buffer = Buffer.alloc(0);
	/** Up to here the chunk's text was copied. */
	let copied = 0;
	/** Length of the text behind the last whole value: there, closing what is open gives JSON. */
	let whole = 0;
	/** What closes a string that is cut there: behind a picture that was taken out of it. */
	let wholeEnd = '';

	const copyUntil = (at: number) => {
		if (at > copied) text.append(chunk, copied, at);
		copied = at;
	};
	const lengthAt = (at: number) => text.length + at - copied;
	const markWhole = (at: number) => {
		whole = lengthAt(at);
		wholeEnd = '';
	};
	const spend = (what: keyof Allowance, amount = 1) => {
		allowance[what] -= amount;
		if (allowance[what] < 0) place = 'over';
	};
	const open = (container: Container, at: number) => {
		stack.push(container);
		expectsKey = container === 'object' || container === 'inline';
		key = '';
		markWhole(at + 1);
		spend('values');
		if (container === 'parts') spend('parts');
		if (stack.length > MOST_DEPTH) place = 'tooDeep';
	};
	const close = (at: number) => {
		stack.pop();
		markWhole(at + 1);
		if (stack.length === 0) place = 'closed';
	};
	const startDecoding = () => {
		decoder = base64(imageBytes());
		spend('images');
	};
	const openString = (at: number) => {
		if (expectsKey) {
			place = 'key';
			key = '';
		} else if (key === 'data' && stack.at(-1) === 'inline') {
			place = 'image';
			raw = '';
			copyUntil(at + 1);
			unescape = unescapePiece();
			startDecoding();
		} else {
			place = 'string';
			run = base64Run(lengthAt(at + 1));
		}
	};

	/** Walks outside strings until something else begins; returns where. */
	const walk = (start: number): number => {
		const bytes = chunk;
		const end = bytes.length;
		for (let at = start; at < end; at += 1) {
			const byte = bytes[at]!;
			if (byte <= SPACE) continue;
			if (byte === QUOTE) openString(at);
			else if (byte === OPEN_OBJECT) {
				const inline = expectsNamed() && /^inline(D|_d)ata$/.test(key);
				open(inline ? 'inline' : 'object', at);
			} else if (byte === OPEN_ARRAY)
				open(expectsNamed() && key === 'parts' ? 'parts' : 'array', at);
			else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) close(at);
			else if (byte === COLON) expectsKey = false;
			else if (byte === COMMA) {
				markWhole(at);
				expectsKey = expectsNamed();
				spend('values');
				if (stack.at(-1) === 'parts') spend('parts');
			}
			if (place !== 'between') return at + 1;
		}
		return end;
	};
	const expectsNamed = () => stack.at(-1) === 'object' || stack.at(-1) === 'inline';

	/** Reads a string on, to its quote or the chunk's end; returns behind what it read. */
	const readString = (start: number): number => {
		const { end, lastEscape } = ends.find(start);
		const isOver = end < chunk.length;
		if (place === 'image' && decoder !== null) {
			raw += chunk.toString('latin1', start, Math.min(end, start + LONGEST_ADDRESS - raw.length));
			const before = decoder.length;
			if (lastEscape < 0 && !unescape.isHolding()) decoder.pushBytes(chunk, start, end);
			else
				decoder.pushText(unescape.push(chunk.toString('latin1', start, end), lastEscape - start));
			count(decoder, before, end - start);
		} else if (place === 'key') {
			if (key.length <= LONGEST_KEY)
				key += chunk.toString('latin1', start, Math.min(end, start + LONGEST_KEY + 1));
		} else if (place === 'run' || end - start >= LONG || !isOver || run.isBegun()) {
			readLong(start, end);
		}
		if (isOver && place !== 'over') closeString(end);
		return isOver ? end + 1 : end;
	};
	const count = ({ length, startsPicture }: Base64, before: number, bytes: number) => {
		if (startsPicture()) pictureBytes += bytes;
		spend('imageBytes', length - before);
	};

	/** Looks for pictures in a long string: base64 is decoded from where it began, and all else is copied. */
	const readLong = (start: number, end: number) => {
		let at = start;
		while (at < end && place !== 'over') {
			if (place === 'run') {
				at = takeRun(chunk, at, end);
				copied = at;
				continue;
			}
			copyUntil(end);
			at = end;
			const from = run.look(text.bytes());
			if (from === null) return;
			// What is copied already is the picture's beginning.
			const begun = Buffer.from(text.bytes().subarray(from));
			if (!isPictureStart(beginningOf(begun))) return run.giveUp();
			text.cutTo(from);
			place = 'run';
			startDecoding();
			const taken = takeRun(begun, 0, begun.length);
			if (taken < begun.length) text.append(begun, taken, begun.length);
		}
	};
	const takeRun = (bytes: Buffer, start: number, end: number): number => {
		if (decoder === null) return end;
		const before = decoder.length;
		const at = run.take(bytes, start, end, decoder);
		count(decoder, before, at - start);
		if (run.isOver()) closeRun();
		return at;
	};
	/** The string goes on behind a picture that is whole. */
	const closeRun = () => {
		if (decoder === null || place === 'over') return;
		spliced.push({ at: text.length, image: images.push(decoder.end()) - 1 });
		decoder = null;
		text.appendText(run.rest());
		whole = text.length;
		wholeEnd = '"';
		place = 'string';
		run = base64Run(text.length);
	};

	const closeString = (end: number) => {
		if (place === 'run') {
			copied = end;
			closeRun();
		}
		if (place === 'key') key = unescapeKey(key);
		if (place === 'image' && decoder !== null) {
			const data = decoder.end();
			const told = raw.length < LONGEST_ADDRESS ? unescapeKey(raw) : '';
			text.appendText(String(images.push(ADDRESS.test(told) ? told : data) - 1));
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
			while (at < chunk.length && place !== 'closed' && place !== 'tooDeep' && place !== 'over') {
				at = place === 'between' ? walk(at) : readString(at);
			}
			if (place !== 'image' && place !== 'run') copyUntil(at);
			return at;
		},
		isClosed: () => place === 'closed' || place === 'tooDeep',
		isOver: () => place === 'over',
		pictureBytes: () => pictureBytes,
		end() {
			if (place === 'tooDeep') return { json: undefined };
			const closers = stack
				.map((container) => (container === 'array' || container === 'parts' ? ']' : '}'))
				.reverse();
			const bytes = text.bytes().subarray(0, whole);
			const taken = spliced.filter(({ at }) => at <= whole);
			// No reply can hold its own hash: what bears it was put there by us.
			const mark = taken.length > 0 ? createHash('sha256').update(bytes).digest('hex') : null;
			let source = '';
			let from = 0;
			for (const { at, image } of taken) {
				source += `${bytes.toString('utf8', from, at)}<${mark}:${image}>`;
				from = at;
			}
			source += bytes.toString('utf8', from) + wholeEnd + closers.join('');
			return { json: restore(parse(source, images.length > 0), images, mark) };
		},
	};
}

/** The first bytes of base64 as it stands in JSON. */
const beginningOf = (base64InJson: Buffer) =>
	Buffer.from(
		base64InJson.toString('latin1', 0, 64).replace(/\\u[0-9a-f]{4}|\\([^/])|\\/gi, ''),
		'base64',
	);

/** Keys may hold escapes too. */
const unescapeKey = (key: string) => (key.includes('\\') ? String(parse(`"${key}"`, false)) : key);

/** What people write by hand, or Python for them, is read where it is worth it: a picture came, or a complaint. */
const WORTH_IT = /["'](?:error|errors|detail|candidates|message|msg)["']\s*:/;

function parse(source: string, hasImages: boolean): unknown {
	const json = source.replace(/^\ufeff/, '');
	try {
		return JSON.parse(json);
	} catch {
		return hasImages || WORTH_IT.test(json.slice(0, LONG)) ? looseJson(json) : undefined;
	}
}

/**
 * Puts the images back where the scan left their numbers: at every `inlineData.data` and `inline_data.data` that is a
 * string, where no other text can stand, and wherever a text bears the mark.
 */
function restore(
	json: unknown,
	images: readonly (Buffer | string)[],
	mark: string | null,
): unknown {
	// Not recursive: the depth is the reply's choice.
	const left: unknown[] = [json];
	while (left.length > 0) {
		const value = left.pop();
		if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) continue;
		if (isObject(value)) {
			restoreAt(value, 'inlineData', images);
			restoreAt(value, 'inline_data', images);
		}
		for (const [name, member] of Object.entries(value)) {
			if (typeof member !== 'string') left.push(member);
			else if (mark !== null && member.includes(mark)) {
				Object.assign(value, { [name]: splicedFrom(member, mark, images) });
			}
		}
	}
	return json;
}

function splicedFrom(text: string, mark: string, images: readonly (Buffer | string)[]): Spliced {
	const [first = '', ...others] = text.split(`<${mark}:`);
	const ends = others.map((piece) => piece.indexOf('>'));
	return new Spliced(
		[first, ...others.map((piece, index) => piece.slice(ends[index]! + 1))],
		others.map((piece, index) => images[Number(piece.slice(0, ends[index]))] as Buffer),
	);
}

function restoreAt(
	parent: Readonly<Record<string, unknown>>,
	key: string,
	images: readonly (Buffer | string)[],
) {
	const inline = Object.hasOwn(parent, key) ? parent[key] : null;
	if (!isObject(inline) || !Object.hasOwn(inline, 'data')) return;
	const { data } = inline;
	if (typeof data === 'string') Object.assign(inline, { data: images[Number(data)] });
}
