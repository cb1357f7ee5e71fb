/**
 * What a server that states no limit has let through, and what follows from it. A call that is turned down has two
 * explanations: too many calls at once, or too many starts in some time. Both are kept until one of them proves wrong.
 * Times are the pool's, ms.
 */
export interface Pace {
	/** Starts that were not turned down, oldest first; at least those of the last minute. */
	starts: number[];
	/** Calls in progress that are among them. */
	running: number;
	/** Calls that it takes at the same time; Infinity as long as nothing speaks for such a limit. */
	atOnce: number;
	/** Starts that it takes in any so many milliseconds; null as long as nothing speaks for such a limit. */
	window: { readonly starts: number; readonly ms: number } | null;
	/** How often in a row a call was turned down that the window had spoken for and the other limit against. */
	misses: number;
	/** When a call was last turned down, and for how long nothing more is asked for after that. */
	refusedAt: number;
	patientMs: number;
	/** The last call that was started although one of the limits spoke against it; null where there was none. */
	test: Paced | null;
	/** Of an endpoint: lanes that were turned down although nothing of their own had been let through, and when. */
	readonly unexplained: Map<object, number>;
}

export const newPace = (): Pace => ({
	starts: [],
	running: 0,
	atOnce: Infinity,
	window: null,
	misses: 0,
	refusedAt: -Infinity,
	patientMs: ASKS_AFTER_MS,
	test: null,
	unexplained: new Map(),
});

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** Servers count by the minute at the longest; what is longer is a daily quota. The clocks of two machines differ a little. */
const LONGEST_WINDOW_MS = MINUTE_MS + 250;
/** Without a hint the first guess at a window; it doubles as long as it proves too short. */
const FIRST_WINDOW_MS = 2 * SECOND_MS;
/** More than it has let through is asked for after so long without a refusal, and after twice as long each time it refuses. */
const ASKS_AFTER_MS = 2 * MINUTE_MS;
const ASKS_AFTER_AT_MOST_MS = 30 * MINUTE_MS;
/** A call that is turned down is turned down at once: one that runs longer was let through. */
const TURNED_DOWN_WITHIN_MS = 5 * SECOND_MS;

/** How long an answer may have been on its way to us. */
const ON_THE_WAY_MS = SECOND_MS;

/** Whether anything is known that could hold a call back. */
export const isPaced = (pace: Pace): boolean => pace.atOnce !== Infinity || pace.window !== null;

/** Starts after `since`. */
function startsSince({ starts }: Pace, since: number): number {
	let low = 0;
	let high = starts.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (starts[middle]! > since) high = middle;
		else low = middle + 1;
	}
	return starts.length - low;
}

const isFull = ({ running, atOnce }: Pace) => running >= atOnce;

/** When the window lets the next call through; -Infinity where there is none. */
const windowOpensAt = ({ window, starts }: Pace): number =>
	window === null ? -Infinity : (starts[starts.length - window.starts] ?? -Infinity) + window.ms;

/**
 * From when on a call may be started; Infinity: once one has ended. Where both explanations stand, a call that only one
 * of them speaks against may go, one at a time: it finds out which is wrong. So may one that asks for more.
 */
export function paceOpensAt(pace: Pace, now: number): number {
	if (!isPaced(pace)) return now;
	const opensAt = windowOpensAt(pace);
	const full = isFull(pace);
	if (!full && opensAt <= now) return now;
	const testAt = (pace.test?.at ?? -Infinity) + TURNED_DOWN_WITHIN_MS;
	const isEither = pace.atOnce !== Infinity && pace.window !== null;
	const asksAt = pace.refusedAt + pace.patientMs;
	const tests = isEither ? (full ? opensAt : now) : Infinity;
	return Math.max(
		now,
		Math.min(full ? Infinity : opensAt, Math.max(testAt, Math.min(tests, asksAt))),
	);
}

/** A start that is under way. */
export interface Paced {
	readonly at: number;
	/** Which limits spoke against it. */
	overCount: boolean;
	readonly overWindow: boolean;
}

/** Counts a call that is being started. */
export function beginPaced(pace: Pace, now: number): Paced {
	const paced = { at: now, overCount: isFull(pace), overWindow: windowOpensAt(pace) > now };
	if (paced.overCount || paced.overWindow) pace.test = paced;
	if (pace.starts.length >= 256 && pace.starts[128]! < now - LONGEST_WINDOW_MS)
		pace.starts.splice(0, 128);
	pace.starts.push(now);
	pace.running += 1;
	return paced;
}

