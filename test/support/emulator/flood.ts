import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** A body such as no server should send: a beginning, a piece again and again, an end. */
export interface Flood {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly begin?: string;
	readonly piece: string;
	/** Of pieces; without end where unset. */
	readonly megabytes?: number;
	readonly end?: string;
	/** Compressed; labelled unless `silent`. */
	readonly gzip?: 'labelled' | 'silent';
}

const BLOCK = 64 * 1024;
const MB = 1024 * 1024;
/** 1 x 1, transparent; its base64 needs no padding. */
const TINY =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PART = `{"inlineData":{"mimeType":"image/png","data":"${TINY}"}},`;
const PARTS = '{"candidates":[{"content":{"parts":[';
const INLINE = `${PARTS}{"inlineData":{"mimeType":"image/png","data":"`;

/** By the word that stands in brackets in a prompt. */
export const FLOODS: Readonly<Record<string, Flood>> = {
	'endless-blanks': { piece: ' ' },
	'endless-objects': { begin: '{"candidates":[', piece: '{},' },
	'endless-numbers': { begin: '{"candidates":[', piece: '1,' },
	'endless-string': { begin: `${PARTS}{"text":"`, piece: 'a ' },
	'endless-letters': { begin: `${PARTS}{"text":"`, piece: 'A' },
	'endless-base64': { begin: INLINE, piece: 'A' },
	'endless-picture': { begin: INLINE + TINY.slice(0, 40), piece: 'A' },
	'endless-picture-in-text': {
		begin: `${PARTS}{"text":"![](data:image/png;base64,${TINY.slice(0, 40)}`,
		piece: 'A',
	},
	'endless-bytes': { begin: 'RIFFAAAAWEBPVP8 ', piece: 'A' },
	'endless-keys': { begin: '{', piece: '"k":1,' },
	'endless-depth': { piece: '[' },
	'endless-page': { headers: { 'content-type': 'text/html' }, piece: '<p>' },
	'endless-page-500': { status: 500, headers: { 'content-type': 'text/html' }, piece: '<p>' },
	'endless-words': { piece: 'busy\n' },
	'endless-events': { headers: { 'content-type': 'text/event-stream' }, piece: 'data: {}\n\n' },
	'endless-lines': { headers: { 'content-type': 'text/event-stream' }, piece: 'data:\n' },
	'endless-answers': { piece: '{}\n' },
	'endless-parts': { begin: PARTS, piece: '{"text":"x"},' },
	'tiny-pictures': { begin: PARTS, piece: PART, megabytes: 12, end: `${PART.slice(0, -1)}]}}]}` },
	'tiny-pictures-in-text': {
		begin: `${PARTS}{"text":"`,
		piece: `data:image/png;base64,${TINY} `,
		megabytes: 12,
		end: '"}]}}]}',
	},
	'many-objects': { begin: '{"candidates":[', piece: '{},', megabytes: 30, end: '{}]}' },
	'packed-blanks': { piece: ' ', megabytes: 200, gzip: 'labelled' },
	'packed-objects': {
		begin: '{"candidates":[',
		piece: '{},',
		megabytes: 30,
		end: '{}]}',
		gzip: 'labelled',
	},
	'packed-unannounced': {
		begin: '{"candidates":[',
		piece: '{},',
		megabytes: 30,
		end: '{}]}',
		gzip: 'silent',
	},
	'long-reason': {
		begin: '{"promptFeedback":{"blockReason":"',
		piece: 'B',
		megabytes: 3,
		end: '"}}',
	},
	'long-message': {
		status: 400,
		begin: '{"error":{"code":400,"message":"',
		piece: '{\\"a\\":',
		megabytes: 3,
		end: '"}}',
	},
	'many-messages': {
		status: 400,
		begin: '{"error":["',
		piece: `${'['.repeat(65_000)}","`,
		megabytes: 3,
		end: '"]}',
	},
	'blanks-in-text': {
		begin: `${PARTS}{"text":"${' '.repeat(100)}${TINY.slice(0, 11)}`,
		piece: ' ',
		megabytes: 3,
		end: '!"}]}}]}',
	},
	'addresses-in-text': {
		begin: `${PARTS}{"text":"`,
		piece: 'http://',
		megabytes: 3,
		end: '"}]}}]}',
	},
	'long-caption': {
		begin: `${PARTS}${PART}{"text":"`,
		piece: 'word ',
		megabytes: 3,
		end: '"}]}}]}',
	},
	'long-version': {
		begin: `${PARTS}${PART.slice(0, -1)}]}}],"modelVersion":"`,
		piece: 'v',
		megabytes: 3,
		end: '"}',
	},
};

/** Sends it, no faster than it is read, until it ends or the other side hangs up. */
export async function sendFlood(
	response: ServerResponse,
	flood: Flood,
	signal: AbortSignal,
): Promise<void> {
	const { status = 200, headers, begin = '', piece, megabytes = Infinity, end = '', gzip } = flood;
	response.writeHead(status, {
		'content-type': 'application/json',
		...headers,
		...(gzip === 'labelled' && { 'content-encoding': 'gzip' }),
	});
	// Members of gzip, one after another, are one.
	const pack = (text: string) => (gzip ? gzipSync(text, { level: 9 }) : Buffer.from(text));
	const size = gzip ? MB : BLOCK;
	const block = pack(piece.repeat(Math.ceil(size / piece.length)));
	const write = async (bytes: Buffer) => {
		if (!response.write(bytes)) await once(response, 'drain', { signal });
	};
	await write(pack(begin));
	for (let left = megabytes * MB; left > 0; left -= size) await write(block);
	response.end(pack(end));
}
