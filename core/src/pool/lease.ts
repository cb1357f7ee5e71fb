import type { Outcome } from '../outcome';
import type { Lane } from './lanes';

/** The right to make one call: its window and its permit are taken. Disposing of it gives the permit back. */
export interface Lease extends Disposable {
	readonly lane: Lane;
	/** Calls of a pool are numbered in the order of their starts. */
	readonly number: number;
	/** Tells the rate window that the call is on its way; null where no limit holds. */
	readonly left: (() => void) | null;
	/** Tells, once, how the call ended and what it cost (US dollars). */
	record(outcome: Outcome, costUsd: number): void;
}
