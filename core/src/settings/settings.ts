/** One endpoint, checked and complete. */
export interface EndpointSettings {
	/** `Endpoint 1`: the slot's label. */
	readonly name: string;
	/** Normalised: without version, query or trailing slash. */
	readonly baseUrl: string;
	readonly apiVersion: string;
	/** Distinct and not empty. */
	readonly keys: readonly [string, ...string[]];
	/** Share of images; 0 is standby. */
	readonly weight: number;
	/** Starts a minute; 0 is no limit. */
	readonly rateLimit: number;
}

/** A pool's whole configuration, checked and complete. `parsePoolSettings` makes one of what a user typed. */
export interface PoolSettings {
	readonly endpoints: readonly [EndpointSettings, ...EndpointSettings[]];
	/** Whether a limit counts for the endpoint or for each key on it. */
	readonly rateLimitScope: 'endpoint' | 'key';
	readonly maxConcurrentRequests: number;
	/** Processes that share these settings; concurrency and limits are divided by it. */
	readonly processes: number;
}

/** Settings that cannot work, in one sentence that names the place and what to change. Holds no key. */
export class SettingsInvalid extends Error {
	override readonly name = 'SettingsInvalid';
}
