/** What the pool may know of time and chance. Nothing else in core reads a clock or a random number. */
export interface Clock {
	/** Monotonic milliseconds. */
	now(): number;
	/** Epoch milliseconds, for midnight Pacific and Retry-After dates. */
	wallClock(): number;
	/** Uniform in [0, 1). */
	random(): number;
}

/** One request, as an HTTP client is asked for it. */
export interface FetchInit {
	readonly method?: string;
	readonly headers?: Record<string, string>;
	readonly body?: string | null;
	readonly redirect?: 'manual';
	readonly signal?: AbortSignal;
}

/** What is read of a response. */
export interface FetchedResponse {
	readonly status: number;
	readonly headers: Pick<Headers, 'get'>;
	readonly body: {
		cancel(): Promise<unknown>;
		getReader(): {
			read(): Promise<
				{ done: false; value: Uint8Array } | { done: true; value?: Uint8Array | undefined }
			>;
			cancel(): Promise<unknown>;
		};
	} | null;
}

/**
 * What is asked of an HTTP client: Node's `fetch`, that of `undici` and others fit. It follows no redirect when told so,
 * and rejects for no status.
 */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchedResponse>;

/** What one execution brings along: its HTTP client, its timers, its cancel signal. */
export interface Host {
	readonly fetch: Fetch;
	/** Resolves after `ms` milliseconds; may reject, or resolve early, once `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<unknown>;
	readonly signal: AbortSignal;
}
