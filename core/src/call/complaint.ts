import { count, field, isObject, list, words } from '../json';
import { looseJson } from './loose';

/** What a reply complains of, gathered from wherever proxies put it. */
export interface Complaint {
	/** The HTTP status that it speaks of itself; null where it names none. */
	readonly status: number | null;
	/** Whether it is Google's own, by its `status` or the types of its `details`. */
	readonly isGoogles: boolean;
	/** `status`, `code`, `type` and `reason` of all its levels. */
	readonly names: readonly string[];
	/** `quotaId=quotaValue` of each limit that was hit. The word "quota" in a message means nothing. */
	readonly quotas: readonly string[];
	/** All that it says, to be matched. */
	readonly words: string;
	/** What it says innermost, for a person. */
	readonly said: string;
	/** In Google's shape, where hints are looked for. */
	readonly fault: { readonly message: string; readonly details: readonly unknown[] };
}

/** Where proxies put the error they were given: in another object, or written out in a text. */
const INNER =
	'error errors response upstreamResponse body cause innerError metadata raw message msg detail details description'.split(
		' ',
	);
const MOST_DEPTH = 8;
const MOST_LEVELS = 64;
/** No more of a text is searched for JSON, or matched. */
const CONSIDERED = 64 * 1024;

type Level = Readonly<Record<string, unknown>>;

/**
 * The complaint in a reply's JSON or text: bare, in an array, a level deeper, as a text, or as JSON or Python's repr in
 * a text with words around it. Null where there is nothing to read.
 */
export function complaintOf(json: unknown): Complaint | null {
	const levels: Level[] = [];
	const texts: string[] = [];
	gather(json, 0, levels, texts);
	if (levels.length === 0 && texts.length === 0) return null;
	const details = levels.flatMap((level) => list(level, 'details')).filter(isObject);
	const names = [...levels.flatMap(namesOf), ...details.map((detail) => words(detail, 'reason'))];
	const message = texts.join('\n').slice(0, CONSIDERED);
	return {
		status:
			levels
				.map(statusOf)
				.filter((status) => status !== null)
				.at(-1) ?? null,
		isGoogles:
			names.some((name) => GOOGLES.test(name)) ||
			details.some((detail) => words(detail, '@type') !== ''),
		names: names.filter((name) => name !== ''),
		quotas: details.flatMap(quotasOf),
		words: message,
		said: saidIn(texts),
		fault: { message, details },
	};
}

/** Collects objects and texts from the outermost to the innermost. */
function gather(value: unknown, depth: number, levels: Level[], texts: string[]): void {
	if (depth > MOST_DEPTH || levels.length + texts.length >= MOST_LEVELS) return;
	if (Array.isArray(value)) {
		for (const member of value.slice(0, MOST_LEVELS)) gather(member, depth + 1, levels, texts);
	} else if (typeof value === 'string') {
		const said = value.trim().slice(0, CONSIDERED);
		if (said === '') return;
		texts.push(said);
		gather(writtenIn(said), depth + 1, levels, texts);
	} else if (isObject(value)) {
		levels.push(value);
		// FastAPI tells apart what is wrong and where.
		const at = list(value, 'loc').filter((step) => typeof step === 'string');
		if (at.length > 0) texts.push(`${at.join('.')}: ${words(value, 'msg')}`);
		for (const key of at.length > 0 ? [] : INNER) {
			const inner = field(value, key);
			// Google's own details are no levels: they are read for what they are.
			if (key !== 'details' || !Array.isArray(inner)) gather(inner, depth + 1, levels, texts);
		}
	}
}

