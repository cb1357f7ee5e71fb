/** What the pool may know of time and chance. Nothing else in core reads a clock or a random number. */
export interface Clock {
	/** Monotonic milliseconds. */
	now(): number;
	/** Epoch milliseconds, for midnight Pacific and Retry-After dates. */
	wallClock(): number;
	/** Uniform in [0, 1). */
	random(): number;
}

/** The standard `fetch`: what a host brings in its place follows no redirect when told so, and rejects for no status. */
export type Fetch = typeof globalThis.fetch;

/** What one execution brings along: its HTTP client, its timers, its cancel signal. */
export interface Host {
	readonly fetch: Fetch;
	/** Resolves after `ms` milliseconds; may reject, or resolve early, once `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<unknown>;
	readonly signal: AbortSignal;
}
