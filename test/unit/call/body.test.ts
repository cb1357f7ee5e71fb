import { deflateSync, gzipSync } from 'node:zlib';
import { readBody } from '../../../core/src/call/body';
import { classifyReply } from '../../../core/src/call/classify';
import { systemHost } from '../../../core/src/system';

const png =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';
const withImage = `{"candidates":[{"content":{"parts":[{"inlineData":{"data":"${png}"}}`;

const sizes = { limit: 1e9, usualImage: 10 };

/** A body that hands out these pieces, and then ends, breaks off or goes on for ever. */
function bodyOf(pieces: readonly (string | Buffer)[], then: 'end' | 'break' | 'wait' = 'end') {
	const left = [...pieces];
	let cancelled = false;
	const response = new Response(
		new ReadableStream({
			pull(controller) {
				const piece = left.shift();
				if (piece !== undefined) controller.enqueue(new Uint8Array(Buffer.from(piece as string)));
				else if (then === 'end') controller.close();
				else if (then === 'break') controller.error(new Error('reset'));
				else return new Promise(() => {});
				return undefined;
			},
			cancel() {
				cancelled = true;
			},
		}),
	);
	return { response, wasCancelled: () => cancelled };
}

const host = (signal = new AbortController().signal) => systemHost(signal);

const read = (pieces: readonly string[], then?: 'end' | 'break', limit = 10_000) =>
	readBody(bodyOf(pieces, then).response, host(), { limit, usualImage: 10 });

