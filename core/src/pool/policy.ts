import type { Cause, OutcomeKind } from '../outcome';

/** What an outcome means: what it costs the request, where that goes next, whom it blames, and how long that one rests. */
export interface Policy {
	/** `firstFree`: no, the first time at each endpoint. */
	readonly costsRetry: 'no' | 'firstFree' | 'yes' | 'final';
	/** Where the next attempt may go: any lane, another lane, another endpoint, or another endpoint if there is one. */
	readonly next: 'any' | 'lane' | 'endpoint' | 'endpointFirst';
	/** What is to blame: `quota` is the lane, or the lane for this model where the quota counts per model. */
	readonly blames: 'nothing' | 'lane' | 'laneModel' | 'quota' | 'endpoint';
	/** Milliseconds, or: as the reply asks, until midnight Pacific, a breaker that opens at so many faults in a row. */
	readonly rests: number | 'hint' | 'midnight' | 'breaker';
}

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

const FINAL: Policy = { costsRetry: 'final', next: 'any', blames: 'nothing', rests: 0 };

/** The outcome table. */
export const POLICIES: Record<Exclude<OutcomeKind, 'images'>, Policy> = {
	refused: FINAL,
	badRequest: FINAL,
	aborted: FINAL,
	notGemini: FINAL,
	// A key may be repaired at Google, or a proxy may err once: one call an hour finds out.
	badKey: { costsRetry: 'no', next: 'lane', blames: 'lane', rests: HOUR_MS },
	forbidden: { costsRetry: 'no', next: 'lane', blames: 'laneModel', rests: 10 * MINUTE_MS },
	billing: { costsRetry: 'no', next: 'lane', blames: 'lane', rests: HOUR_MS },
	modelMissing: { costsRetry: 'no', next: 'lane', blames: 'laneModel', rests: 10 * MINUTE_MS },
	wrongUrl: { costsRetry: 'no', next: 'endpoint', blames: 'endpoint', rests: 10 * MINUTE_MS },
	throttled: { costsRetry: 'no', next: 'lane', blames: 'quota', rests: 'hint' },
	dailyQuota: { costsRetry: 'no', next: 'lane', blames: 'quota', rests: 'midnight' },
	regionBlocked: { costsRetry: 'no', next: 'endpoint', blames: 'endpoint', rests: HOUR_MS },
	unreachable: { costsRetry: 'no', next: 'endpoint', blames: 'endpoint', rests: 'breaker' },
	serverFault: {
		costsRetry: 'firstFree',
		next: 'endpointFirst',
		blames: 'endpoint',
		rests: 'breaker',
	},
	gatewayTimeout: {
		costsRetry: 'yes',
		next: 'endpointFirst',
		blames: 'endpoint',
		rests: 'breaker',
	},
	timeout: { costsRetry: 'yes', next: 'endpointFirst', blames: 'endpoint', rests: 'breaker' },
	truncated: { costsRetry: 'yes', next: 'endpointFirst', blames: 'endpoint', rests: 'breaker' },
	noImage: { costsRetry: 'yes', next: 'any', blames: 'nothing', rests: 0 },
};

/** Faults that an endpoint gets over by itself: they scale its weight down and open its breaker. */
export const isEndpointFault = (kind: Cause): boolean => POLICIES[kind].rests === 'breaker';

/** Pacing and outages pass while an item waits; what a person has to mend does not. */
export const isWaitedFor = (cause: Cause): boolean =>
	cause === 'throttled' || isEndpointFault(cause);
