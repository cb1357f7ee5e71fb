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
	/** Holds a new limit from now on. All starts of the last window go on counting. */
	resize(limit: RateLimit): void;
	/** Counts a start that was made before there was this window. Oldest first, times of `performance.now()`, ms. */
	remember(at: number): void;
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

/** A start that still counts, or did until its token came back. */
interface Place {
	token: RateLimiter;
}

const isBack = ({ token }: Place) => token.getWaitTime(1) === 0;

/**
 * A ring of one-token limiters used in turn. A single limiter of N tokens would admit up to 2N - 1 starts in a
 * window, since it refills while it is drained; with one token each, the token taken N starts ago must be back
 * before the next start, which is exactly the rolling window.
 */
export function createRateWindow(initial: RateLimit): ResizableWindow {
	let limit = initial;
	// Oldest start first. More than N only while starts of a former, larger limit still count.
	const ring: Place[] = [];

	const full = () => new RateLimiter({ tokensPerInterval: 1, interval: limit.windowMs });
	/** The start that the next one has to wait for. */
	const awaited = () => ring[ring.length - limit.starts];

	return {
		tryTake() {
			const before = awaited();
			if (before !== undefined && !isBack(before)) return null;
			while (ring.length > limit.starts && isBack(ring[0]!)) ring.shift();
			const place = ring.length < limit.starts ? { token: full() } : ring.shift()!;
			place.token.tryRemoveTokens(1);
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
		waitMs: () => awaited()?.token.getWaitTime(1) ?? 0,
		remember(at) {
			const token = full();
			token.tryRemoveTokens(1);
			token.curIntervalStart = at;
			token.tokenBucket.lastDrip = at;
			ring.push({ token });
		},
		resize(next) {
			limit = next;
			for (const { token } of ring) token.tokenBucket.interval = next.windowMs;
		},
	};
}

/** Lanes that share one limit; null: none holds. */
export interface LimitedLanes {
	/** The endpoint whose lanes they are; null where the limit is a key's. */
	readonly endpoint: string | null;
	readonly lanes: readonly string[];
	readonly limit: RateLimit | null;
}

/** The windows of a credential. Each lane has one at most, whatever contents it has had. */
export interface Windows {
	/**
	 * Holds these limits from now on; the starts of the last window go on counting, however the lanes were shared out.
	 * A lane that is not among them may still be in use: it stays with the endpoint that it was taken from, or keeps its limit.
	 * One that is not known any more, and has had no start for an hour, is forgotten.
	 */
	hold(groups: readonly LimitedLanes[], isKnown: (lane: string) => boolean): void;
	/** Null where no limit holds. */
	of(lane: string): RateWindow | null;
	/** Whether a start still counts. */
	isFull(): boolean;
}

/** The lanes that have shared an endpoint's limit, and the window that holds for them. */
interface Held {
	readonly endpoint: string | null;
	readonly lanes: ReadonlySet<string>;
	readonly window: ResizableWindow | null;
}

/** @param startsOf a lane's last starts, oldest first */
export function createWindows(startsOf: (lane: string) => readonly number[]): Windows {
	const held = new Map<string, Held>();
	const make = (lanes: ReadonlySet<string>, limit: RateLimit) => {
		const window = createRateWindow(limit);
		const starts = [...lanes].flatMap(startsOf).sort((a, b) => a - b);
		for (const at of starts.slice(-limit.starts)) window.remember(at);
		return window;
	};
	/** Lanes that have been taken from an endpoint: its key was removed, or others have taken the place of all. */
	const formerOf = ({ endpoint, lanes }: LimitedLanes): readonly string[] => {
		if (endpoint === null) return [];
		const isNew = lanes.every((lane) => !held.has(lane));
		const before = new Set(
			isNew
				? [...held.values()].filter((each) => each.endpoint === endpoint)
				: lanes.flatMap((lane) => held.get(lane) ?? []),
		);
		return [...before]
			.flatMap((each) => (each.endpoint === null ? [] : [...each.lanes]))
			.filter((lane) => held.has(lane));
	};
	return {
		hold(groups, isKnownLane) {
			for (const lane of held.keys())
				if (!isKnownLane(lane) && startsOf(lane).length === 0) held.delete(lane);
			const taken = new Set(groups.flatMap(({ lanes }) => lanes));
			const next = groups.map((group): Held => {
				const { endpoint, lanes: own, limit } = group;
				const lanes = new Set([...own, ...formerOf(group).filter((lane) => !taken.has(lane))]);
				const known = held.get(own[0]!);
				const isKnown =
					known?.lanes.size === lanes.size && [...lanes].every((lane) => known.lanes.has(lane));
				const window = limit && ((isKnown && known.window) || make(lanes, limit));
				if (limit) window?.resize(limit);
				return { endpoint, lanes, window };
			});
			for (const each of next) for (const lane of each.lanes) held.set(lane, each);
		},
		of: (lane) => held.get(lane)?.window ?? null,
		isFull: () => [...held.values()].some(({ window }) => window !== null && window.waitMs() > 0),
	};
}
