import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { scanJson } from '../../../core/src/call/scan';

/** What the scan must equal: the whole text parsed, then each image's base64 decoded at once. */
function reference(text: string): unknown {
	return JSON.parse(text, function (this: unknown, key, value: unknown) {
		const isInline = key === 'inlineData' || key === 'inline_data';
		if (!isInline || Array.isArray(this) || !isPlain(value)) return value;
		if (typeof value.data !== 'string') return value;
		// Buffer.from reads characters beyond ASCII by their low byte, which no one can mean.
		const ascii = value.data.replace(/[^\0-\x7f]/g, '');
		const base64 = ascii.replace(/^\s*data:[^,]{0,1018},/i, '');
		return { ...value, data: Buffer.from(base64, 'base64') };
	});
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

function scan(bytes: Buffer, cuts: readonly number[], guess = 0) {
	const scanning = scanJson(() => guess);
	const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
	let start = 0;
	for (const end of [...ends, bytes.length]) {
		// A copy of its own: nothing may lean on what lies around a chunk.
		scanning.push(Buffer.from(bytes.subarray(start, end)));
		start = end;
	}
	return { ...scanning.end(), closed: scanning.isClosed() };
}

/** Writes JSON with the freedom the standard leaves: escapes, white space. */
function write(value: unknown, style: Style): string {
	const text = JSON.stringify(value, null, style.indent);
	return text
		.replaceAll('/', style.slash)
		.replaceAll('=', style.equals)
		.replaceAll('"inlineData"', style.inlineKey)
		.replaceAll('"data"', style.dataKey);
}

interface Style {
	indent: number | string;
	slash: string;
	equals: string;
	inlineKey: string;
	dataKey: string;
}

const style: fc.Arbitrary<Style> = fc.record({
	indent: fc.constantFrom(0, 1, 4, '\t', '\n \r'),
	slash: fc.constantFrom('/', '\\/', '\\u002f', '\\u002F'),
	equals: fc.constantFrom('=', '\\u003d', '\\u003D'),
	inlineKey: fc.constantFrom('"inlineData"', '"inline_data"', '"inlineD\\u0061ta"'),
	dataKey: fc.constantFrom('"data"', '"d\\u0061ta"', '"\\u0064\\u0061\\u0074\\u0061"'),
});

const picture = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const base64 = fc.oneof(
	picture.map((bytes) => bytes.toString('base64')),
	picture.map((bytes) => bytes.toString('base64url')),
	picture.map((bytes) => `data:image/png;base64,${bytes.toString('base64')}`),
	picture.map((bytes) => bytes.toString('base64').replace(/(.{19})/g, '$1\n')),
	fc.string({
		unit: fc.constantFrom('A', 'z', '+', '/', '-', '_', '=', ' ', '\n', '"', '\\', '*'),
	}),
	fc.constantFrom('', 'd', 'data', 'data:', 'data:,', 'DATA:x,QUJD', 'QQ', '====', 'QQ==QUJD'),
);
const inline = fc.oneof(
	fc.record({ mimeType: fc.constant('image/png'), data: base64 }),
	fc.record({ data: base64, mime_type: fc.constant('image/png') }),
	fc.record({ data: fc.oneof(fc.constant(null), fc.integer(), fc.constant([])) }),
	fc.record({ nested: fc.record({ data: base64 }), data: base64 }),
	fc.array(fc.record({ data: base64 }), { maxLength: 2 }),
);
const key = fc.oneof(
	fc.constantFrom('inlineData', 'inline_data', 'data', 'text', 'é', '', '"', '\\', '__proto__'),
	fc.string(),
);
const { json } = fc.letrec<{ json: unknown; part: unknown }>((tie) => ({
	part: fc.oneof(
		fc.record({ inlineData: inline }),
		fc.record({ inline_data: inline, thought: fc.boolean() }),
		fc.record({ text: fc.string({ unit: 'binary' }) }),
		fc.record({ text: fc.constant('{"inlineData":{"data":"QUJD"}}') }),
	),
	json: fc.oneof(
		{ maxDepth: 3, depthSize: 'small' },
		fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), fc.boolean(), base64),
		fc.dictionary(key, tie('json'), { maxKeys: 3 }),
		fc.array(fc.oneof(tie('json'), tie('part')), { maxLength: 3 }),
	),
}));
const container = fc.oneof(
	fc.array(json, { maxLength: 3 }),
	fc.dictionary(key, json, { maxKeys: 3 }),
);
const cuts = fc.oneof(fc.array(fc.nat(), { maxLength: 6 }), fc.constant(everyByte()));

function everyByte(): number[] {
	return Array.from({ length: 300 }, (_, index) => index);
}

describe('scanJson', () => {
	it('equals JSON.parse and Buffer.from, wherever the body is cut', () => {
		fc.assert(
			fc.property(container, style, cuts, fc.boolean(), (value, how, where, bom) => {
				const text = write(value, how);
				const bytes = Buffer.from((bom ? '\ufeff' : '') + text);
				const expected = { json: reference(text), closed: true };
				expect(isDeepStrictEqual(scan(bytes, where), expected)).toBe(true);
			}),
			{ numRuns: 6000 },
		);
	});

	it('keeps what was whole of a body that broke off', () => {
		fc.assert(
			fc.property(container, style, fc.nat(), cuts, (value, how, length, where) => {
				// One spelling, or a key may come twice and its second value replace the first.
				const bytes = Buffer.from(write(value, { ...how, inlineKey: '"inlineData"' }));
				const cut = bytes.subarray(0, length % bytes.length);
				const { json: kept, closed } = scan(cut, where);
				expect(closed).toBe(false);
				expect(cut.length === 0 || kept !== undefined).toBe(true);
				expect(isPrefix(kept, reference(bytes.toString()))).toBe(true);
			}),
			{ numRuns: 2000 },
		);
	});

	it.each([
		['what follows the outermost value', '{"a":1}<html>', { json: { a: 1 }, closed: true }],
		['a second value', '{"a":1}{"a":2}', { json: { a: 1 }, closed: true }],
		['no valid JSON', '{"a":1,,}', { json: undefined, closed: true }],
		['deeper nesting than any reply', '['.repeat(2000), { json: undefined, closed: true }],
		['nothing', '', { json: undefined, closed: false }],
	])('reads %s', (_name, text, expected) => {
		expect(scan(Buffer.from(text), [])).toEqual(expected);
	});
});

/** Whether every value of `part` is one of `whole`, at the same place. */
function isPrefix(part: unknown, whole: unknown): boolean {
	if (part === undefined) return true;
	if (Buffer.isBuffer(part)) return Buffer.isBuffer(whole) && part.equals(whole);
	if (Array.isArray(part)) {
		return Array.isArray(whole) && part.every((member, index) => isPrefix(member, whole[index]));
	}
	if (!isPlain(part)) return Object.is(part, whole);
	return (
		isPlain(whole) &&
		Object.entries(part).every(
			([name, value]) => Object.hasOwn(whole, name) && isPrefix(value, whole[name]),
		)
	);
}
