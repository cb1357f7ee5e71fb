import type { Clock, Host } from './effects';

/** The computer's own clock and chance. */
export const systemClock: Clock = {
	now: () => performance.now(),
	wallClock: () => Date.now(),
	random: () => Math.random(),
};

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		const end = () => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', end);
			resolve();
		};
		const timer = setTimeout(end, signal?.aborted ? 0 : ms);
		signal?.addEventListener('abort', end);
	});

/**
 * What a program on plain Node brings to a pool: the built-in `fetch`, timers, and the signal that ends its work.
 * Node's `fetch` gives up after 300 s without a byte; for longer attempts, or for a proxy, pass a `fetch` of your
 * own: `{...systemHost(signal), fetch}`.
 */
export const systemHost = (signal: AbortSignal): Host => ({
	fetch: (...request) => fetch(...request),
	sleep,
	signal,
});
