import { list, words } from '../json';

/** No answer knows better than this how long a limit lasts. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * How long this reply asks to wait, in milliseconds, or null. Google sends no Retry-After: its hint is
 * `RetryInfo.retryDelay` in the body (`"45.837906927s"`); proxies send the header, or words.
 */
export function hintMs(
	headers: Pick<Headers, 'get'>,
	fault: unknown,
	wallClock: () => number,
): number | null {
	const ms = fromDetails(fault) ?? fromHeader(headers, wallClock) ?? fromWords(fault);
	return ms === null ? null : Math.min(LONGEST_MS, ms);
}

function fromDetails(fault: unknown): number | null {
	for (const detail of list(fault, 'details')) {
		const seconds = /^(\d+(?:\.\d+)?)s$/.exec(words(detail, 'retryDelay'));
		if (seconds) return toMs(seconds[1]);
	}
	return null;
}

/** RFC 9110, 10.2.3: seconds or an HTTP date. */
function fromHeader(headers: Pick<Headers, 'get'>, wallClock: () => number): number | null {
	const value = headers.get('retry-after')?.trim() ?? '';
	if (/^\d+(\.\d+)?$/.test(value)) return toMs(value);
	const date = Date.parse(value);
	return Number.isNaN(date) ? null : Math.max(0, date - wallClock());
}

function fromWords(fault: unknown): number | null {
	const said = /retry (?:in|after) (\d+(?:\.\d+)?) ?s/i.exec(words(fault, 'message'));
	return said ? toMs(said[1]) : null;
}

const toMs = (seconds: string | undefined) => Math.ceil(Number(seconds) * 1000);
