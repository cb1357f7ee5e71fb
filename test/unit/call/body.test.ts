import { gzipSync } from 'node:zlib';
import { readBody } from '../../../core/src/call/body';
import { classifyReply } from '../../../core/src/call/classify';
import { systemHost } from '../../../core/src/system';

const png =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';
const withImage = `{"candidates":[{"content":{"parts":[{"inlineData":{"data":"${png}"}}`;

const sizes = { limit: 1e9, usualImage: 10 };

/** A body that hands out these pieces, and then ends, breaks off or goes on for ever. */
function bodyOf(pieces: readonly string[], then: 'end' | 'break' | 'wait' = 'end') {
	const left = [...pieces];
	let cancelled = false;
	const response = new Response(
		new ReadableStream({
			pull(controller) {
				const piece = left.shift();
				if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
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

	it('is not confused by bytes that were left compressed', async () => {
		const response = new Response(new Uint8Array(gzipSync('{"a":1}')));
		expect(await readBody(response, host(), sizes)).toMatchObject({
			json: undefined,
			end: 'whole',
		});
	});
});
