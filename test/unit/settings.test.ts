import { parsePoolSettings, SettingsInvalid } from 'gemini-t2i/pool';
import type { EndpointInput, SettingsInput } from 'gemini-t2i/pool';

const KEY = `AIzaSy${'A1b2-'.repeat(7)}`.slice(0, 39);
const OTHER = `AIzaSy${'z9Y8_'.repeat(7)}`.slice(0, 39);
const NEWER = `AQ.Ab8RN6${'q7W'.repeat(15)}`;
const GOOGLE = 'https://generativelanguage.googleapis.com';

const endpoint = (fields: Omit<EndpointInput, 'name'>, number = 1): EndpointInput => ({
	name: `Endpoint ${number}`,
	apiKeys: KEY,
	...fields,
});
const parseOne = (fields: Omit<EndpointInput, 'name'>) =>
	parsePoolSettings({ endpoints: [endpoint(fields)] }).endpoints[0];

const refusal = (input: SettingsInput): string => {
	try {
		parsePoolSettings(input);
	} catch (reason) {
		expect(reason).toBeInstanceOf(SettingsInvalid);
		return (reason as Error).message;
	}
	throw new Error('These settings were accepted');
};

test('one pasted key is enough', () => {
	expect(parsePoolSettings({ endpoints: [{ name: 'Endpoint 1', apiKeys: `${KEY}\n` }] })).toEqual({
		endpoints: [
			{
				name: 'Endpoint 1',
				keys: [KEY],
				baseUrl: GOOGLE,
				apiVersion: 'v1beta',
				rateLimit: 0,
				weight: 1,
			},
		],
		rateLimitScope: 'endpoint',
		maxConcurrentRequests: 16,
		processes: 1,
	});
});

test.each([undefined, null, '', '  '])('a field that is %p takes its default', (blank) => {
	const settings = parsePoolSettings({
		endpoints: [endpoint({ baseUrl: blank, rateLimit: blank, weight: blank, apiVersion: blank })],
		rateLimitScope: blank,
		maxConcurrentRequests: blank,
		processes: blank,
	});
	expect(settings).toEqual(parsePoolSettings({ endpoints: [endpoint({})] }));
});

test('numbers may be given as text, as expressions do', () => {
	const settings = parsePoolSettings({
		endpoints: [endpoint({ rateLimit: '60', weight: ' 2.5 ' })],
		maxConcurrentRequests: '8',
		processes: '2',
	});
	expect(settings).toMatchObject({
		endpoints: [{ rateLimit: 60, weight: 2.5 }],
		maxConcurrentRequests: 8,
		processes: 2,
	});
});

describe('keys', () => {
	test.each(['\n', '\r\n', ',', ';', ' ', ', ', ' ;\n\n', '\t', '\u00a0', '\u200b'])(
		'%j separates, and a repeated key counts once',
		(separator) => {
			const apiKeys = ['', KEY, OTHER, KEY, NEWER, ''].join(separator);
			expect(parseOne({ apiKeys }).keys).toEqual([KEY, OTHER, NEWER]);
		},
	);

	test.each([
		'k',
		'sk-0123456789abcdef',
		'my-proxy-key',
		'sk-proj-' + 'aB3-_'.repeat(20),
		'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0AQ.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
		'abcabcabc'.repeat(8),
		'0f3a5c7e9b1d'.repeat(4),
		'550e8400-e29b-41d4-a716-446655440000',
		'!@#$%^&*()',
	])('%s is accepted whatever its beginning', (key) => {
		expect(parseOne({ apiKeys: key }).keys).toEqual([key]);
	});

	test.each([
		['two of the classic kind', KEY + OTHER],
		['the same twice', KEY + KEY],
		['two of the newer kind', NEWER + NEWER],
		['classic, then newer', KEY + NEWER],
		['newer, then classic', NEWER + KEY],
		["two of a proxy's", 'sk-0123456789abcdefsk-fedcba9876543210'],
		["three of a proxy's", 'sk-0123456789abcdef'.repeat(3)],
		['a whole file', 'x1y2'.repeat(2000)],
	])('%s without a separator are refused', (_, apiKeys) => {
		const message = refusal({ endpoints: [endpoint({ apiKeys: `ok-key\n${apiKeys}` })] });
		expect(message).toBe(
			'Endpoint 1: key #2 looks like several keys without a separator. Put each key on its own line.',
		);
	});
});

