import { RateLimiter } from 'limiter';

/** A start that was taken. */
export interface Start {
	/**
	 * The call is on its way only now: what kept the process busy since counts for the window too, or the server
	 * would see the first starts of a cold process late and the next window's in time.
	 */
	left(): void;
}

/** At most N starts in any rolling window, however they fall. */
export interface RateWindow {
	/** Takes one start now; null where none is free. */
	tryTake(): Start | null;
	/** Milliseconds until a start is free; 0 where one is. */
	waitMs(): number;
}

export interface ResizableWindow extends RateWindow {
	/** Holds a new limit from now on and keeps the starts that it still has to count. */
	resize(limit: RateLimit): void;
}

export interface RateLimit {
	/** Starts in one window. */
	readonly starts: number;
	readonly windowMs: number;
}

/** Clocks of two machines and a reply's way back differ: a window is this much longer than the minute. */
const GUARD_MS = 250;
const MINUTE_MS = 60_000;

/**
 * One process's share of a limit per minute, null where there is none. Shares are whole, so that their sum
 * never exceeds the limit; below one a minute the window grows instead.
 */
export function shareOf(perMinute: number, processes: number): RateLimit | null {
	if (perMinute <= 0) return null;
	const share = perMinute / processes;
	return share >= 1
		? { starts: Math.floor(share), windowMs: MINUTE_MS + GUARD_MS }
		: { starts: 1, windowMs: MINUTE_MS / share + GUARD_MS };
}

/**
 * A ring of one-token limiters used in turn. A single limiter of N tokens would admit up to 2N - 1 starts in a
 * window, since it refills while it is drained; with one token each, the token taken N starts ago must be back
 * before the next start, which is exactly the rolling window.
 */
export function createRateWindow(initial: RateLimit): ResizableWindow {
	let limit = initial;
	// Oldest start first: what is at the front is the next to be used again.
	let ring: { token: RateLimiter }[] = [];

	const full = () => new RateLimiter({ tokensPerInterval: 1, interval: limit.windowMs });

	return {
		tryTake() {
			const isNew = ring.length < limit.starts;
			const place = isNew ? { token: full() } : ring[0]!;
			if (!place.token.tryRemoveTokens(1)) return null;
			if (!isNew) ring.shift();
			ring.push(place);
			return {
				left() {
					const at = ring.lastIndexOf(place);
					if (at === -1) return;
					place.token = full();
					place.token.tryRemoveTokens(1);
					ring.push(...ring.splice(at, 1));
				},
			};
		},
		waitMs() {
			return ring.length < limit.starts ? 0 : ring[0]!.token.getWaitTime(1);
		},
		resize(next) {
			limit = next;
			ring = ring.slice(Math.max(0, ring.length - next.starts));
			for (const { token } of ring) token.tokenBucket.interval = next.windowMs;
		},
	};
}
