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
afterAll(() => {
	performance.now = realNow;
});

/** `limiter` reads `performance.now()` itself: it is set to the same clock. */
export function virtualTime(): VirtualTime {
	let time = 1000;
	const timers = new Set<Timer>();
	performance.now = () => time;
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
				at: time + ms,
				ring: () => {
					signal?.removeEventListener('abort', abort);
					resolve();
				},
			};
			timers.add(timer);
			signal?.addEventListener('abort', abort, { once: true });
		});

	return {
		now: () => time,
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
			time = until;
			await everythingSaid();
		},
	};
}