describe('base URL and version', () => {
	test.each([
		['', 'auto', GOOGLE, 'v1beta'],
		[GOOGLE, 'auto', GOOGLE, 'v1beta'],
		['https://p.example', 'auto', 'https://p.example', 'v1beta'],
		['https://p.example/', 'auto', 'https://p.example', 'v1beta'],
		['https://P.Example:443/gemini//', 'auto', 'https://p.example/gemini', 'v1beta'],
		['https://p.example/v1beta', 'auto', 'https://p.example', 'v1beta'],
		['https://p.example/v1/', 'auto', 'https://p.example', 'v1'],
		['https://p.example/api/v1alpha', 'auto', 'https://p.example/api', 'v1alpha'],
		['https://p.example/v1', 'v1beta', 'https://p.example', 'v1beta'],
		['https://p.example/v1beta', 'v1', 'https://p.example', 'v1'],
		['https://p.example/v1beta/x', 'auto', 'https://p.example/v1beta/x', 'v1beta'],
		['https://p.example/v1/v1beta', 'auto', 'https://p.example/v1', 'v1beta'],
		['https://p.example/version', 'v1', 'https://p.example/version', 'v1'],
		[' http://127.0.0.1:8080 ', 'auto', 'http://127.0.0.1:8080', 'v1beta'],
	])('%j with %s is %s and %s', (baseUrl, apiVersion, expected, version) => {
		expect(parseOne({ baseUrl, apiVersion })).toMatchObject({
			baseUrl: expected,
			apiVersion: version,
		});
	});

	test.each([
		['p.example.com', 'full address'],
		['/v1beta', 'full address'],
		['ftp://p.example', 'full address'],
		['https://', 'full address'],
		['https://a b', 'full address'],
		[42, 'full address'],
		[`https://p.example?key=${KEY}`, 'before the "?"'],
		['https://p.example/?', 'before the "?"'],
		['https://p.example/#top', 'or "#"'],
		[`https://me:${KEY}@p.example`, 'user name and password'],
		['https://me@p.example', 'user name and password'],
		['https://p.example\\gemini', 'a backslash'],
		['https://p.example/a\tb', 'a tab or a line break'],
		['https://p.exa\nmple', 'a tab or a line break'],
		[`${GOOGLE}/v1beta/models/gemini-nano-banana-2.1:generateContent`, 'before "/models"'],
		[`${GOOGLE}/v1beta/openai/`, '"/openai"'],
	])('%s is refused', (baseUrl, advice) => {
		const message = refusal({ endpoints: [endpoint({ baseUrl })] });
		expect(message).toMatch(/^Endpoint 1: /);
		expect(message).toContain(advice);
	});
});

test('a host says it in its own words', () => {
	const names = { rateLimit: '--limit', processes: 'workers' };
	const bad = (input: SettingsInput) => () => parsePoolSettings(input, names);
	expect(bad({ endpoints: [endpoint({ rateLimit: -1 })] })).toThrow(/^Endpoint 1: --limit must be/);
	expect(bad({ endpoints: [endpoint({})], processes: 0 })).toThrow(
		/^workers must be a whole number/,
	);
	expect(bad({ endpoints: [endpoint({ weight: -1 })] })).toThrow(/^Endpoint 1: Share of Images/);
});

