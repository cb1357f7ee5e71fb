import type { Cause, Fault, FaultDetail, OutcomeKind } from '../outcome';

/** What an outcome means: what it costs the request, where that goes next, whom it blames, and how long that one rests. */
export interface Policy {
	/** `firstFree`: no, the first time at each endpoint. `elsewhereOnce`: no, once, at another endpoint; then it is final. */
	readonly costsRetry: 'no' | 'firstFree' | 'yes' | 'final' | 'elsewhereOnce';
	/** What the request leaves for the rest of its round. */
	readonly leaves: 'nothing' | 'lane' | 'endpoint';
	/**
	 * What is to blame: `quota` is the lane, or the lane for this model where the quota counts per model; `evidence` is the
	 * narrowest scope at which enough faults of different requests have come in a row.
	 */
	readonly blames: 'nothing' | 'laneModel' | 'lane' | 'quota' | 'endpoint' | 'evidence';
	/** Milliseconds, or: as the reply asks, until midnight Pacific, a breaker. */
	readonly rests: number | 'hint' | 'midnight' | 'breaker';
	/** Whether the server has answered, which proves that whatever had been at rest is back. */
	readonly answers: boolean;
}

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

const row = (
	costsRetry: Policy['costsRetry'],
	leaves: Policy['leaves'],
	blames: Policy['blames'],
	rests: Policy['rests'],
): Policy => ({ costsRetry, leaves, blames, rests, answers: false });

const answer = (
	costsRetry: Policy['costsRetry'],
	leaves: Policy['leaves'] = 'nothing',
): Policy => ({
	...row(costsRetry, leaves, 'nothing', 0),
	answers: true,
});

/** The outcome table. */
export const POLICIES: Record<OutcomeKind, Policy> = {
	images: answer('final'),
	refused: answer('final'),
	notGemini: answer('final'),
	badRequest: answer('elsewhereOnce', 'endpoint'),
	noImage: answer('yes'),
	aborted: row('final', 'nothing', 'nothing', 0),
	// A key may be repaired at Google, or a proxy may err once: one call an hour finds out.
	badKey: row('no', 'lane', 'lane', HOUR_MS),
	forbidden: row('no', 'lane', 'laneModel', 10 * MINUTE_MS),
	billing: row('no', 'lane', 'lane', HOUR_MS),
	modelMissing: row('no', 'lane', 'laneModel', 10 * MINUTE_MS),
	wrongUrl: row('no', 'endpoint', 'endpoint', 10 * MINUTE_MS),
	throttled: row('no', 'lane', 'quota', 'hint'),
	dailyQuota: row('no', 'lane', 'quota', 'midnight'),
	regionBlocked: row('no', 'endpoint', 'endpoint', HOUR_MS),
	unreachable: row('no', 'endpoint', 'endpoint', 'breaker'),
	serverFault: row('firstFree', 'lane', 'evidence', 'breaker'),
	gatewayTimeout: row('yes', 'lane', 'evidence', 'breaker'),
	timeout: row('yes', 'lane', 'evidence', 'breaker'),
	truncated: row('yes', 'lane', 'evidence', 'breaker'),
};

/** Where more is known than the kind says, another may be to blame: a project is all of its models. */
const BLAMES: Partial<Record<FaultDetail, 'lane'>> = {
	projectDenied: 'lane',
	apiDisabled: 'lane',
};

/** Whom a fault blames. */
export function blamedBy({ kind, detail, perModel }: Fault): Exclude<Policy['blames'], 'quota'> {
	const { blames } = POLICIES[kind];
	if (blames === 'quota') return perModel ? 'laneModel' : 'lane';
	return (detail && BLAMES[detail]) ?? blames;
}

/** A fault that can put something to rest. */
export type Blaming = Fault & { readonly kind: Cause };

export const isBlaming = (outcome: { readonly kind: OutcomeKind }): outcome is Blaming =>
	POLICIES[outcome.kind].blames !== 'nothing';

/** Whether it proves nothing by itself but that one call of one request has failed. */
export const isEvidence = (kind: OutcomeKind): boolean => POLICIES[kind].blames === 'evidence';

/** Whether a server dealt with a call, which then counts against the request: its deadline runs. */
export const isServed = (kind: OutcomeKind): boolean =>
	kind !== 'throttled' && kind !== 'unreachable';
