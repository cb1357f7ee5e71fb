import type { Clock } from '../effects';
import type { Fault } from '../outcome';
import { msToMidnightPacific } from './pacific';
import { isEndpointFault, type Cause } from './policy';

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
const HOUR_MS = 60 * MINUTE_MS;

/** Faults in a row that open an endpoint's breaker. */
export const FAULTS_TO_OPEN = 5;
export const UNREACHABLE_TO_OPEN = 2;

const doubling = (first: number, strikes: number, longest: number) =>
	Math.min(longest, first * 2 ** (strikes - 1));

const isSame = (a: Cause, b: Cause) => a === b || (isEndpointFault(a) && isEndpointFault(b));

/** What a fault makes of the health of whatever it blames. */
export function nextHealth(health: Health, fault: Fault & { kind: Cause }, clock: Clock): Health {
	const { kind: cause } = fault;
	const now = clock.now();
	const strikes = health.state !== 'ready' && isSame(health.cause, cause) ? health.strikes + 1 : 1;
	const cooling = (ms: number, backInMs = ms): Health => ({
		state: 'cooling',
		cause,
		until: now + ms,
		backAt: now + backInMs,
		strikes,
	});
	switch (cause) {
		case 'unreachable':
		case 'serverFault':
		case 'timeout':
		case 'truncated':
			return cooling(doubling(10 * SECOND_MS, strikes, 5 * MINUTE_MS) * (1 + clock.random() / 10));
		case 'badKey':
			// A key may be repaired at Google, or a proxy may err once: one call an hour finds out.
			return { state: 'retired', cause, until: now + HOUR_MS, backAt: now + HOUR_MS, strikes };
		case 'billing':
		case 'regionBlocked':
			return cooling(HOUR_MS);
		case 'forbidden':
		case 'modelMissing':
		case 'wrongUrl':
			return cooling(10 * MINUTE_MS);
		case 'dailyQuota': {
			const midnight = msToMidnightPacific(clock.wallClock());
			return cooling(Math.min(midnight, HOUR_MS), midnight);
		}
		case 'throttled':
			return cooling(fault.hintMs || doubling(2 * SECOND_MS, strikes, MINUTE_MS));
	}
}
