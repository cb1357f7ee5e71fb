import type { Host } from '../effects';

/** The calls of one host that are in progress. */
export interface Calls {
	/**
	 * Makes one call with a timer and an abort of its own, so that a timeout and a cancel can be told apart. `run` settles
	 * soon after its signal is aborted.
	 */
	make<T>(
		timeoutMs: number,
		run: (signal: AbortSignal) => Promise<T>,
	): Promise<{ readonly result: T; readonly timedOut: boolean }>;
	/** Ends them all. */
	abort(reason: unknown): void;
}

/** Timers count milliseconds in 31 bits and fire at once beyond that; 24 days are as good as no limit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Why a timer ends with its call: a reason of our own spares the runtime to make one, with a stack, for each call. */
const OVER = 'the call is over';

export function createCalls({ sleep, signal }: Pick<Host, 'sleep' | 'signal'>): Calls {
	const running = new Set<AbortController>();
	return {
		async make(timeoutMs, run) {
			const call = new AbortController();
			const timer = new AbortController();
			let timedOut = false;
			const ring = () => {
				if (timer.signal.aborted) return;
				timedOut = true;
				call.abort();
			};
			running.add(call);
			if (signal.aborted) call.abort();
			const ms = Math.min(timeoutMs, LONGEST_TIMER_MS);
			void sleep(ms, timer.signal).then(ring, () => undefined);
			try {
				const result = await run(call.signal);
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
