import type { Clock, Host } from '../effects';

/** A tenant's one wake-up. */
export interface Alarm {
	/** Rings at `at` (pool time, ms) at the latest; an earlier alarm is kept, since whoever wakes looks again. */
	setFor(at: number): void;
	cancel(): void;
}

/** Timers of some hosts overflow at 24 days; whoever wakes too early sleeps again. */
const LONGEST_SLEEP_MS = 60 * 60_000;

export function createAlarm(host: Host, clock: Clock, ring: () => void): Alarm {
	let pending: { readonly at: number; readonly stop: AbortController } | null = null;
	const cancel = () => {
		pending?.stop.abort('no longer needed');
		pending = null;
	};
	return {
		setFor(at) {
			if (at === Infinity || (pending !== null && pending.at <= at)) return;
			cancel();
			const mine = { at, stop: new AbortController() };
			pending = mine;
			const wake = () => {
				if (pending !== mine) return;
				pending = null;
				ring();
			};
			const ms = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(at - clock.now())));
			void host.sleep(ms, mine.stop.signal).then(wake, () => undefined);
		},
		cancel,
	};
}
