import { count, field, isObject, list, words } from '../json';

/**
 * The `error` of a reply's JSON, however it is wrapped: bare, in an array, as a text, or as JSON inside another
 * error's message, with words around it (new-api, LiteLLM). Null where there is none.
 */
export function findError(json: unknown, depth = 0): unknown {
	if (depth > 3) return null;
	if (Array.isArray(json)) {
		return json.map((member: unknown) => findError(member, depth + 1)).find(isObject) ?? null;
	}
	const found = field(json, 'error');
	if (typeof found === 'string' && found !== '') {
		return { message: [found, words(json, 'message')].filter(Boolean).join(': ') };
	}
	const error: unknown = Array.isArray(found) ? found.find(isObject) : found;
	if (!isObject(error)) return null;
	return findError(parsed(words(error, 'message')), depth + 1) ?? error;
}

/** A reply that is an error itself, without the word: `{code: 429, message}`, `{success: false, message}`. */
export function bareError(json: unknown): unknown {
	const isError =
		(count(json, 'code') ?? 0) >= 400 ||
		STATUS_OF_NAME.has(words(json, 'status')) ||
		field(json, 'success') === false;
	return isError ? json : null;
}

/** A proxy's complaint without `error`: `{message}` or `{detail}`. */
export function plainComplaint(json: unknown): unknown {
	return { message: words(json, 'message') || words(json, 'detail') };
}

/** The JSON within a text; some wrappers write its line feeds as they write strings. */
function parsed(text: string): unknown {
	for (const [open, close] of ['{}', '[]'] as const) {
		const json = text.slice(text.indexOf(open!), text.lastIndexOf(close!) + 1);
		for (const source of [json, json.replaceAll('\\n', ' ')]) {
			try {
				return JSON.parse(source);
			} catch {
				// Words in brackets are no JSON.
			}
		}
	}
	return undefined;
}

/** google.rpc status names, and what new-api, one-api and OpenAI-like proxies write in `code` or `type`. */
const STATUS_OF_NAME: ReadonlyMap<string, number> = new Map(
	Object.entries({
		INVALID_ARGUMENT: 400,
		FAILED_PRECONDITION: 400,
		UNAUTHENTICATED: 401,
		invalid_api_key: 401,
		insufficient_user_quota: 402,
		insufficient_quota: 402,
		PERMISSION_DENIED: 403,
		NOT_FOUND: 404,
		model_not_found: 404,
		RESOURCE_EXHAUSTED: 429,
		rate_limit: 429,
		rate_limit_exceeded: 429,
	}),
);

/** The HTTP status that an error in a 200 speaks of; 500 where it names none. */
export function statusWithin(error: unknown): number {
	const code = count(error, 'code') ?? Number(words(error, 'code'));
	if (code >= 400 && code < 600) return code;
	const names = ['status', 'code', 'type'].map((name) => STATUS_OF_NAME.get(words(error, name)));
	return names.find((status) => status !== undefined) ?? 500;
}

/** One limit that was hit, as QuotaFailure or (older) ErrorInfo metadata tell. */
export interface Violation {
	/** `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. The word "quota" in a message means nothing. */
	readonly quotaId: string;
	/** `"0"`: no right to it at all. */
	readonly quotaValue: string;
}

export function violations(error: unknown): readonly Violation[] {
	return list(error, 'details').flatMap((detail) => {
		const metadata = field(detail, 'metadata');
		const older = words(metadata, 'quota_limit');
		return [
			...list(detail, 'violations').map((violation) => ({
				quotaId: words(violation, 'quotaId'),
				quotaValue: String(field(violation, 'quotaValue') ?? ''),
			})),
			...(older ? [{ quotaId: older, quotaValue: words(metadata, 'quota_limit_value') }] : []),
		];
	});
}

/** google.rpc.ErrorInfo reasons: `API_KEY_INVALID`, `BILLING_DISABLED`. */
export const reasons = (error: unknown): readonly string[] =>
	list(error, 'details')
		.map((detail) => words(detail, 'reason'))
		.filter((reason) => reason !== '');