/** The object or list that is written out in a text; undefined where there is none. */
function writtenIn(text: string): unknown {
	const start = text.search(/[{[]\s*[{["']/);
	if (start < 0) return undefined;
	const written = text.slice(start);
	const until = Math.max(written.lastIndexOf('}'), written.lastIndexOf(']')) + 1;
	const value = parsed(written.slice(0, until)) ?? looseJson(written);
	return isObject(value) || isFull(value) ? value : undefined;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** The innermost words that are no JSON themselves; a bare name beside them goes in front. */
function saidIn(texts: readonly string[]): string {
	const plain = texts.filter((text) => writtenIn(text) === undefined);
	const [said = '', before = ''] = [...plain].reverse();
	if (said === '') return texts.at(-1) ?? '';
	return before.length > 0 &&
		before.length <= SHORT &&
		!before.includes(said) &&
		!said.includes(before)
		? `${before}: ${said}`
		: said;
}

const SHORT = 40;

const GOOGLES =
	/^(?:INVALID_ARGUMENT|FAILED_PRECONDITION|OUT_OF_RANGE|UNAUTHENTICATED|PERMISSION_DENIED|NOT_FOUND|ABORTED|ALREADY_EXISTS|RESOURCE_EXHAUSTED|CANCELLED|INTERNAL|UNKNOWN|DATA_LOSS|UNIMPLEMENTED|UNAVAILABLE|DEADLINE_EXCEEDED)$/;

/** google.rpc status names, and what new-api, one-api and OpenAI-like proxies write in `code` or `type`. */
const STATUS_OF_NAME: ReadonlyMap<string, number> = new Map(
	Object.entries({
		INVALID_ARGUMENT: 400,
		FAILED_PRECONDITION: 400,
		OUT_OF_RANGE: 400,
		UNAUTHENTICATED: 401,
		invalid_api_key: 401,
		insufficient_user_quota: 402,
		insufficient_quota: 402,
		PERMISSION_DENIED: 403,
		NOT_FOUND: 404,
		model_not_found: 404,
		ABORTED: 409,
		RESOURCE_EXHAUSTED: 429,
		rate_limit: 429,
		rate_limit_exceeded: 429,
		CANCELLED: 499,
		INTERNAL: 500,
		UNAVAILABLE: 503,
		DEADLINE_EXCEEDED: 504,
	}),
);

const NAMES = ['status', 'code', 'type', 'reason', 'errorCode', 'errorType'] as const;

const namesOf = (level: Level): readonly string[] =>
	NAMES.map((name) => words(level, name) || String(count(level, name) ?? ''));

function statusOf(level: Level): number | null {
	const names = namesOf(level);
	const numbers = [...names.slice(0, 2), String(count(level, 'statusCode') ?? '')].map(Number);
	const code = numbers.find((number) => number >= 400 && number < 600);
	return code ?? names.map((name) => STATUS_OF_NAME.get(name)).find(Boolean) ?? null;
}

/** As QuotaFailure or (older) ErrorInfo metadata tell. */
function quotasOf(detail: unknown): readonly string[] {
	const metadata = field(detail, 'metadata');
	const older = words(metadata, 'quota_limit');
	return [
		...list(detail, 'violations').map(
			(violation) =>
				`${words(violation, 'quotaId')}=${String(field(violation, 'quotaValue') ?? '')}`,
		),
		...(older ? [`${older}=${words(metadata, 'quota_limit_value')}`] : []),
	];
}

const FAILED = /^(?:fail|failed|failure|error)$/i;

/**
 * Whether a reply with a status of success is an error all the same: `{error}`, `{code: 429, message}`,
 * `{success: false}`, also a level deeper.
 */
export function complains(json: unknown, depth = 0): boolean {
	if (Array.isArray(json)) return json.some((member) => complains(member, depth));
	if (!isObject(json)) return false;
	const error = field(json, 'error');
	if (typeof error === 'string' ? error !== '' : isObject(error) || isFull(error)) return true;
	const code = count(json, 'code') ?? Number(words(json, 'code') || NaN);
	const says = (words(json, 'message') || words(json, 'msg')) !== '';
	return (
		(code >= 400 && code < 600) ||
		(says && code !== 0 && code !== 200 && !Number.isNaN(code)) ||
		STATUS_OF_NAME.has(words(json, 'status')) ||
		FAILED.test(words(json, 'status')) ||
		field(json, 'success') === false ||
		(depth === 0 &&
			['response', 'upstreamResponse', 'body', 'data', 'result'].some((key) =>
				complains(field(json, key), 1),
			))
	);
}

const isFull = (value: unknown) => Array.isArray(value) && value.some(isObject);
