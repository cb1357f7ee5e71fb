import type { FaultKind, OutcomeKind } from '../outcome';

/** What an outcome means for the request: what it costs, where to go next, and whose health it moves. */
export interface Policy {
	/** `firstFree`: no, the first time at each endpoint. */
	readonly costsRetry: 'no' | 'firstFree' | 'yes' | 'final';
	/** Where the next attempt may go: any lane, another lane, another endpoint, or another endpoint if there is one. */
	readonly next: 'any' | 'lane' | 'endpoint' | 'endpointFirst';
	/** What is to blame: `quota` is the lane, or the lane for this model where the quota counts per model. */
	readonly blames: 'nothing' | 'lane' | 'laneModel' | 'quota' | 'endpoint';
}

const FINAL: Policy = { costsRetry: 'final', next: 'any', blames: 'nothing' };

/** The outcome table. What it does to health, and for how long, is in `health.ts`. */
export const POLICIES: Record<Exclude<OutcomeKind, 'images'>, Policy> = {
	refused: FINAL,
	badRequest: FINAL,
	aborted: FINAL,
	badKey: { costsRetry: 'no', next: 'lane', blames: 'lane' },
	forbidden: { costsRetry: 'no', next: 'lane', blames: 'laneModel' },
	billing: { costsRetry: 'no', next: 'lane', blames: 'lane' },
	modelMissing: { costsRetry: 'no', next: 'lane', blames: 'laneModel' },
	wrongUrl: { costsRetry: 'no', next: 'endpoint', blames: 'endpoint' },
	throttled: { costsRetry: 'no', next: 'lane', blames: 'quota' },
	dailyQuota: { costsRetry: 'no', next: 'lane', blames: 'quota' },
	regionBlocked: { costsRetry: 'no', next: 'endpoint', blames: 'endpoint' },
	unreachable: { costsRetry: 'no', next: 'endpoint', blames: 'endpoint' },
	serverFault: { costsRetry: 'firstFree', next: 'endpointFirst', blames: 'endpoint' },
	timeout: { costsRetry: 'yes', next: 'endpointFirst', blames: 'endpoint' },
	truncated: { costsRetry: 'yes', next: 'endpointFirst', blames: 'endpoint' },
	noImage: { costsRetry: 'yes', next: 'any', blames: 'nothing' },
};

/** Faults that an endpoint gets over by itself: they scale its weight down and open its breaker. */
export type EndpointFault = 'unreachable' | 'serverFault' | 'timeout' | 'truncated';

export function isEndpointFault(kind: OutcomeKind): kind is EndpointFault {
	return (
		kind === 'unreachable' || kind === 'serverFault' || kind === 'timeout' || kind === 'truncated'
	);
}

/** Why something is not ready: the kind of the outcome that made it so. */
export type Cause = Exclude<FaultKind, 'badRequest' | 'noImage' | 'aborted'>;

/** Pacing and outages pass while an item waits; what a person has to mend does not. */
export function isWaitedFor(cause: Cause): boolean {
	return cause === 'throttled' || isEndpointFault(cause);
}