/** A call is over that was let through: a limit that spoke against it was wrong. */
export function endPaced(pace: Pace, { overCount, overWindow }: Paced, now: number): void {
	pace.running -= 1;
	// It had ended for the server, perhaps, when the test was made.
	if (pace.test !== null && now - pace.test.at <= ON_THE_WAY_MS) pace.test.overCount = false;
	if (overCount && pace.atOnce !== Infinity) {
		pace.atOnce = pace.window === null ? pace.atOnce + 1 : Infinity;
	}
	if (overWindow && pace.window !== null) {
		const { starts, ms } = pace.window;
		pace.window = pace.atOnce === Infinity ? { starts: starts + 1, ms } : null;
	}
}

/** A call that never left does not count. */
export function takeBack(pace: Pace, { at }: Paced): void {
	pace.running -= 1;
	const place = pace.starts.lastIndexOf(at);
	if (place >= 0) pace.starts.splice(place, 1);
}

/** A call was turned down, so it does not count. Answers whether others that were let through explain it. */
export function turnDown(pace: Pace, paced: Paced, now: number): boolean {
	takeBack(pace, paced);
	return pace.running > 0 || startsSince(pace, now - LONGEST_WINDOW_MS) > 0;
}

/** Of a burst nothing at all was let through, so it tells no pace. */
export function forgetBurst(pace: Pace, { at }: Paced): void {
	if (at > pace.refusedAt) return;
	pace.atOnce = Infinity;
	pace.window = null;
}

/** Two lanes within a minute that were turned down with nothing of their own: one alone may be in use elsewhere too. */
export function provesSharing({ unexplained }: Pace, lane: object, now: number): boolean {
	unexplained.set(lane, now);
	for (const [each, at] of unexplained) if (now - at > MINUTE_MS) unexplained.delete(each);
	return unexplained.size > 1;
}

/** Learns from a call that was turned down what is too much. */
export function learnPace(
	pace: Pace,
	{ at, overCount, overWindow }: Paced,
	hintMs: number | null,
	now: number,
): void {
	if (at <= pace.refusedAt) {
		// It was under way when another was turned down: of one burst fewer were let through than it had seemed.
		if (pace.atOnce !== Infinity) pace.atOnce = Math.max(1, pace.running);
		if (pace.window !== null) {
			const { ms } = pace.window;
			pace.window = { starts: Math.max(1, startsSince(pace, at - ms)), ms };
		}
		return;
	}
	const isAsk = (overCount || overWindow) && now - pace.refusedAt >= pace.patientMs;
	pace.patientMs = isAsk ? Math.min(pace.patientMs * 2, ASKS_AFTER_AT_MOST_MS) : pace.patientMs;
	pace.refusedAt = now;

	const isFirst = !isPaced(pace);
	if (isFirst && pace.running > 0) pace.atOnce = pace.running;
	// Turned down although fewer were in progress than it had taken: that is not what it counts.
	else if (!overCount && pace.running < pace.atOnce) pace.atOnce = Infinity;
	const isMiss = pace.window !== null && overCount && !overWindow && pace.atOnce !== Infinity;
	pace.misses = isMiss ? pace.misses + 1 : 0;
	// The other limit has foretold what the window has not.
	if (pace.misses >= MOST_MISSES) pace.window = null;
	else if (pace.window === null ? pace.atOnce === Infinity || isFirst : !overWindow) {
		pace.window = windowThatExplains(pace, at, hintMs, now);
	}
}

const MOST_MISSES = 2;

/** The shortest window, from a guess on, in which there were as many starts as it has ever let through. */
function windowThatExplains(pace: Pace, at: number, hintMs: number | null, now: number) {
	const { window, starts } = pace;
	const oldest = starts[starts.length - startsSince(pace, at - LONGEST_WINDOW_MS)] ?? at;
	// The hint says when the oldest start stops counting; one that has proved wrong says nothing.
	let ms = window !== null ? window.ms * 2 : hintMs ? now + hintMs - oldest : FIRST_WINDOW_MS;
	while (ms < LONGEST_WINDOW_MS && startsSince(pace, at - ms) < mostWithin(pace, ms)) ms *= 2;
	ms = Math.min(LONGEST_WINDOW_MS, ms);
	return { starts: Math.max(1, startsSince(pace, at - ms)), ms };
}

/** The most starts that it has let through in any so many milliseconds. */
function mostWithin({ starts }: Pace, ms: number): number {
	let most = 0;
	let from = 0;
	for (let to = 0; to < starts.length; to += 1) {
		while (starts[from]! <= starts[to]! - ms) from += 1;
		most = Math.max(most, to - from + 1);
	}
	return most;
}
