import type { Wait } from './survey';

/**
 * What an item has used of its deadline. Runs from its first call that was really served (neither throttled nor
 * unreachable), and stands still while it waits for windows, permits and throttling. Milliseconds.
 */
export interface Stopwatch {
	readonly isStarted: boolean;
	spentMs(now: number): number;
	/** A call. One that was served starts the watch. */
	add(ms: number, isServed: boolean): void;
	/** From `now` on, until the next look, time counts or does not. */
	look(now: number, counts: boolean): void;
}

export function createStopwatch(): Stopwatch {
	let isStarted = false;
	let spentMs = 0;
	let runningSince: number | null = null;
	return {
		get isStarted() {
			return isStarted;
		},
		spentMs: (now) => spentMs + (isStarted && runningSince !== null ? now - runningSince : 0),
		add(ms, isServed) {
			isStarted ||= isServed;
			if (isStarted) spentMs += ms;
		},
		look(now, counts) {
			if (isStarted && runningSince !== null) spentMs += now - runningSince;
			runningSince = counts ? now : null;
		},
	};
}

/** How long items may wait. Milliseconds. */
export interface Patience {
	readonly deadlineMs: number;
	/** While nothing succeeds on any lane that is left to it. */
	readonly patienceMs: number;
}

interface Waiter {
	readonly enteredAt: number;
	readonly stopwatch: Stopwatch;
}

/** Whether an item has used up its deadline, or will have in `aheadMs`. */
export const isLate = (
	{ stopwatch }: Waiter,
	{ deadlineMs }: Patience,
	now: number,
	aheadMs = 0,
): boolean => stopwatch.isStarted && stopwatch.spentMs(now) + aheadMs >= deadlineMs;

/**
 * When to look at a waiting item again (pool time, ms); null where it waits in vain, since nothing comes back before
 * its time is over. For a rate window it waits as long as it takes.
 */
export function nextLook(
	{ enteredAt, stopwatch }: Waiter,
	{ until, paced, lastSuccessAt }: Wait,
	{ deadlineMs, patienceMs }: Patience,
	now: number,
): number | null {
	if (paced === 'window') return until;
	const patient = Math.max(enteredAt, lastSuccessAt) + patienceMs;
	const runs = stopwatch.isStarted && paced === 'no';
	const last = runs ? Math.min(patient, now + deadlineMs - stopwatch.spentMs(now)) : patient;
	const inVain = now >= last || (until < Infinity && until > last);
	return inVain ? null : Math.min(until, last);
}

/** No backoff is longer, whatever the delay and the attempt. */
const LONGEST_BACKOFF_MS = 60_000;

/**
 * How long to rest before the k-th retry (k counts from 1): the delay doubles, half of it is random so that items
 * that failed together do not return together, and a hint of the server is never undercut. Milliseconds.
 */
export function backoffMs(
	k: number,
	firstDelayMs: number,
	hintMs: number | null,
	random: () => number,
): number {
	const delay = Math.min(LONGEST_BACKOFF_MS, firstDelayMs * 2 ** (k - 1));
	return Math.max(hintMs ?? 0, delay / 2 + random() * (delay / 2));
}
