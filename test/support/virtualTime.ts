/** A clock that stands still until everything has been said, then jumps to the next timer. */
export interface VirtualTime {
	now(): number;
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** Moves the clock by hand, past any timer. */
	set(time: number): void;
	/** Timers that nobody has cancelled yet. */
	readonly timers: number;
	/** Runs time until `done` settles. */
	run<T>(done: Promise<T>): Promise<T>;
	/** Runs time for so many milliseconds. */
	pass(ms: number): Promise<void>;
}

interface Timer {
	readonly at: number;
	readonly ring: () => void;
}

const realNow = performance.now.bind(performance);
/** Puts the computer's own clock back. */
export const restoreClock = () => {
	performance.now = realNow;
};
// A bench runs on it too, without a test runner.
if (typeof afterAll === 'function') afterAll(restoreClock);

interface Manners {
	/**
	 * Chance that makes the clock behave as a real one does: it goes on with each reading, and timers ring up to a
	 * millisecond early.
	 */
	readonly restless?: () => number;
}

const READING_MS = 0.004;

/** `limiter` reads `performance.now()` itself: it is set to the same clock. */
export function virtualTime({ restless }: Manners = {}): VirtualTime {
	let time = 1000;
	const timers = new Set<Timer>();
	const now = () => (restless ? (time += READING_MS) : time);
	performance.now = now;
	const everythingSaid = () => new Promise((resolve) => setImmediate(resolve));

	let stepsAtOnce = 0;
	const step = (until: number) => {
		const before = time;
		const next = Math.min(...[...timers].map(({ at }) => at));
		time = Math.max(time, Math.min(next, until));
		for (const timer of [...timers]) {
			if (timer.at > time) continue;
			timers.delete(timer);
			timer.ring();
		}
		stepsAtOnce = time > before ? 0 : stepsAtOnce + 1;
		if (stepsAtOnce > 1000) throw new Error('Timers ring without end while time stands still.');
		return next <= until;
	};

	const sleep = (ms: number, signal?: AbortSignal) =>
		new Promise<void>((resolve, reject) => {
			if (signal?.aborted) return reject(signal.reason);
			const abort = () => {
				timers.delete(timer);
				reject(signal!.reason);
			};
			const timer = {
				at: time + (restless && ms > 2 ? ms - restless() : ms),
				ring: () => {
					signal?.removeEventListener('abort', abort);
					resolve();
				},
			};
			timers.add(timer);
			signal?.addEventListener('abort', abort, { once: true });
		});

	return {
		now,
		set(next) {
			time = next;
		},
		sleep,
		get timers() {
			return timers.size;
		},
		async run(done) {
			let isDone = false;
			const finish = () => {
				isDone = true;
			};
			void done.then(finish, finish);
			for (;;) {
				await everythingSaid();
				if (isDone) return await done;
				if (timers.size === 0) throw new Error('Nothing will ever happen: no timer, no answer.');
				step(Infinity);
			}
		},
		async pass(ms) {
			const until = time + ms;
			do await everythingSaid();
			while (step(until));
			// Readings may have taken it further: a clock never goes back.
			time = Math.max(time, until);
			await everythingSaid();
		},
	};
}
