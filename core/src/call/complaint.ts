import { field, isObject, list, words } from '../json';
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
	readonly fault: {
		readonly message: string;
		readonly details: readonly unknown[];
		/** `retry_after` of proxies. */
		readonly retryAfter: unknown;
	};
}

/** Where proxies put words. */
const MESSAGES = ['message', 'msg', 'errormessage', 'errormsg', 'errmsg', 'statusmsg'];
/** Where they put the error they were given: in another object, or written out in a text. The innermost comes last. */
const INNER = [
	...'error errors fault response upstreamresponse body data result cause innererror baseresp'.split(
		' ',
	),
	...MESSAGES,
	...'faultstring detail details description metadata raw'.split(' '),
];
const MOST_DEPTH = 8;
const MOST_LEVELS = 64;
/** No more of all texts is searched for JSON, or matched. */
const CONSIDERED = 64 * 1024;

/** What is gathered, from the outermost to the innermost. */
interface Gathered {
	readonly levels: Level[];
	/** Those that hold no JSON are for a person. */
	readonly texts: { readonly said: string; readonly isPlain: boolean }[];
	left: number;
}

/** An object's members by their names without case and underscores: `Message`, `error_msg`, `errorMsg`. */
type Level = ReadonlyMap<string, unknown>;

const levelOf = (value: object): Level =>
	new Map(
		Object.entries(value).map(([name, member]) => [
			name.replace(/[_-]/g, '').toLowerCase(),
			member,
		]),
	);

/**
 * The complaint in a reply's JSON or text: bare, in an array, a level deeper, as a text, or as JSON or Python's repr in
 * a text with words around it. Null where there is nothing to read.
 */
export function complaintOf(json: unknown): Complaint | null {
	const gathered: Gathered = { levels: [], texts: [], left: CONSIDERED };
	gather(json, 0, gathered);
	const { levels, texts } = gathered;
	if (levels.length === 0 && texts.length === 0) return null;
	const details = levels
		.flatMap((level) => level.get('details'))
		.filter(isObject)
		.slice(0, MOST_LEVELS);
	const names = [...levels.flatMap(namesOf), ...details.map((detail) => words(detail, 'reason'))];
	const message = texts
		.map(({ said }) => said)
		.join('\n')
		.slice(0, CONSIDERED);
	const written = quotasWritten(message);
	return {
		status:
			levels
				.map(statusOf)
				.filter((status) => status !== null)
				.at(-1) ?? (written.length > 0 ? 429 : null),
		isGoogles:
			names.some((name) => GOOGLES.test(name)) ||
			details.some((detail) => words(detail, '@type') !== '') ||
			written.length > 0,
		names: names.filter((name) => name !== ''),
		quotas: [...details.flatMap(quotasOf), ...written],
		words: message,
		said: saidIn(texts),
		fault: {
			message,
			details,
			retryAfter: levels
				.map((level) => level.get('retryafter'))
				.find((value) => value !== undefined),
		},
	};
}

function gather(value: unknown, depth: number, gathered: Gathered): void {
	const { levels, texts } = gathered;
	if (depth > MOST_DEPTH || levels.length + texts.length >= MOST_LEVELS) return;
	if (Array.isArray(value)) {
		for (const member of value.slice(0, MOST_LEVELS)) gather(member, depth + 1, gathered);
	} else if (typeof value === 'string') {
		const said = value.trim().slice(0, gathered.left);
		if (said === '') return;
		const left = gathered.left - said.length;
		const written = writtenIn(said);
		texts.push({ said, isPlain: written === undefined });
		// What is written out in a text has been counted with it.
		gather(written, depth + 1, gathered);
		gathered.left = left;
	} else if (isObject(value)) {
		const level = levelOf(value);
		levels.push(level);
		// FastAPI tells apart what is wrong and where.
		const at = list(value, 'loc').filter((step) => typeof step === 'string');
		if (at.length > 0) {
			const said = `${at.join('.')}: ${words(value, 'msg')}`.slice(0, gathered.left);
			gathered.left -= said.length;
			texts.push({ said, isPlain: true });
			return;
		}
		for (const key of INNER) {
			const inner = level.get(key);
			// Google's own details are no levels: they are read for what they are.
			if (key !== 'details' || !Array.isArray(inner)) gather(inner, depth + 1, gathered);
		}
	}
}

