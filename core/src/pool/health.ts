import type { Clock } from '../effects';
import type { Cause, Fault } from '../outcome';
import { msToMidnightPacific } from './pacific';
import { HOUR_MS, isEndpointFault, POLICIES } from './policy';

/**
 * How an endpoint, a lane, or a lane for one model stands. Whatever is not ready comes back at `until` with a
 * single probe; `backAt` is when its cause is expected to be gone. Pool time in ms.
 */
export type Health =
	| { readonly state: 'ready' }
	| {
			readonly state: 'cooling' | 'retired';
			readonly cause: Cause;
			readonly until: number;
			readonly backAt: number;
			/** How often in a row it has cooled for this cause. */
			readonly strikes: number;
	  };

export const READY: Health = { state: 'ready' };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

const doubling = (first: number, strikes: number, longest: number) =>
	Math.min(longest, first * 2 ** (strikes - 1));

const isSame = (a: Cause, b: Cause) => a === b || (isEndpointFault(a) && isEndpointFault(b));

/** What a fault makes of the health of whatever it blames. */
export function nextHealth(health: Health, fault: Fault & { kind: Cause }, clock: Clock): Health {
	const { kind: cause } = fault;
	const now = clock.now();
	const strikes = health.state !== 'ready' && isSame(health.cause, cause) ? health.strikes + 1 : 1;
	const rest = (ms: number, backInMs = ms): Health => ({
		state: cause === 'badKey' ? 'retired' : 'cooling',
		cause,
		until: now + ms,
		backAt: now + backInMs,
		strikes,
	});
	const { rests } = POLICIES[cause];
	switch (rests) {
		case 'breaker':
			return rest(doubling(10 * SECOND_MS, strikes, 5 * MINUTE_MS) * (1 + clock.random() / 10));
		case 'hint':
			return rest(fault.hintMs || doubling(2 * SECOND_MS, strikes, MINUTE_MS));
		case 'midnight': {
			const midnight = msToMidnightPacific(clock.wallClock());
			return rest(Math.min(midnight, HOUR_MS), midnight);
		}
		default:
			return rest(rests);
	}
}

/**
 * What faults have done to an endpoint that is still in use: its share shrinks with `level`, and its breaker opens
 * at enough faults in a row.
 */
export interface Strain {
	/** Each fault adds 1, each success halves it, and it halves every 30 s by itself. */
	readonly level: number;
	/** Pool time of `level`, ms. */
	readonly at: number;
	readonly faultsInARow: number;
	readonly unreachableInARow: number;
}

export const NO_STRAIN: Strain = { level: 0, at: 0, faultsInARow: 0, unreachableInARow: 0 };

const HALF_LIFE_MS = 30_000;
/** An endpoint under strain keeps at least a sixteenth of its share, so that its recovery is noticed. */
const MOST_HALVINGS = 4;

const levelAt = (strain: Strain, now: number) =>
	strain.level * 2 ** -((now - strain.at) / HALF_LIFE_MS);

export const afterFault = (strain: Strain, kind: Cause, now: number): Strain => ({
	level: levelAt(strain, now) + 1,
	at: now,
	faultsInARow: strain.faultsInARow + 1,
	unreachableInARow: kind === 'unreachable' ? strain.unreachableInARow + 1 : 0,
});

export const afterSuccess = (strain: Strain, now: number): Strain => ({
	...NO_STRAIN,
	level: levelAt(strain, now) / 2,
	at: now,
});

export const opensBreaker = (strain: Strain): boolean =>
	strain.faultsInARow >= 5 || strain.unreachableInARow >= 2;

/** What is left of a weight under strain. */
export const effectiveWeight = (weight: number, strain: Strain, now: number): number =>
	strain.level === 0 ? weight : weight * 2 ** -Math.min(levelAt(strain, now), MOST_HALVINGS);
