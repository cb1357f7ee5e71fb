import { readEnvironment } from '../../../core/cli/environment';
import { UsageInvalid } from '../../../core/cli/input';

const endpointsOf = (variables: Record<string, string>) => readEnvironment(variables).endpoints;

describe('who gets which key', () => {
	test.each<[string, Record<string, string>, [url: string, keys: string][]]>([
		['one key, Google', { GEMINI_API_KEY: 'k' }, [['', 'k']]],
		['several keys, Google', { DG_GEMINI_API_KEYS: 'k1,k2,k3' }, [['', 'k1\nk2\nk3']]],
		[
			'one key, a proxy',
			{ GEMINI_API_KEY: 'k', DG_GEMINI_BASE_URL: 'http://p' },
			[['http://p', 'k']],
		],
		[
			'the list wins over the one key',
			{ GEMINI_API_KEY: 'k', DG_GEMINI_API_KEYS: 'k1,k2' },
			[['', 'k1\nk2']],
		],
		[
			'one to one',
			{ DG_GEMINI_ENDPOINTS: 'http://a,http://b', DG_GEMINI_API_KEYS: 'k1,k2' },
			[
				['http://a', 'k1'],
				['http://b', 'k2'],
			],
		],
		[
			'an empty entry is Google',
			{ DG_GEMINI_ENDPOINTS: ',http://b', DG_GEMINI_API_KEYS: 'k1,k2' },
			[
				['', 'k1'],
				['http://b', 'k2'],
			],
		],
		[
			'one key serves all',
			{ DG_GEMINI_ENDPOINTS: 'http://a,http://b', GEMINI_API_KEY: 'k' },
			[
				['http://a', 'k'],
				['http://b', 'k'],
			],
		],
		[
			'one endpoint takes all',
			{ DG_GEMINI_ENDPOINTS: 'http://a', DG_GEMINI_API_KEYS: 'k1,k2|k3' },
			[['http://a', 'k1\nk2\nk3']],
		],
		[
			'several for one of two',
			{ DG_GEMINI_ENDPOINTS: 'http://a,http://b', DG_GEMINI_API_KEYS: 'k1|k2, k3' },
			[
				['http://a', 'k1\nk2'],
				['http://b', 'k3'],
			],
		],
		[
			'the list of endpoints wins over the base URL',
			{ DG_GEMINI_ENDPOINTS: 'http://a', DG_GEMINI_BASE_URL: 'http://b', GEMINI_API_KEY: 'k' },
			[['http://a', 'k']],
		],
		['another tool’s name for the list', { GEMINI_API_KEYS: 'k1,k2' }, [['', 'k1\nk2']]],
		['another tool’s name for the key', { GOOGLE_API_KEY: 'k' }, [['', 'k']]],
		['its own name first', { GOOGLE_API_KEY: 'x', GEMINI_API_KEY: 'k' }, [['', 'k']]],
		['the former tool’s first name', { DG_GEMINI_API_KEY: 'k', GEMINI_API_KEY: 'x' }, [['', 'k']]],
		[
			'another name for the address',
			{ GEMINI_API_KEY: 'k', GEMINI_BASE_URL: 'http://p' },
			[['http://p', 'k']],
		],
		[
			'the former tool’s other name for the address',
			{ GEMINI_API_KEY: 'k', GOOGLE_GENAI_BASE_URL: 'http://p' },
			[['http://p', 'k']],
		],
		[
			'blank is unset',
			{ GEMINI_API_KEY: ' k ', DG_GEMINI_ENDPOINTS: ' ', DG_GEMINI_API_KEYS: '' },
			[['', 'k']],
		],
	])('%s', (_, variables, expected) => {
		const endpoints = endpointsOf(variables);
		expect(endpoints.map(({ baseUrl, apiKeys }) => [baseUrl, apiKeys])).toEqual(expected);
		expect(endpoints.map(({ name }) => name)).toEqual(
			expected.map((_pair, index) => `Endpoint ${index + 1}`),
		);
	});
});

describe('limits, weights and versions', () => {
	const two = { GEMINI_API_KEY: 'k', DG_GEMINI_ENDPOINTS: 'http://a,http://b' };

	test.each<[Record<string, string>, object[]]>([
		[
			{},
			[
				{ rateLimit: null, weight: null, apiVersion: null },
				{ rateLimit: null, weight: null },
			],
		],
		[{ DG_GEMINI_RATE_LIMIT: '60' }, [{ rateLimit: 60 }, { rateLimit: 60 }]],
		[{ DG_GEMINI_RATE_LIMITS: '30,60' }, [{ rateLimit: 30 }, { rateLimit: 60 }]],
		[
			{ DG_GEMINI_RATE_LIMITS: '30', DG_GEMINI_RATE_LIMIT: '5' },
			[{ rateLimit: 30 }, { rateLimit: 5 }],
		],
		[
			{ DG_GEMINI_RATE_LIMITS: ',0', DG_GEMINI_RATE_LIMIT: '5' },
			[{ rateLimit: 5 }, { rateLimit: 0 }],
		],
		[{ DG_GEMINI_WEIGHTS: '1, 2.5' }, [{ weight: 1 }, { weight: 2.5 }]],
		[{ DG_GEMINI_WEIGHTS: '0' }, [{ weight: 0 }, { weight: null }]],
		[{ DG_GEMINI_API_VERSION: 'v1alpha' }, [{ apiVersion: 'v1alpha' }, { apiVersion: 'v1alpha' }]],
	])('%j', (variables, expected) => {
		expect(endpointsOf({ ...two, ...variables })).toMatchObject(expected);
	});
});

