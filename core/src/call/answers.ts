import { field, list } from '../json';
import { scanJson, wholeAllowance, type Scan } from './scan';
import { COLON, OPEN_OBJECT, OPEN_ARRAY } from './strings';

/** Of a body that is no JSON only the start is of use, for a message. */
const TEXT_LIMIT = 64 * 1024;
/** A run of base64 is decoded on the way where it goes on behind so many bytes. */
const SLICE = 64 * 1024;
/** Server-sent events at most. */
const MOST_ANSWERS = 1000;
/** Their lines at most, empty ones too: 4 MB could hold 700,000 of them and keep the process for as long as that takes. */
const MOST_FIELDS = 100_000;

const LF = 0x0a;
const CR = 0x0d;
const LESS = 0x3c;
const BLANK = new Set([0x20, 0x09]);
const BYTE_ORDER_MARK = new Set([0xef, 0xbb, 0xbf]);
/** `event` and the others; a line that begins otherwise is none of a stream's. */
const LONGEST_FIELD = 5;

/** Reads a body while it arrives, in whatever form it comes: JSON, one after another, server-sent events, words. */
export interface Answers {
	push(chunk: Buffer): void;
	/** Whether nothing more of use is to come: all of the JSON is there, or enough of a text. */
	isComplete(): boolean;
	isEnough(): boolean;
	isOver(): boolean;
	/** How many bytes so far have been base64 of pictures. */
	pictureBytes(): number;
	end(): {
		/** One answer, or a list of several; undefined where there is none. */
		readonly json: unknown;
		readonly text: string;
		/** Whether the last one is whole. */
		readonly closed: boolean;
	};
}

/** Where in a body the next byte stands. */
type Place = 'line' | 'field' | 'skipped' | 'event' | 'json' | 'words';

