import fc from 'fast-check';
import { classifyReply } from '../../../core/src/call/classify';
import { classifyNetwork } from '../../../core/src/call/classifyNetwork';
import { complaintOf } from '../../../core/src/call/complaint';
import { maskOf, tellFor } from '../../../core/src/call/secrets';
import type { Fault } from '../../../core/src/outcome';

const NOW = Date.UTC(2026, 10, 22, 12);
const KEY = 'AIzaSySecret/+key';
const tell = tellFor(maskOf([{ key: KEY, label: 'Endpoint 1 #2' }]));
const reading = { tell, wallClock: () => NOW };

const classify = (status: number, json: unknown, headers: Record<string, string> = {}, text = '') =>
	classifyReply(
		{ status, headers: new Headers(headers), json, text, end: 'whole' },
		reading,
	) as Fault;

const error = (fields: object) => ({ error: fields });
const info = (reason: string) => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason });
const quota = (...violations: object[]) => ({ '@type': 'QuotaFailure', violations });
const retry = (retryDelay: string) => ({ '@type': 'RetryInfo', retryDelay });

describe('an error', () => {
	it.each<[string, number, unknown, Fault['kind']]>([
		['400', 400, error({ message: 'Bad', status: 'INVALID_ARGUMENT' }), 'badRequest'],
		['400 of an expired key', 400, error({ message: 'API key expired. Renew it.' }), 'badKey'],
		[
			'400 by its reason',
			400,
			error({ message: 'x', details: [info('API_KEY_INVALID')] }),
			'badKey',
		],
		[
			'400 of a place',
			400,
			error({
				message: "This model isn't supported in your region.",
				status: 'FAILED_PRECONDITION',
			}),
			'regionBlocked',
		],
		[
			'400 of something else that has to be so first',
			400,
			error({ message: 'The file is not in an ACTIVE state.', status: 'FAILED_PRECONDITION' }),
			'badRequest',
		],
		['400 that is no JSON', 400, undefined, 'serverFault'],
		['401', 401, error({ message: 'x' }), 'badKey'],
		['402', 402, error({ message: 'x', status: 'RESOURCE_EXHAUSTED' }), 'billing'],
		['403', 403, error({ message: 'The caller has no permission.' }), 'forbidden'],
		['403 that names the key', 403, error({ message: 'API key blocked' }), 'badKey'],
		['403 by its reason', 403, error({ details: [info('API_KEY_SERVICE_BLOCKED')] }), 'badKey'],
		['403 of an account', 403, error({ details: [info('BILLING_DISABLED')] }), 'billing'],
		['403 of a proxy without credit', 403, error({ code: 'insufficient_user_quota' }), 'billing'],
		['403 that is no JSON', 403, undefined, 'forbidden'],
		['404 of another API', 404, { detail: 'Not Found' }, 'wrongUrl'],
		['404 in JSON', 404, error({ status: 'NOT_FOUND', message: 'x' }), 'modelMissing'],
		['404 that is no JSON', 404, undefined, 'wrongUrl'],
		['405', 405, error({ message: 'x' }), 'wrongUrl'],
		['408', 408, error({ message: 'x' }), 'serverFault'],
		['413', 413, undefined, 'badRequest'],
		['422', 422, { detail: 'x' }, 'badRequest'],
		['429', 429, error({ message: 'x' }), 'throttled'],
		['429 that is no JSON', 429, undefined, 'throttled'],
		['429 of an empty account', 429, error({ message: 'Credits are depleted.' }), 'billing'],
		['429 that merely says quota', 429, error({ message: 'quota per day limit' }), 'throttled'],
		['500', 500, error({ message: 'API key not valid' }), 'serverFault'],
		['503 without a channel', 503, error({ message: 'No available channel' }), 'serverFault'],
		['529', 529, undefined, 'serverFault'],
		['304', 304, undefined, 'serverFault'],
		['a text for an error', 401, { error: 'bad key' }, 'badKey'],
		[
			'an error within a message',
			429,
			error({ message: JSON.stringify(error({ details: [quota({ quotaId: 'XPerDay' })] })) }),
			'dailyQuota',
		],
		...[
			(json: string) => `litellm.RateLimitError: GeminiException - ${json}`,
			(json: string) => `GeminiException - b'${json.replaceAll(',', ',\\n')}'`,
			(json: string) => `[new-api] ${json} (request id: 2026)`,
		].map((wrapped): [string, number, unknown, Fault['kind']] => [
			`an error within words: ${wrapped('…')}`,
			429,
			error({
				message: wrapped(
					JSON.stringify(error({ code: 429, details: [quota({ quotaId: 'XPerDay' })] })),
				),
			}),
			'dailyQuota',
		]),
		[
			'words beside an error that is a text',
			400,
			{ statusCode: 400, error: 'Bad Request', message: 'API key not valid.' },
			'badKey',
		],
		['a list of errors', 400, { error: [{ message: 'API key expired.' }] }, 'badKey'],
		['words in brackets', 400, error({ message: 'Bad [x] {y} (z)' }), 'badRequest'],
	])('%s', (_name, status, json, kind) => {
		expect(classify(status, json)).toMatchObject({ kind, status });
	});

	it.each<[string, unknown, Fault['kind']]>([
		['by its number', error({ code: 429, message: 'x' }), 'throttled'],
		['by a number in a text', error({ code: '401', message: 'x' }), 'badKey'],
		['by its status', error({ status: 'NOT_FOUND' }), 'modelMissing'],
		['by its name', error({ code: 'rate_limit', type: 'new_api_error' }), 'throttled'],
		['by nothing', error({ message: 'x' }), 'serverFault'],
		['in an array', [error({ code: 503 })], 'serverFault'],
		['in a list', error([{ code: 503 }] as object), 'serverFault'],
		['without the word', { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' }, 'throttled'],
		['by its success', { success: false, message: 'x' }, 'serverFault'],
		['by a name that JavaScript knows', error({ status: 'constructor' }), 'serverFault'],
	])('in a 200 is told %s', (_name, json, kind) => {
		expect(classify(200, json)).toMatchObject({ kind, status: 200 });
	});
});

describe('a quota', () => {
	const limits = {
		minute: { quotaId: 'RequestsPerMinutePerProjectPerModel', quotaValue: '10' },
		tokens: { quotaId: 'TokensPerMinutePerProject', quotaValue: '1000' },
		day: { quotaId: 'RequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '50' },
		wholeDay: { quotaId: 'RequestsPerDayPerProject' },
		none: { quotaId: 'RequestsPerMinutePerProjectPerModel', quotaValue: '0' },
	};
	it.each<[(keyof typeof limits)[], Fault['kind'], boolean]>([
		[['minute'], 'throttled', true],
		[['tokens'], 'throttled', false],
		[['minute', 'tokens'], 'throttled', false],
		[['day'], 'dailyQuota', true],
		[['wholeDay'], 'dailyQuota', false],
		[['minute', 'day'], 'dailyQuota', true],
		[['tokens', 'day'], 'dailyQuota', true],
		[['none', 'day'], 'modelMissing', false],
	])('of %j', (hit, kind, perModel) => {
		const details = [retry('30s'), quota(...hit.map((name) => limits[name]))];
		for (const order of [details, details.toReversed()]) {
			const outcome = classify(429, error({ message: 'x', details: order }));
			expect(outcome).toMatchObject({ kind, perModel });
			expect(outcome.hintMs).toBe(kind === 'throttled' ? 30_000 : null);
		}
	});

	it.each([
		['limit: 0', 'modelMissing'],
		['limit: 0, model: x', 'modelMissing'],
		['limit: 0.5', 'throttled'],
		['limit: 10', 'throttled'],
	])('by the words %s', (message, kind) => {
		expect(classify(429, error({ message }))).toMatchObject({ kind });
	});

	it('in the older spelling', () => {
		const metadata = { quota_limit: 'RequestsPerDayPerProjectPerModel', quota_limit_value: '5' };
		expect(classify(429, error({ details: [{ metadata }] }))).toMatchObject({ kind: 'dailyQuota' });
	});
});

describe('a hint', () => {
	it.each<[string, object, Record<string, string>, number | null]>([
		['RetryInfo', { details: [retry('45.837906927s')] }, {}, 45_838],
		[
			'the longer of RetryInfo and the header',
			{ details: [retry('2s')] },
			{ 'retry-after': '9' },
			9000,
		],
		['seconds', {}, { 'retry-after': '7' }, 7000],
		['a date', {}, { 'retry-after': new Date(NOW + 90_000).toUTCString() }, 90_000],
		['seconds without end', {}, { 'retry-after': '9'.repeat(400) }, 86_400_000],
		['a date gone by', {}, { 'retry-after': new Date(NOW - 90_000).toUTCString() }, 0],
		['words', { message: 'Please retry in 22.5s.' }, {}, 22_500],
		['nonsense', { details: [retry('soon')] }, { 'retry-after': 'later' }, null],
		['nothing', {}, {}, null],
	])('by %s', (_name, fields, headers, hintMs) => {
		expect(classify(429, error(fields), headers).hintMs).toBe(hintMs);
		expect(classify(503, error(fields), headers).hintMs).toBe(hintMs);
		expect(classify(400, error(fields), headers).hintMs).toBeNull();
	});
});

describe('a 200 without an image', () => {
	const finished = (finishReason: string, more: object = {}) => ({
		candidates: [{ content: { parts: [] }, finishReason, ...more }],
	});
	it.each(
		'SAFETY IMAGE_SAFETY PROHIBITED_CONTENT IMAGE_PROHIBITED_CONTENT RECITATION IMAGE_RECITATION BLOCKLIST SPII LANGUAGE'.split(
			' ',
		),
	)('is refused for %s', (reason) => {
		expect(classify(200, finished(reason, { finishMessage: 'Because.' }))).toMatchObject({
			kind: 'refused',
			reason,
			text: 'Because.',
		});
	});

	it.each<[string, unknown, string, string]>([
		['a blocked prompt', { promptFeedback: { blockReason: 'OTHER' } }, 'OTHER', ''],
		[
			'a blocked prompt in snake_case, with words',
			{ prompt_feedback: { block_reason: 'SAFETY', block_reason_message: 'No.' } },
			'SAFETY',
			'No.',
		],
		[
			'a candidate in snake_case',
			{ candidates: [{ finish_reason: 'SPII', finish_message: 'No.' }] },
			'SPII',
			'No.',
		],
		[
			'words in a text part',
			{ candidates: [{ finishReason: 'SAFETY', content: { parts: [{ text: 'No.' }] } }] },
			'SAFETY',
			'No.',
		],
	])('is refused: %s', (_name, json, reason, text) => {
		expect(classify(200, json)).toMatchObject({ kind: 'refused', reason, text });
	});

	it('is refused although a draft had come', () => {
		const png =
			'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';
		const parts = [{ thought: true, inlineData: { data: Buffer.from(png, 'base64') } }];
		const draft = (finishReason: string) => finished(finishReason, { content: { parts } });
		expect(classify(200, draft('IMAGE_SAFETY')).kind).toBe('refused');
		expect(classify(200, draft('STOP')).kind).toBe('images');
	});

	it('is not refused where an image came, whatever else stands there', () => {
		const png = Buffer.from(
			'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=',
			'base64',
		);
		const made = { content: { parts: [{ inlineData: { data: png } }] } };
		const declined = { finishReason: 'IMAGE_SAFETY' };
		expect(classify(200, { candidates: [made, declined] }).kind).toBe('images');
		expect(classify(200, { candidates: [made], error: { code: 500 } }).kind).toBe('images');
		const draft = { content: { parts: [{ thought: true, ...made.content.parts[0] }] } };
		const brokenOff = { status: 200, headers: new Headers(), text: '', end: 'brokenOff' } as const;
		const cut = classifyReply({ ...brokenOff, json: { candidates: [draft] } }, reading);
		expect(cut.kind).toBe('truncated');
	});

	it.each([
		['NO_IMAGE', 'noImage'],
		['IMAGE_OTHER', 'noImage'],
		['OTHER', 'noImage'],
		['MALFORMED_RESPONSE', 'noImage'],
		['CONTINUATION', 'noImage'],
		['STOP', 'noImage'],
		['WHATEVER_COMES', 'noImage'],
		['MAX_TOKENS', 'badRequest'],
	])('that ended with %s: %s', (reason, kind) => {
		expect(classify(200, finished(reason))).toMatchObject({ kind, status: 200 });
	});

	it.each<[string, unknown, string]>([
		['an empty array', [], 'noImage'],
		['candidates that are none', { candidates: 'x' }, 'noImage'],
		['an error that is null', { error: null, candidates: [] }, 'noImage'],
	])('that is %s', (_name, json, kind) => {
		expect(classify(200, json)).toMatchObject({ kind });
	});

	it('that only looks as if it held another one is read as it is', () => {
		const shown = '[a cat](https://cdn.example.test/cat.png)';
		expect(classify(200, { output: shown })).toMatchObject({
			kind: 'notGemini',
			detail: 'address',
			message: 'The image is only at https://cdn.example.test/cat.png',
		});
	});

	it('counts the tokens it cost', () => {
		const usageMetadata = {
			promptTokenCount: 5,
			candidatesTokensDetails: [
				{ modality: 'TEXT', tokenCount: 7 },
				{ modality: 'IMAGE', tokenCount: 1120 },
			],
			thoughtsTokenCount: 9,
			totalTokenCount: 1141,
		};
		const usage = {
			promptTokens: 5,
			imageTokens: 1120,
			thoughtTokens: 9,
			textTokens: 7,
			totalTokens: 1141,
			serviceTier: null,
		};
		expect(classify(200, { ...finished('NO_IMAGE'), usageMetadata }).usage).toEqual(usage);
		expect(classify(200, { usage_metadata: { prompt_token_count: 5 } }).usage.promptTokens).toBe(5);
		const pieces = [{ usageMetadata: { totalTokenCount: 3 } }, { usageMetadata }];
		expect(classify(200, pieces)).toMatchObject({ usage });
		const withWords = { ...usageMetadata, candidatesTokenCount: 1216 };
		expect(classify(200, { usageMetadata: withWords }).usage.textTokens).toBe(96);
		for (const nonsense of [-1, Infinity, '5']) {
			const counted = { ...usageMetadata, promptTokenCount: nonsense };
			expect(classify(200, { usageMetadata: counted }).usage.promptTokens).toBeNull();
		}
	});

	it('says at which tier it was served', () => {
		const told = { usageMetadata: { serviceTier: 'FLEX' } };
		expect(classify(200, told).usage.serviceTier).toBe('flex');
		const header = { 'x-gemini-service-tier': 'priority' };
		expect(classify(200, {}, header).usage.serviceTier).toBe('priority');
		expect(classify(200, { usageMetadata: { serviceTier: 'x\ny' } }).usage.serviceTier).toBeNull();
	});

	it('counts no image as free', () => {
		for (const tokenCount of [0, -5, '1120', undefined]) {
			const candidatesTokensDetails = [{ modality: 'IMAGE', tokenCount }];
			const counted = { ...finished('NO_IMAGE'), usageMetadata: { candidatesTokensDetails } };
			expect(classify(200, counted).usage.imageTokens).toBeNull();
		}
	});
});

describe('a rejection', () => {
	const coded = (code: string, message = 'm') => Object.assign(new Error(message), { code });
	it.each<[string, unknown, Fault['kind']]>([
		...[
			'ENOTFOUND',
			'EAI_AGAIN',
			'ECONNREFUSED',
			'EHOSTUNREACH',
			'ENETUNREACH',
			'ETIMEDOUT',
			'UND_ERR_CONNECT_TIMEOUT',
			'CERT_HAS_EXPIRED',
			'ERR_TLS_CERT_ALTNAME_INVALID',
			'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
			'DEPTH_ZERO_SELF_SIGNED_CERT',
			'EPROTO',
			'EACCES',
			'CERTIFICATE_VERIFY_FAILED',
			'CRL_HAS_EXPIRED',
			'INVALID_CA',
		].map((code): [string, unknown, Fault['kind']] => [code, coded(code), 'unreachable']),
		...['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'].map(
			(code): [string, unknown, Fault['kind']] => [code, coded(code), 'serverFault'],
		),
		['UND_ERR_HEADERS_TIMEOUT', coded('UND_ERR_HEADERS_TIMEOUT'), 'timeout'],
		['UND_ERR_BODY_TIMEOUT', coded('UND_ERR_BODY_TIMEOUT'), 'timeout'],
		['a call that fell silent', coded('ETIMEDOUT', 'read ETIMEDOUT'), 'serverFault'],
		[
			'a connect without answer',
			coded('ETIMEDOUT', 'connect ETIMEDOUT 192.0.2.1:443'),
			'unreachable',
		],
		['ECONNABORTED', coded('ECONNABORTED'), 'timeout'],
		["undici's", new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }), 'unreachable'],
		[
			'several addresses',
			new TypeError('fetch failed', {
				cause: new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
			}),
			'unreachable',
		],
		[
			'a reset before TLS',
			coded(
				'ECONNRESET',
				'Client network socket disconnected before secure TLS connection was established',
			),
			'unreachable',
		],
		['one without a code', new Error('blocked'), 'unreachable'],
		['no error at all', undefined, 'unreachable'],
	])('%s', (_name, reason, kind) => {
		expect(classifyNetwork(reason, tell)).toMatchObject({ kind, status: null });
	});

	it('names the code and the words', () => {
		const reason = new TypeError('fetch failed', { cause: coded('ENOTFOUND', 'getaddrinfo x') });
		expect(classifyNetwork(reason, tell).message).toBe('ENOTFOUND: getaddrinfo x');
	});
});

describe('a message', () => {
	it('is one short line without markup and without the key, whatever was said', () => {
		const piece = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom(KEY, encodeURIComponent(KEY), '<b>', '</b', '<', '\n', 'x'.repeat(295)),
		);
		fc.assert(
			fc.property(fc.array(piece), (pieces) => {
				const line = tell(pieces.join(''));
				expect(line.length).toBeLessThanOrEqual(300);
				expect(line).not.toMatch(/[\n\r]|<[^<>]*>/);
				expect(line).not.toContain(KEY);
				expect(line).not.toContain(encodeURIComponent(KEY));
			}),
		);
	});

	it('is read no further than so far, however many messages there are', () => {
		const messages = Array.from({ length: 60 }, () => '['.repeat(65_000));
		expect(complaintOf({ error: messages })?.words.length).toBeLessThanOrEqual(65_536);
		const wrapped = JSON.stringify({
			error: { message: 'Budget exceeded', x: 'x'.repeat(40_000) },
		});
		expect(complaintOf({ error: wrapped })?.said).toBe('Budget exceeded');
	});

	it('costs nothing much for a megabyte of open tags', () => {
		expect(tell('<'.repeat(1e6)).length).toBeLessThanOrEqual(300);
	});
});
