import fc from 'fast-check';
import { captionFor, maskOf, tellFor } from '../../../core/src/call/secrets';

const KEY = 'AIzaSy-D3mo_Key/with+signs=1234';
const OTHER = 'sk-another-key-of-the-same-credential';
const LANES = [
	{ key: KEY, label: 'Endpoint 1 #1' },
	{ key: OTHER, label: 'Endpoint 1 #2' },
	{ key: 'none', label: 'Endpoint 2 #1' },
];
const mask = maskOf(LANES);
const tell = tellFor(mask);

const each = (text: string, change: (letter: string, at: number) => string) =>
	[...text].map(change).join('');
const hex = (letter: string, digits: number) =>
	letter.charCodeAt(0).toString(16).padStart(digits, '0');
const between = (put: string) => (key: string) =>
	each(key, (letter, at) => (at % 5 === 4 ? letter + put : letter));

/** How a server may write a key. */
const SPELLINGS: Readonly<Record<string, (key: string) => string>> = {
	'as it is': (key) => key,
	'in capitals': (key) => key.toUpperCase(),
	'in small letters': (key) => key.toLowerCase(),
	'as in a URL': encodeURIComponent,
	'as in a URL, in small letters': (key) => encodeURIComponent(key).toLowerCase(),
	'every letter as in a URL': (key) => each(key, (letter) => `%${hex(letter, 2)}`),
	'as in a URL within a URL': (key) => encodeURIComponent(encodeURIComponent(key)),
	'in JSON': (key) => JSON.stringify(key).replaceAll('/', '\\/'),
	'in JSON within JSON': (key) => JSON.stringify(JSON.stringify({ key }).replaceAll('/', '\\/')),
	'every letter as in JSON': (key) => each(key, (letter) => `\\u${hex(letter, 4)}`),
	'every letter as in JavaScript': (key) => each(key, (letter) => `\\x${hex(letter, 2)}`),
	'as in HTML': (key) =>
		each(key, (letter) => (/\w/.test(letter) ? letter : `&#${letter.charCodeAt(0)};`)),
	'every letter as in HTML': (key) => each(key, (letter) => `&#x${hex(letter, 2)};`),
	'as in HTML by names': (key) =>
		key.replaceAll('/', '&sol;').replaceAll('+', '&plus;').replaceAll('=', '&equals;'),
	'in base64': (key) => Buffer.from(key).toString('base64'),
	'in base64url': (key) => Buffer.from(key).toString('base64url'),
	'in base64 behind a name': (key) => Buffer.from(`user:${key}`).toString('base64'),
	'in base64 between others': (key) => Buffer.from(`{"k":"${key}","n":1}`).toString('base64'),
	'in hexadecimal': (key) => Buffer.from(key).toString('hex'),
	'with tags between': between('<b>'),
	'with closing tags between': between('</span><span class="x">'),
	'with zero-width spaces between': between('\u200b'),
	'with soft hyphens between': between('\u00ad'),
	'with marks of direction between': between('\u202e'),
	'with joiners between': between('\u2060\ufeff'),
	'with controls between': between('\u0000'),
	'with line feeds between': between('\n'),
	'with line feeds of JSON between': between('\\n'),
	'in wide letters': (key) =>
		each(key, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
};

/** Where in a text a key may stand. */
const PLACES: Readonly<Record<string, (spelled: string) => string>> = {
	alone: (key) => key,
	'between words': (key) => `Key ${key} is not known.`,
	twice: (key) => `${key} ${key}`,
	'in an address': (key) => `https://relay.example/v1beta/models?key=${key}&alt=json`,
	'in a tag': (key) => `Sorry <a href="/?key=${key}">here</a>.`,
	'behind markup': (key) => `<p><b>Sorry</b>, ${key}</p>`,
	'where a line is cut': (key) => 'x '.repeat(140) + key,
	'behind much that is stripped': (key) => '<i>'.repeat(5000) + key,
	'where a text is cut': (key) => '\u200b'.repeat(16 * 1024 - 12) + key,
};

const table = Object.keys(SPELLINGS).flatMap((spelling) =>
	Object.keys(PLACES).map((place) => [spelling, place] as const),
);

/** What would give a key away: a third of it, read as plainly as a person can read. */
function giveaways(key: string): string[] {
	const length = Math.ceil(key.length / 3);
	return Array.from({ length: key.length - length }, (_, at) =>
		key.slice(at, at + length).toLowerCase(),
	);
}

const plainly = (text: string) =>
	text
		.replace(/%25/g, '%')
		.replace(/(?:%|\\x)([0-9a-f]{2})/gi, (_, code: string) =>
			String.fromCharCode(parseInt(code, 16)),
		)
		.replace(/(?:\\u|&#x)([0-9a-f]{2,4});?/gi, (_, code: string) =>
			String.fromCharCode(parseInt(code, 16)),
		)
		.replace(/<[^<>]*>|[^!-~]|\\[nr]?/g, '')
		.toLowerCase();

const gives = (text: string, key: string) => {
	const plain = plainly(text);
	const base64 = (text.match(/[\w+/-]{12,}/g) ?? []).map((run) =>
		Buffer.from(run, 'base64').toString('latin1').toLowerCase(),
	);
	return [plain, ...base64].some((read) => giveaways(key).some((part) => read.includes(part)));
};

describe.each([
	['the key that was asked', KEY, 'Endpoint 1 #1'],
	['another key of the credential', OTHER, 'Endpoint 1 #2'],
])('%s', (_name, key, label) => {
	it.each(table)('%s, %s', (spelling, place) => {
		const said = PLACES[place]!(SPELLINGS[spelling]!(key));
		expect(gives(tell(said), key)).toBe(false);
		const masked = mask(said);
		expect(masked).toContain(`[${label}]`);
		expect(gives(masked, key)).toBe(false);
	});
});

describe('a mask', () => {
	it('leaves short placeholders alone', () => {
		expect(tell('There are none.')).toBe('There are none.');
	});

	it.each([
		['Nothing to hide: 100 % &amp; <b>more</b> \\u0041 \\n.'],
		['data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAJ'],
		['نص عربي \u200f with marks 👩‍👩‍👧'],
	])('leaves other words as they are: %s', (text) => {
		expect(mask(text)).toBe(text);
		expect(captionFor(mask, text)).toBe(text);
	});

	it('names the longer of two keys of which one begins the other', () => {
		const twins = maskOf([
			{ key: 'abcdefgh', label: 'one' },
			{ key: 'abcdefghijkl', label: 'two' },
		]);
		expect(twins('abcdefghijkl abcdefgh')).toBe('[two] [one]');
	});

	it('gives no key away, whatever stands around', () => {
		const piece = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('<', '>', '&', '%', '\\', '&#', '%2', '\\u00', '\u200b', '<b>'),
			fc.constantFrom(...Object.values(SPELLINGS)).map((spell) => spell(KEY)),
		);
		fc.assert(
			fc.property(fc.array(piece), (pieces) => {
				const line = tell(pieces.join(' '));
				expect(line.toLowerCase()).not.toContain(KEY.toLowerCase());
				expect(line.length).toBeLessThanOrEqual(300);
			}),
		);
	});

	it.each([
		['<'],
		['\\'],
		['%41'],
		['&#65;'],
		['\u200b'],
		['A'],
		['<b'],
		[KEY],
		[Buffer.from(KEY).toString('base64')],
	])('costs little for a megabyte of %j', (piece) => {
		expect(tell(piece.repeat(1e6 / piece.length)).length).toBeLessThanOrEqual(300);
	});
});