/** The object or list that is written out in a text; undefined where there is none. */
function writtenIn(text: string): unknown {
	const start = text.search(/[{[](?:\s|\\[nrt])*[{["']/);
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
function saidIn(texts: Gathered['texts']): string {
	const plain = texts.filter(({ isPlain }) => isPlain).map(({ said }) => said);
	const [said = '', before = ''] = plain.reverse();
	if (said === '') return texts.at(-1)?.said ?? '';
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
		prompt_blocked: 400,
		content_policy_violation: 400,
		content_filter: 400,
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

const NAMES = ['status', 'code', 'statuscode', 'errorcode', 'type', 'reason', 'errortype'];
/** So many of them may hold an HTTP status. */
const NUMBERED = 4;

const namesOf = (level: Level): readonly string[] =>
	NAMES.map((name) => level.get(name)).map((value) =>
		typeof value === 'string' || typeof value === 'number' ? String(value) : '',
	);

function statusOf(level: Level): number | null {
	const names = namesOf(level);
	const numbers = names.slice(0, NUMBERED).map(Number);
	const code = numbers.find((number) => number >= 400 && number < 600);
	return code ?? names.map((name) => STATUS_OF_NAME.get(name)).find(Boolean) ?? null;
}

/** As QuotaFailure or (older) ErrorInfo metadata tell. */
function quotasOf(detail: unknown): readonly string[] {
	const metadata = field(detail, 'metadata');
	const older = words(metadata, 'quota_limit');
	return [
		...list(detail, 'violations')
			.slice(0, MOST_LEVELS)
			.map(
				(violation) =>
					`${words(violation, 'quotaId')}=${String(field(violation, 'quotaValue') ?? '')}`,
			),
		...(older ? [`${older}=${words(metadata, 'quota_limit_value')}`] : []),
	];
}

/** As protobuf writes itself out: Python's clients put it into the words of what they throw. */
const quotasWritten = (text: string): readonly string[] =>
	text
		.split(/\bviolations \{/)
		.slice(1)
		.map((violation) => {
			const [id, value] = [/quota_id: \\?"([^"\\]*)/, /quota_value: (\d+)/].map(
				(pattern) => pattern.exec(violation)?.[1] ?? '',
			);
			return `${id}=${value}`;
		});

/** Some say so, and count it as 1. */
const SUCCEEDED = /^(?:success|succeeded|ok$|成功|操作成功|请求成功)/i;
const isSaid = (value: unknown) =>
	typeof value === 'string' && value !== '' && !SUCCEEDED.test(value);

const FAILED = /^(?:fail|failed|failure|error)$/i;

/**
 * Whether a reply with a status of success is an error all the same: `{error}`, `{code: 429, message}`,
 * `{success: false}`, also a level deeper.
 */
export function complains(json: unknown, depth = 0): boolean {
	// Of a stream the last event tells.
	if (Array.isArray(json))
		return json.slice(-MOST_LEVELS).some((member) => complains(member, depth));
	if (!isObject(json)) return false;
	const level = levelOf(json);
	const isTold = ['error', 'errors', 'fault', 'errormessage', 'errormsg', 'errmsg']
		.map((name) => level.get(name))
		.some((told) => isObject(told) || isSaid(told) || (Array.isArray(told) && told.length > 0));
	const code = ['code', 'statuscode', 'errorcode']
		.map((name) => level.get(name))
		.map((value) => (typeof value === 'string' ? Number(value || NaN) : value))
		.find((value) => typeof value === 'number' && !Number.isNaN(value)) as number | undefined;
	const says = MESSAGES.some((name) => isSaid(level.get(name)));
	const status = String(level.get('status'));
	return (
		isTold ||
		(code !== undefined && code >= 400 && code < 600) ||
		(says && code !== undefined && code !== 0 && code !== 200) ||
		STATUS_OF_NAME.has(status) ||
		FAILED.test(status) ||
		level.get('success') === false ||
		level.get('ok') === false ||
		(depth === 0 &&
			['response', 'upstreamresponse', 'body', 'data', 'result', 'baseresp'].some((key) =>
				complains(level.get(key), 1),
			))
	);
}

const isFull = (value: unknown) => Array.isArray(value) && value.some(isObject);
