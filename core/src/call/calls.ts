import type { Host } from '../effects';

/** The calls of one host that are in progress. */
export interface Calls {
	/**
	 * Makes one call with a timer and an abort of its own, so that a timeout and a cancel can be told apart. `run` settles
	 * soon after its signal is aborted; with `again` its time begins anew.
	 */
	make<T>(
		timeoutMs: number,
		run: (signal: AbortSignal, again: () => void) => Promise<T>,
	): Promise<{ readonly result: T; readonly timedOut: boolean }>;
	/** Ends them all. */
	abort(reason: unknown): void;
}

/** Timers count milliseconds in 31 bits and fire at once beyond that; 24 days are as good as no limit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Why a timer ends with its call: a reason of our own spares the runtime to make one, with a stack, for each call. */
const OVER = 'the call is over';
/** Why a call's signal is aborted by its timer. */
export const TIME_IS_UP = 'the time of the call is up';

export function createCalls({ sleep, signal }: Pick<Host, 'sleep' | 'signal'>): Calls {
	const running = new Set<AbortController>();
	return {
		async make(timeoutMs, run) {
			const call = new AbortController();
			let timer = new AbortController();
			let timedOut = false;
			const begin = () => {
				const mine = (timer = new AbortController());
				const ring = () => {
					if (mine.signal.aborted) return;
					timedOut = true;
					call.abort(TIME_IS_UP);
				};
				void sleep(Math.min(timeoutMs, LONGEST_TIMER_MS), mine.signal).then(ring, () => undefined);
			};
			const again = () => {
				timer.abort(OVER);
				begin();
			};
			running.add(call);
			if (signal.aborted) call.abort();
			begin();
			try {
				const result = await run(call.signal, again);
				return { result, timedOut };
			} finally {
				timer.abort(OVER);
				running.delete(call);
			}
		},
		abort(reason) {
			for (const call of running) call.abort(reason);
		},
	};
}