describe('every sentence names the place and what to change', () => {
	const two = (first: Omit<EndpointInput, 'name'>, second: Omit<EndpointInput, 'name'>) => ({
		endpoints: [endpoint(first), endpoint({ apiKeys: OTHER, ...second }, 3)],
	});
	test.each<[string, SettingsInput, string]>([
		['no endpoint', { endpoints: [] }, 'Add Endpoint 1'],
		['no key', two({}, { apiKeys: ' ,; \n' }), 'Endpoint 3 has no API key. Paste one'],
		['key no text', two({ apiKeys: 7 }, {}), 'Endpoint 1: API Keys must be text'],
		['key not ASCII', two({ apiKeys: `“${KEY}”` }, {}), 'Endpoint 1: key #1 holds a character'],
		[
			'key in quotes',
			two({ apiKeys: `"${KEY}"` }, {}),
			'Endpoint 1: key #1 stands in quotation marks',
		],
		[
			'key after a key in quotes',
			two({ apiKeys: `${KEY}\n'a-key'` }, {}),
			'Endpoint 1: key #2 stands',
		],
		[
			'key with Bearer',
			two({ apiKeys: `Bearer ${KEY}` }, {}),
			'key #1 is the beginning of an HTTP header',
		],
		[
			'key with its header',
			two({ apiKeys: `x-goog-api-key: ${KEY}` }, {}),
			'key #1 is the beginning of an HTTP header',
		],
		[
			'key with its variable',
			two({ apiKeys: `GEMINI_API_KEY=${KEY}` }, {}),
			'key #1 begins with the name of a variable',
		],
		[
			'limit below 0',
			two({}, { rateLimit: -1 }),
			'Endpoint 3: Requests per Minute must be a whole',
		],
		[
			'limit broken',
			two({}, { rateLimit: 1.5 }),
			'Endpoint 3: Requests per Minute must be a whole',
		],
		['limit no number', two({}, { rateLimit: 'many' }), '0 means no limit'],
		[
			'weight below 0',
			two({ weight: -1 }, {}),
			'Endpoint 1: Share of Images must be a number of 0',
		],
		['weight infinite', two({ weight: Infinity }, {}), 'Endpoint 1: Share of Images must be'],
		['weight a list', two({ weight: [1] }, {}), 'Endpoint 1: Share of Images must be'],
		['all on standby', two({ weight: 0 }, { weight: '0' }), 'Endpoint 1, Endpoint 3: every Share'],
		['version', two({}, { apiVersion: 'beta' }), 'Endpoint 3: its API Version must be auto'],
		[
			'shared key',
			two({}, { apiKeys: `${OTHER}\n${KEY}` }),
			'Endpoint 3: key #2 is already in Endpoint 1',
		],
		[
			'shared key, other spelling of the URL',
			two({}, { apiKeys: KEY, baseUrl: `${GOOGLE}/v1beta/` }),
			'Endpoint 3: key #1 is already in Endpoint 1 with the same URL',
		],
		['scope', { ...two({}, {}), rateLimitScope: 'project' }, 'Limit Applies To must be'],
		[
			'concurrency 0',
			{ ...two({}, {}), maxConcurrentRequests: 0 },
			'Images at Once must be a whole',
		],
		['concurrency 1.5', { ...two({}, {}), maxConcurrentRequests: 1.5 }, 'Images at Once must be'],
		[
			'workers 0',
			{ ...two({}, {}), processes: 0 },
			'Processes must be a whole number of 1 or more',
		],
		[
			'fewer at once than workers',
			{ ...two({}, {}), maxConcurrentRequests: 3, processes: 4 },
			'Images at Once (3) must be at least the number of Processes (4)',
		],
	])('%s', (_, input, sentence) => {
		const message = refusal(input);
		expect(message).toContain(sentence);
		expect(message).not.toMatch(/error|problem|failure|mistake/i);
		for (const key of [KEY, OTHER]) expect(message).not.toContain(key);
	});
});

test.each([
	['another URL', { apiKeys: KEY, baseUrl: 'https://p.example' }],
	['another version', { apiKeys: KEY, apiVersion: 'v1' }],
])('the same key at %s is another lane', (_, second) => {
	const { endpoints } = parsePoolSettings({ endpoints: [endpoint({}), endpoint(second, 2)] });
	expect(endpoints.map(({ keys }) => keys)).toEqual([[KEY], [KEY]]);
});