/** @param imageBytes a guess at an image's size, asked for at the start of each */
export function readAnswers(imageBytes: () => number): Answers {
	const allowance = wholeAllowance();
	const values: unknown[] = [];
	let place: Place = 'line';
	let scan: Scan | null = null;
	let pictureBytes = 0;
	let begun = 0;
	let fields = 0;
	let isLast = false;
	let isStream = false;
	/** It began as a page. PHP writes its warnings so before an answer; any other JSON in a page is its own. */
	let isPage = false;
	/** The last of what looked like JSON was none. */
	let isNone = false;
	let name = '';
	let text = '';
	/** The first half of a line end was read. */
	let afterReturn = false;

	const startScan = () => {
		begun += 1;
		return (scan = scanJson(imageBytes, allowance));
	};
	const isOver = () => scan?.isOver() === true || begun > MOST_ANSWERS || fields > MOST_FIELDS;
	const endScan = () => {
		if (scan === null) return;
		const { json } = scan.end();
		pictureBytes += scan.pictureBytes();
		scan = null;
		isNone = json === undefined;
		if (json === undefined || (isPage && !isAnswer(json))) return;
		values.push(json);
		if (isStream) isLast ||= isFinal(json);
	};
	const scanOn = (bytes: Buffer): number => {
		const current = scan ?? startScan();
		const used = current.push(bytes);
		return current.isClosed() || current.isOver() ? used : bytes.length;
	};
	const addText = (bytes: Buffer) => {
		if (text.length < TEXT_LIMIT) text += bytes.toString('utf8', 0, TEXT_LIMIT);
	};

	/** Reads what stands at the start of a line; returns behind it. */
	const startLine = (bytes: Buffer, at: number): number => {
		const byte = bytes[at]!;
		if (byte === LF || byte === CR) {
			// An empty line ends an event; the second half of a line end does not.
			if (!(byte === LF && afterReturn)) endScan();
			afterReturn = byte === CR;
			return at + 1;
		}
		afterReturn = false;
		const isStart = text === '' && values.length === 0;
		if (BLANK.has(byte) || (isStart && BYTE_ORDER_MARK.has(byte))) return at + 1;
		if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
			endScan();
			place = 'json';
			return at;
		}
		name = '';
		isPage ||= byte === LESS && isStart;
		place = byte === COLON ? 'skipped' : isPage ? 'words' : 'field';
		return at;
	};
	const readField = (bytes: Buffer, at: number): number => {
		const byte = bytes[at]!;
		if (byte === COLON && /^(?:data|event|id|retry)$/.test(name)) {
			isStream = true;
			fields += 1;
			place = name === 'data' ? 'event' : 'skipped';
			if (place === 'event' && (scan as Scan | null)?.isClosed()) endScan();
			return at + 1;
		}
		if (name.length < LONGEST_FIELD && byte !== LF && byte !== CR && byte !== COLON) {
			name += String.fromCharCode(byte);
			return at + 1;
		}
		addText(Buffer.from(name, 'latin1'));
		place = 'words';
		return at;
	};
	/** Reads a line to its end. */
	const readLine = (bytes: Buffer, at: number, end: number): number => {
		const line = bytes.subarray(at, end);
		if (place === 'event') readEvent(line);
		else if (place === 'words') addText(line);
		if (end < bytes.length) {
			if (place === 'event') scan?.push(LINE_END);
			if (place === 'words') addText(LINE_END);
			afterReturn = bytes[end] === CR;
			place = 'line';
			return end + 1;
		}
		return end;
	};
	const readEvent = (line: Buffer) => {
		if (scan !== null) return void scanOn(line);
		const start = line.findIndex((byte) => !BLANK.has(byte));
		if (start < 0) return;
		if (line.toString('latin1', start, start + 6) === '[DONE]') isLast = true;
		else if (line[start] === OPEN_OBJECT || line[start] === OPEN_ARRAY)
			scanOn(line.subarray(start));
		else addText(line);
	};

	const pushSlice = (bytes: Buffer) => {
		const lineEnds = lineEndsIn(bytes);
		for (let at = 0; at < bytes.length && !isOver();) {
			if (place === 'line') at = startLine(bytes, at);
			else if (place === 'field') at = readField(bytes, at);
			else if (place === 'json') {
				const used = scanOn(bytes.subarray(at));
				if (isPage) addText(bytes.subarray(at, at + used));
				at += used;
				if (!scan?.isClosed()) return;
				place = isPage ? 'words' : 'line';
				endValue();
			} else at = readLine(bytes, at, lineEnds(at));
		}
	};
	/** Behind a value only another one is looked for: what else stands there is none of ours. */
	const endValue = () => {
		endScan();
		isLast = !isPage || values.length > 0;
	};

	return {
		push(chunk) {
			for (let at = 0; at < chunk.length; at += SLICE) pushSlice(chunk.subarray(at, at + SLICE));
		},
		isComplete: () => isLast,
		isEnough: () =>
			values.length === 0 && text.length >= TEXT_LIMIT && !(scan && scan.pictureBytes() > 0),
		isOver,
		pictureBytes: () => pictureBytes + (scan?.pictureBytes() ?? 0),
		end() {
			if (place === 'field') addText(Buffer.from(name, 'latin1'));
			const closed = scan === null ? values.length > 0 || isNone : scan.isClosed();
			endScan();
			return {
				json: values.length > 1 ? values : values[0],
				text: text.slice(0, TEXT_LIMIT),
				closed,
			};
		},
	};
}

const LINE_END = Buffer.from('\n');

/** Where each line of some bytes ends, asked for in order; their length where the last one does not. */
function lineEndsIn(bytes: Buffer): (from: number) => number {
	let lf = -1;
	let cr = -1;
	const next = (byte: number, from: number) => {
		const found = bytes.indexOf(byte, from);
		return found < 0 ? bytes.length : found;
	};
	return (from) => {
		if (lf < from) lf = next(LF, from);
		if (cr < from) cr = next(CR, from);
		return Math.min(lf, cr);
	};
}

/** Whether JSON is a reply of the API. */
const isAnswer = (json: unknown): boolean =>
	(Array.isArray(json) ? json : [json]).some(
		(one: unknown) => field(one, 'candidates') !== undefined,
	);

/** Whether a stream's event is its last: a candidate is finished, or there will be none. */
const isFinal = (event: unknown): boolean =>
	field(event, 'error') !== undefined ||
	list(event, 'candidates').some((candidate) => Boolean(field(candidate, 'finishReason')));
