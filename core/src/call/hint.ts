import { field, isObject, list, words } from '../json';

/** No answer knows better than this how long a limit lasts. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * How long this reply asks to wait, in milliseconds, or null; the longest where it says so more than once. Google sends
 * no Retry-After: its hint is `RetryInfo.retryDelay` in the body (`"45.837906927s"`); proxies send the header, or words.
 */
export function hintMs(
	headers: Pick<Headers, 'get'>,
	fault: unknown,
	wallClock: () => number,
): number | null {
	// A date is meant by the clock of whoever wrote it.
	const now = dateOf(headers.get('date')) ?? wallClock();
	const hints = [
		...fromDetails(fault),
		fromHeader(headers.get('retry-after'), now),
		fromHeader(field(fault, 'retryAfter'), now),
		...fromWords(words(fault, 'message'), now),
	].filter((ms) => ms !== null);
	return hints.length === 0 ? null : Math.min(LONGEST_MS, Math.max(0, ...hints));
}

function fromDetails(fault: unknown): readonly (number | null)[] {
	return list(fault, 'details').flatMap((detail) => [
		protobufOf(field(detail, 'retryDelay')),
		durationOf(words(field(detail, 'metadata'), 'quotaResetDelay')),
	]);
}

/** A protobuf duration: `"3.5s"`, or its members. */
function protobufOf(value: unknown): number | null {
	if (!isObject(value)) return durationOf(String(value ?? ''));
	const [seconds, nanos] = [Number(value.seconds ?? 0), Number(value.nanos ?? 0)];
	return Number.isFinite(seconds + nanos) ? Math.ceil(seconds * 1000 + nanos / 1e6) : null;
}

/** Larger numbers of seconds are no delay but a point of time, in seconds since 1970. */
const EPOCH_SECONDS = 1e9;

/** RFC 9110, 10.2.3: seconds or an HTTP date. Some send the second of the epoch. */
function fromHeader(header: unknown, now: number): number | null {
	const value =
		typeof header === 'string' || typeof header === 'number' ? String(header).trim() : '';
	if (/^\d+(\.\d+)?$/.test(value)) {
		const seconds = Number(value);
		return seconds < EPOCH_SECONDS ? Math.ceil(seconds * 1000) : Math.ceil(seconds * 1000 - now);
	}
	const date = dateOf(value);
	return date === null ? durationOf(value) : date - now;
}

function dateOf(value: string | null | undefined): number | null {
	// A bare number is a year to Date.parse.
	const date = value && /[a-z:-]/i.test(value) ? Date.parse(value) : NaN;
	return Number.isNaN(date) ? null : date;
}

const UNIT_MS: Readonly<Record<string, number>> = {
	...{ ms: 1, millisecond: 1, msec: 1 },
	...{ s: 1000, sec: 1000, second: 1000 },
	...{ m: 60_000, min: 60_000, minute: 60_000 },
	...{ h: 3_600_000, hr: 3_600_000, hour: 3_600_000 },
	...{ d: 86_400_000, day: 86_400_000 },
	...{ 毫秒: 1, 秒: 1000, 分: 60_000, 小时: 3_600_000, 天: 86_400_000 },
};
const STEP =
	/(\d+(?:\.\d+)?) ?(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|毫秒|秒钟?|分钟?|小时|天)(?![a-z])/iy;

/** `1m3.2s`, `2m 13s`, `373ms`, `5 minutes and 3 seconds`; null where the text begins with none. */
function durationOf(text: string, at = 0): number | null {
	let ms: number | null = null;
	STEP.lastIndex = at;
	for (let step = STEP.exec(text); step !== null; step = STEP.exec(text)) {
		const unit = step[2]!.toLowerCase();
		ms = (ms ?? 0) + Number(step[1]) * (UNIT_MS[unit] ?? UNIT_MS[unit.slice(0, -1)]!);
		const next = /(?:,| and)? ?/y;
		next.lastIndex = STEP.lastIndex;
		next.exec(text);
		STEP.lastIndex += next.lastIndex - STEP.lastIndex;
	}
	return ms === null ? null : Math.ceil(ms);
}

/** What stands before a delay, or before a point of time; in Chinese, where "after" stands behind it. */
const AGAIN =
	/\b(?:retry|try(?: it)? again|wait|resets?|renews?|available|come back)\b[^.;\d]{0,40}?(?=\d)|等[待候]?[^\d]{0,4}(?=\d)|(?<![\d.])(?=(?:\d{1,6}(?:\.\d{1,6})? ?(?:毫秒|秒钟?|分钟?|小时|天) ?){1,4}(?:之|以)?[后再])/gi;
/** A protobuf duration as it writes itself out. */
const WRITTEN =
	/\bretry_delay \{(?:\s|\\n)*(?:seconds: (\d{1,12}))?(?:\s|\\n)*(?:nanos: (\d{1,9}))?/g;

function fromWords(message: string, now: number): readonly (number | null)[] {
	const text = message.slice(0, CONSIDERED);
	const written = [...text.matchAll(WRITTEN)].map(([, seconds, nanos]) =>
		protobufOf({ seconds, nanos }),
	);
	const told = [...text.matchAll(AGAIN)].map((again) => {
		const at = again.index + again[0].length;
		const date =
			/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?/.exec(
				message.slice(at, at + 40),
			);
		if (date !== null) return pointOf(date[0]) - now;
		return durationOf(message, at);
	});
	return [...written, ...told];
}

/** No more of a message is looked at. */
const CONSIDERED = 16 * 1024;

/** Without a zone it is universal time. */
const pointOf = (date: string) =>
	Date.parse(
		date
			.replace(' ', 'T')
			.replace(/ ?(?:UTC|GMT)$/, 'Z')
			.replace(/(:\d\d(?:\.\d+)?)$/, '$1Z'),
	);
