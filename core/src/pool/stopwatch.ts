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
