import { mayGoAgain, type Item } from './item';
import type { Line, Lines } from './line';
import type { Survey, Wait } from './survey';

/** What items may wait for, in milliseconds. */
export interface Patience {
	/** From the first call that counts against an item. */
	deadlineOf(item: Pick<Item, 'request'>): number;
	/** While none of the lanes answers on which no Gemini API was ever heard: rather an address that is mistyped than an outage. */
	readonly unprovenMs: number;
	/** How often an item may go again where it has been. */
	readonly maxRetries: number;
}

/** While no lane answers that is left to an item and has answered before. */
const PATIENCE_MS = 10 * 60_000;

/** Whether an item has used up its deadline, or will have in `aheadMs`. */
export const isLate = (
	item: Pick<Item, 'stopwatch' | 'request'>,
	{ deadlineOf }: Patience,
	now: number,
	aheadMs = 0,
): boolean => item.stopwatch.isStarted && item.stopwatch.spentMs(now) + aheadMs >= deadlineOf(item);

/**
 * When to look at a waiting item again (pool time, ms); null where it waits in vain. It does once its patience is over
 * and every lane has been found wanting since: not while a call finds out, not because of a time that the pool has
 * chosen, and not in a process that was frozen and has looked at nothing yet.
 */
function nextLook(item: Item, here: Wait, patience: Patience, now: number): number | null {
	const { until, forLimit, answeredAt, isProven, foundDownAt } = here;
	const { stopwatch } = item;
	// A server has worked on it, so that no address is to blame; but who can go elsewhere does not wait so long for this one.
	const isOutage = isProven || (stopwatch.isStarted && !mayGoAgain(item, patience.maxRetries));
	const patientMs = isOutage ? PATIENCE_MS : patience.unprovenMs;
	const patientUntil = Math.max(item.enteredAt, answeredAt) + patientMs;
	if (now >= patientUntil && foundDownAt >= patientUntil) return null;
	if (!stopwatch.isStarted || forLimit) return until;
	const lateAt = now + patience.deadlineOf(item) - stopwatch.spentMs(now);
	return lateAt <= now ? null : Math.min(until, lateAt);
}

/**
 * Looks at all who wait: takes those out who wait in vain, and charges the time of those who have been served.
 * Answers when to look again (pool time, ms); Infinity: when something happens.
 * @param look where the head of a line may go; null where the line has got another head
 */
export function review(
	lines: Lines,
	look: (line: Line) => Survey | null,
	losePatience: (item: Item) => void,
	patience: Patience,
	now: number,
): number {
	lines.wake(now);
	const seen = new Map<Line, Survey>();
	for (const line of lines.all()) {
		// Who ends may end others, in other lines too.
		let result: Survey | null = null;
		while (result === null && line.length > 0) result = look(line);
		if (result) seen.set(line, result);
	}
	/** When to look at an item again; null where it has left its line. */
	const wait = (item: Item, here: Survey): number | null => {
		if (here.kind !== 'wait') return Infinity;
		const next = nextLook(item, here, patience, now);
		if (next === null) losePatience(item);
		return next;
	};
	let next = Infinity;
	for (const item of lines.served) {
		const here = seen.get(lines.lineOf(item));
		if (here === undefined) continue;
		item.stopwatch.look(now, here.kind === 'wait' && !here.forLimit);
		next = Math.min(next, wait(item, here) ?? Infinity);
	}
	// Who came first has waited longest: the rest of a line can wait as long as its head can.
	for (const [line, here] of seen) {
		let again: number | null = null;
		while (line.length > 0 && again === null) again = wait(line[0], here);
		next = Math.min(next, again ?? Infinity);
	}
	// Who has lost its patience may rest before it goes elsewhere.
	return Math.min(next, lines.nextWake());
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