test('how images are drawn', () => {
	const silent = {
		aspectRatio: null,
		timeoutSeconds: null,
		maxRetries: null,
		retryDelaySeconds: null,
		maxWorkers: null,
	};
	expect(readEnvironment({ GEMINI_API_KEY: 'k' })).toMatchObject(silent);
	expect(
		readEnvironment({
			GEMINI_API_KEY: 'k',
			DG_GEMINI_ASPECT_RATIO: '16:9',
			DG_GEMINI_TIMEOUT: '0.5',
			DG_GEMINI_MAX_RETRIES: '3',
			DG_GEMINI_RETRY_DELAY: '2.0',
			DG_GEMINI_MAX_WORKERS: '8',
		}),
	).toMatchObject({
		aspectRatio: '16:9',
		timeoutSeconds: 0.5,
		maxRetries: 3,
		retryDelaySeconds: 2,
		maxWorkers: 8,
	});
});

describe('what is refused, and what to change', () => {
	const key = { GEMINI_API_KEY: 'SECRET-1' };
	const three = { DG_GEMINI_ENDPOINTS: 'http://a,http://b,http://c' };

	test.each<[Record<string, string>, RegExp]>([
		[{}, /Set GEMINI_API_KEY/],
		[{ GEMINI_API_KEYS: 'SECRET-1,' }, /GEMINI_API_KEYS ends with a comma/],
		[{ GOOGLE_API_KEY: 'SECRET-1 SECRET-2' }, /GOOGLE_API_KEY holds more than one key/],
		[{ ...key, GOOGLE_GENAI_API_VERSION: 'SECRET-1' }, /GOOGLE_GENAI_API_VERSION must be/],
		[{ GEMINI_API_KEY: 'SECRET-1,SECRET-2' }, /several keys into DG_GEMINI_API_KEYS/],
		[{ GEMINI_API_KEY: 'SECRET-1|SECRET-2' }, /several keys into DG_GEMINI_API_KEYS/],
		[
			{ ...three, DG_GEMINI_API_KEYS: 'SECRET-1,SECRET-2' },
			/2 entries and DG_GEMINI_ENDPOINTS has 3/,
		],
		[
			{
				DG_GEMINI_ENDPOINTS: 'http://a,http://b',
				DG_GEMINI_API_KEYS: 'SECRET-1,SECRET-2,SECRET-3',
			},
			/3 entries/,
		],
		[{ DG_GEMINI_API_KEYS: 'SECRET-1,SECRET-2,' }, /DG_GEMINI_API_KEYS ends with a comma/],
		[{ DG_GEMINI_API_KEYS: 'SECRET-1,,SECRET-2' }, /entry 2 lacks a key/],
		[{ DG_GEMINI_API_KEYS: 'SECRET-1|,SECRET-2' }, /entry 1 lacks a key/],
		[{ ...key, DG_GEMINI_ENDPOINTS: 'http://a,' }, /DG_GEMINI_ENDPOINTS ends with a comma.*Google/],
		[{ ...key, DG_GEMINI_RATE_LIMIT: 'sixty' }, /DG_GEMINI_RATE_LIMIT must be a whole number of 0/],
		[{ ...key, DG_GEMINI_RATE_LIMIT: '-1' }, /DG_GEMINI_RATE_LIMIT must be/],
		[{ ...key, DG_GEMINI_RATE_LIMIT: '1.5' }, /DG_GEMINI_RATE_LIMIT must be/],
		[
			{ ...key, ...three, DG_GEMINI_RATE_LIMITS: '60,sixty' },
			/DG_GEMINI_RATE_LIMITS: entry 2 must be/,
		],
		[{ ...key, ...three, DG_GEMINI_RATE_LIMITS: '60,' }, /DG_GEMINI_RATE_LIMITS ends with a comma/],
		[{ ...key, DG_GEMINI_RATE_LIMITS: '60,30' }, /2 entries for one endpoint/],
		[{ ...key, ...three, DG_GEMINI_WEIGHTS: '1,two' }, /DG_GEMINI_WEIGHTS: entry 2 must be/],
		[{ ...key, ...three, DG_GEMINI_WEIGHTS: '1,2,3,4' }, /4 entries for 3 endpoints/],
		[{ ...key, ...three, DG_GEMINI_WEIGHTS: '0,0,0' }, /gives every endpoint 0/],
		[{ ...key, DG_GEMINI_API_VERSION: '1beta' }, /must be v1, v1beta, v1alpha/],
		[{ ...key, DG_GEMINI_TIMEOUT: '0' }, /DG_GEMINI_TIMEOUT must be/],
		[{ ...key, DG_GEMINI_TIMEOUT: '86401' }, /up to 86400/],
		[{ ...key, DG_GEMINI_MAX_RETRIES: 'many' }, /DG_GEMINI_MAX_RETRIES must be/],
		[{ ...key, DG_GEMINI_RETRY_DELAY: '-2' }, /DG_GEMINI_RETRY_DELAY must be/],
		[{ ...key, DG_GEMINI_MAX_WORKERS: '0' }, /DG_GEMINI_MAX_WORKERS must be/],
		// A key in the wrong variable.
		[{ ...key, DG_GEMINI_RATE_LIMIT: 'SECRET-1' }, /DG_GEMINI_RATE_LIMIT must be/],
		[{ ...key, DG_GEMINI_API_VERSION: 'SECRET-1' }, /DG_GEMINI_API_VERSION must be/],
	])('%j', (variables, sentence) => {
		const read = () => readEnvironment(variables);
		expect(read).toThrow(UsageInvalid);
		expect(read).toThrow(sentence);
		expect(read).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining('SECRET') }),
		);
	});
});
