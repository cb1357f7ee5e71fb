import type { Item } from './item';
import type { Survey } from './survey';

export type Wait = Survey & { kind: 'wait' };

/** How long items may wait. Milliseconds. */
export interface Patience {
	readonly deadlineMs: number;
	/** While nothing succeeds on any lane that is left to it. */
	readonly patienceMs: number;
}

/** Whether an item has used up its deadline, or will have in `aheadMs`. */
export const isLate = (
	{ stopwatch }: Item,
	{ deadlineMs }: Patience,
	now: number,
	aheadMs = 0,
): boolean => stopwatch.isStarted && stopwatch.spentMs(now) + aheadMs >= deadlineMs;

/**
 * When to look at a waiting item again (pool time, ms); null where it waits in vain, since nothing comes back before
 * its time is over. For a rate window it waits as long as it takes.
 */
export function nextLook(
	item: Item,
	{ until, paced, lastSuccessAt }: Wait,
	{ deadlineMs, patienceMs }: Patience,
	now: number,
): number | null {
	if (paced === 'window') return until;
	const { stopwatch } = item;
	const patient = Math.max(item.enteredAt, lastSuccessAt) + patienceMs;
	const runs = stopwatch.isStarted && paced === 'no';
	const last = runs ? Math.min(patient, now + deadlineMs - stopwatch.spentMs(now)) : patient;
	const inVain = now >= last || (until < Infinity && until > last);
	return inVain ? null : Math.min(until, last);
}