describe('readBody', () => {
	test.each([
		[10, 'whole'],
		[0, 'overLimit'],
	])('a picture where one of %i bytes is expected: %s', async (usualImage, end) => {
		const { response } = bodyOf([`${withImage}]}}]}`.replace(png, png + 'A'.repeat(4000))]);
		expect((await readBody(response, host(), { limit: 1000, usualImage })).end).toBe(end);
	});

	test.each([
		['PNG', Buffer.from(png, 'base64')],
		['JPEG', Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')],
		['WebP', Buffer.from('RIFF\x16\0\0\0WEBPVP8L0000000000', 'latin1')],
		['GIF', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1')],
	])('a reply that is a picture (%s), however short its first pieces are', async (_name, image) => {
		for (const size of [1, 2, 7, 11, 12, image.length]) {
			const pieces: Buffer[] = [];
			for (let at = 0; at < image.length; at += size) pieces.push(image.subarray(at, at + size));
			const { response } = bodyOf(pieces);
			expect(await readBody(response, host(), sizes)).toEqual({
				json: { image },
				text: '',
				end: 'whole',
			});
		}
	});

	test.each([
		[90_000, 'whole'],
		[110_000, 'overLimit'],
	])('a stream of %i lines before its answer: %s', async (lines, end) => {
		const { response } = bodyOf([
			...Array.from({ length: lines / 1000 }, () => 'data:\n'.repeat(1000)),
			`data: ${withImage}]}}]}\n\n`,
		]);
		expect((await readBody(response, host(), sizes)).end).toBe(end);
	});

	it.each([
		['JSON', ['{"a":', '1}'], { json: { a: 1 }, text: '', end: 'whole' }],
		['JSON behind a mark and white space', ['\ufeff', ' \n', '[1]'], { json: [1], end: 'whole' }],
		['a word', ['busy'], { json: undefined, text: 'busy', end: 'whole' }],
		['nothing', [], { json: undefined, text: '', end: 'whole' }],
		['white space', [' \n'], { json: undefined, text: '', end: 'whole' }],
		['JSON that stops', ['{"a":1,"b'], { json: { a: 1 }, text: '', end: 'brokenOff' }],
		[
			'what is almost JSON',
			['{"a":1,,}'],
			{ json: undefined, text: expect.stringMatching(/none/), end: 'whole' },
		],
	])('reads %s', async (_name, pieces, expected) => {
		expect(await read(pieces)).toMatchObject(expected);
	});

	it('keeps what came whole before the connection broke', async () => {
		expect(await read(['{"a":1,"b":2', ',"c'], 'break')).toMatchObject({
			json: { a: 1, b: 2 },
			end: 'brokenOff',
		});
		expect(await read(['{"a":1}'], 'break')).toMatchObject({ json: { a: 1 }, end: 'whole' });
	});

	it('ends with the signal, and lets go of the connection', async () => {
		const { response, wasCancelled } = bodyOf(['{"a":1,'], 'wait');
		expect(await readBody(response, host(AbortSignal.timeout(20)), sizes)).toMatchObject({
			end: 'aborted',
			json: { a: 1 },
		});
		expect(wasCancelled()).toBe(true);
	});

	it('waits a moment only for the end of a connection when all of the JSON has come', async () => {
		const { response, wasCancelled } = bodyOf(['{"a":1}', '\n'], 'wait');
		const waits: number[] = [];
		const sleep = async (ms: number) => void waits.push(ms);
		const body = await readBody(response, { ...host(), sleep }, sizes);
		expect(body).toMatchObject({ json: { a: 1 }, end: 'whole' });
		expect(waits).toEqual([1000]);
		expect(wasCancelled()).toBe(true);
	});

	it('stops at the limit, which is a bad request unless an image had come', async () => {
		const reading = { tell: (said: string) => said, wallClock: () => 0 };
		const outcomeOf = async (start: string) => {
			const body = await read([start, ...Array<string>(50).fill(' '.repeat(100))], 'end', 2000);
			expect(body.end).toBe('overLimit');
			return classifyReply({ status: 200, headers: new Headers(), ...body }, reading);
		};
		expect(await outcomeOf('{"a":1,')).toMatchObject({
			kind: 'badRequest',
			message: 'body over the limit',
		});
		expect(await outcomeOf(withImage)).toMatchObject({ kind: 'images' });
	});

	it('takes only the start of a long page', async () => {
		const { text, end } = await readBody(
			bodyOf(Array<string>(100).fill('x'.repeat(10_000))).response,
			host(),
			sizes,
		);
		expect({ length: text.length, end }).toEqual({ length: 64 * 1024, end: 'whole' });
	});

	it('does not trust an announced length', async () => {
		for (const length of ['0', '-5', '99999999999', 'many', '10']) {
			const response = new Response(`${withImage}]}}]}`, { headers: { 'content-length': length } });
			const { json, end } = await readBody(response, host(), sizes);
			expect(end).toBe('whole');
			expect(JSON.stringify(json)).toContain('Buffer');
		}
	});

	it.each([
		['gzip', gzipSync('{"a":1}')],
		['gzip twice', gzipSync(gzipSync('{"a":1}'))],
		['zlib', deflateSync('{"a":1}')],
	])('reads bytes that were left compressed (%s)', async (_name, bytes) => {
		for (const size of [1, 2, 7, bytes.length]) {
			const pieces: Buffer[] = [];
			for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
			const { response } = bodyOf(pieces);
			expect(await readBody(response, host(), sizes)).toEqual({
				json: { a: 1 },
				text: '',
				end: 'whole',
			});
		}
	});

	it.each<[string, string[], object]>([
		['an event', ['data: {"a":1}\n\n'], { json: { a: 1 } }],
		['an event without its end', ['data: {"a":1}'], { json: { a: 1 }, end: 'whole' }],
		['an event in lines', ['data: {"a":\ndata: 1}\n\n'], { json: { a: 1 } }],
		['events', ['data: {"a":1}\r\n\r\ndata:{"a":2}\r\r'], { json: [{ a: 1 }, { a: 2 }] }],
		[
			'events one line after the other',
			['data: {"a":1}\ndata: {"a":2}\n'],
			{ json: [{ a: 1 }, { a: 2 }] },
		],
		['an event and its kind', ['event: x\nid: 1\nretry: 5\ndata: {"a":1}\n\n'], { json: { a: 1 } }],
		[
			'events between signs of life',
			[': ping\n\n', 'data: {"a":1}\n\n: ping\n\n'],
			{ json: { a: 1 } },
		],
		['the end of a stream', ['data: {"a":1}\n\ndata: [DONE]\n\n'], { json: { a: 1 } }],
		['an event that breaks off', ['data: {"a":1,"b'], { json: { a: 1 }, end: 'brokenOff' }],
		['JSON behind a sign of life', [': processing\n\n{"a":1}'], { json: { a: 1 } }],
		['JSON behind a word', ['ping\n{"a":1}'], { json: { a: 1 } }],
		['one JSON after another', ['{"a":1}\n{"a":2}'], { json: [{ a: 1 }, { a: 2 }] }],
		['words in several lines', ['busy\nnow'], { json: undefined, text: 'busy\nnow' }],
		[
			'a page with JSON in it',
			['<p>\n{"a":1}\n</p>'],
			{ json: undefined, text: '<p>\n{"a":1}\n</p>' },
		],
		[
			'what Python writes',
			["{'error': {'code': 429, 'x': None}}"],
			{ json: { error: { code: 429, x: null } } },
		],
		[
			'a number that is none, beside a complaint',
			['{"error":{"x":NaN}}'],
			{ json: { error: { x: null } } },
		],
	])('reads %s, wherever it is cut', async (_name, pieces, expected) => {
		expect(await readBody(bodyOf(pieces).response, host(), sizes)).toMatchObject(expected);
		const letters = [...pieces.join('')];
		expect(await readBody(bodyOf(letters).response, host(), sizes)).toMatchObject(expected);
	});

	it('lets go of a stream that is held open behind its last event', async () => {
		const { response, wasCancelled } = bodyOf(
			['data: {"candidates":[{"finishReason":"STOP"}]}\n\n'],
			'wait',
		);
		const body = await readBody(response, { ...host(), sleep: async () => undefined }, sizes);
		expect(body).toMatchObject({ end: 'whole' });
		expect(wasCancelled()).toBe(true);
	});
});
