import type { Clock, Host } from './effects';
import type { Outcome } from './outcome';
import type { ImageRequest } from './request';

/** Puts labels in the place of keys, however they are spelled. */
export type Mask = (text: string) => string;

/** Where one lane's calls go: an endpoint and one of its keys. */
export interface LaneAddress {
	/** `Endpoint 1 #2`: the only name by which a key is ever spoken of. */
	readonly label: string;
	/** `Endpoint 1`. */
	readonly endpoint: string;
	/** Without version, query or trailing slash. */
	readonly baseUrl: string;
	readonly apiVersion: string;
	readonly key: string;
	/** Masks all keys of its credential, since a proxy may name one that it was not asked with; its own key where unset. */
	readonly mask?: Mask;
}

/** What one call brings along: its host's HTTP client and timers, and a signal of its own that ends it. */
export interface Via extends Host {
	/** Milliseconds that the call has, where its server is to know. */
	readonly timeoutMs?: number;
}

/** One lane's connection. It holds no `fetch`, so executions with different HTTP clients can share it. */
export interface LaneClient {
	/**
	 * Makes one call. Whatever comes back, or does not, is an outcome, without any key in its words; only a reference image
	 * that cannot be loaded and a fault of this program reject.
	 * Once `via.signal` is aborted the outcome is `aborted`, or the images that had arrived whole by then.
	 */
	call(request: ImageRequest, via: Via): Promise<Outcome>;
}

/** Makes a lane's client. The clock is read for Retry-After dates only. */
export type Connect = (address: LaneAddress, clock: Pick<Clock, 'wallClock'>) => LaneClient;
