import type { Spliced } from '../json';
import { isPictureStart, pictureEnd } from './picture';

/** Of a text with more nobody has use, and each takes time. */
const MOST = 64;
/** Longer than any `data:image/png;charset=utf-8;base64,` that is meant. */
const LONGEST_HEAD = 100;
const HEAD = /^data:[\w.+-]*(?:\/[\w.+-]*)?(?:;[\w.+-]+=[\w.+-]*)*;base64,/i;

export interface DataUrls {
	/** Whole pictures only: one that a model abridged, or its token limit cut, is none. */
	readonly dataUrls: readonly Buffer[];
	/** The text without them, trimmed. */
	readonly rest: string;
	/** Whether there was one without its end. */
	readonly isCut: boolean;
}

/**
 * Finds pictures in base64 data URLs in a text: bare, in markdown, in HTML, several, with white space in the base64 or the
 * URL-safe alphabet. One pass: each character is looked at a bounded number of times, whatever the text.
 */
export function findDataUrls(text: string): DataUrls {
	const dataUrls: Buffer[] = [];
	let rest = '';
	let kept = 0;
	let isCut = false;
	const bare = bareBase64(text);
	if (bare !== null) {
		const isWhole = pictureEnd(bare) !== null;
		return { dataUrls: isWhole ? [bare] : [], rest: '', isCut: !isWhole };
	}
	let at = text.indexOf('data:');
	while (at >= 0 && dataUrls.length < MOST) {
		const head = HEAD.exec(text.slice(at, at + LONGEST_HEAD));
		if (head === null) {
			at = text.indexOf('data:', at + 5);
			continue;
		}
		const { data, end, isCut: lacksEnd } = decodeRun(text, at + head[0].length);
		if (data !== null) dataUrls.push(data);
		isCut ||= lacksEnd;
		const around = markdownAround(text, at, end, kept);
		rest += text.slice(kept, around.start);
		kept = around.end;
		at = text.indexOf('data:', end);
	}
	if (kept === 0) return { dataUrls, rest: text, isCut };
	return { dataUrls, rest: tidied(rest + text.slice(kept)), isCut };
}

const tidied = (text: string) => text.replace(/\n{3,}/g, '\n\n').trim();

const PICTURE = /^(?:iVBORw0KGgo|\/9j\/|UklGR|R0lGOD)/;
/** What opens code that is fenced, or a quotation. */
const OPENING = /^(?:(```)\w{0,20}\s|[`"'])/;

/** The whole of a text as a picture, fenced or not; null where it is none. */
function bareBase64(text: string): Buffer | null {
	const trimmed = text.trim();
	const [opening = '', fence = opening] = OPENING.exec(trimmed) ?? [];
	const isClosed = trimmed.endsWith(fence);
	const bare = trimmed
		.slice(opening.length, isClosed ? trimmed.length - fence.length : undefined)
		.trim();
	if (!PICTURE.test(bare) || /[^\w+/\-\s]/.test(bare.replace(/={1,2}$/, ''))) return null;
	const data = Buffer.from(bare, 'base64');
	return isPictureStart(data) ? data : null;
}

/** Behind and before a picture that was taken out of a text while it arrived: its data URL's head, markdown, padding. */
const BEFORE_PICTURE = /(?:(!\[[^[\]]{0,200}\]\(\s{0,4}<?))?data:[^,\s]{0,100},\s*$|$/;
const PADDING = /^[=\s]{0,4}/;
const AFTER_MARKDOWN = /^>?[^()]{0,200}\)/;

/** Finds the pictures in a text, those that were taken out of it on the way among them. */
export function findSpliced({ pieces, pictures }: Spliced): DataUrls {
	const dataUrls: Buffer[] = [];
	let rest = '';
	let isCut = false;
	let opened = false;
	for (const [index, piece] of pieces.entries()) {
		const isAfter = index > 0;
		const isBefore = index < pictures.length;
		let text = isAfter ? piece.replace(PADDING, (blank) => blank.replaceAll('=', '')) : piece;
		if (opened) text = text.replace(AFTER_MARKDOWN, '');
		const head = isBefore ? BEFORE_PICTURE.exec(text) : null;
		opened = head?.[1] !== undefined;
		const found = findDataUrls(head === null ? text : text.slice(0, head.index));
		dataUrls.push(...found.dataUrls);
		rest += found.rest;
		isCut ||= found.isCut;
		if (!isBefore) continue;
		const data = pictures[index]!;
		const end = pictureEnd(data);
		isCut ||= end === null;
		if (end !== null) dataUrls.push(data.subarray(0, end));
	}
	return { dataUrls, rest: tidied(rest), isCut };
}

/** Decodes the base64 that starts here, null where it is no whole picture, and says where it ends. */
function decodeRun(
	text: string,
	start: number,
): { data: Buffer | null; end: number; isCut: boolean } {
	const foreign = /[^\w+/\-\s]/g;
	foreign.lastIndex = start;
	let stop = foreign.exec(text)?.index ?? text.length;
	// The next data URL's own name looks like base64.
	if (text.startsWith('data:', stop - 4)) stop = Math.max(start, stop - 4);
	const run = text.slice(start, stop);
	const data = Buffer.from(run, 'base64');
	const bytes = pictureEnd(data);
	const isCut = bytes === null && isPictureStart(data);
	if (text[stop] === '=') {
		const end = stop + (text[stop + 1] === '=' ? 2 : 1);
		return { data: bytes === null ? null : data, end, isCut };
	}
	if (bytes === null) return { data: null, end: stop, isCut };
	// Without padding a caption's words look like base64 too: the picture knows where it ends.
	return { data: data.subarray(0, bytes), end: start + charactersFor(bytes, run), isCut };
}

/** How many characters of the run hold so many bytes, white space included. */
function charactersFor(bytes: number, run: string): number {
	let left = Math.ceil((bytes * 4) / 3);
	let at = 0;
	for (const word of run.matchAll(/\S+/g)) {
		at = word.index + Math.min(left, word[0].length);
		left -= word[0].length;
		if (left <= 0) break;
	}
	return at;
}

/** `![alt](data:...)` goes as a whole. */
function markdownAround(text: string, start: number, end: number, from: number) {
	const before = /!\[[^[\]]{0,200}\]\(\s{0,4}<?$/.exec(
		text.slice(Math.max(from, start - 210), start),
	);
	const after = /^>?[^()]{0,200}\)/.exec(text.slice(end, end + 210));
	if (before === null || after === null) return { start, end };
	return { start: start - before[0].length, end: end + after[0].length };
}
