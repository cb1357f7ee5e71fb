import { FAULTS_TO_OPEN, UNREACHABLE_TO_OPEN } from './health';
import type { EndpointFault } from './policy';

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

function levelAt(strain: Strain, now: number): number {
	return strain.level * 2 ** -((now - strain.at) / HALF_LIFE_MS);
}

export function afterFault(strain: Strain, kind: EndpointFault, now: number): Strain {
	return {
		level: levelAt(strain, now) + 1,
		at: now,
		faultsInARow: strain.faultsInARow + 1,
		unreachableInARow: kind === 'unreachable' ? strain.unreachableInARow + 1 : 0,
	};
}

export function afterSuccess(strain: Strain, now: number): Strain {
	return { ...NO_STRAIN, level: levelAt(strain, now) / 2, at: now };
}

export function opensBreaker(strain: Strain): boolean {
	return strain.faultsInARow >= FAULTS_TO_OPEN || strain.unreachableInARow >= UNREACHABLE_TO_OPEN;
}

/** What is left of a weight under strain. */
export function effectiveWeight(weight: number, strain: Strain, now: number): number {
	return strain.level === 0 ? weight : weight * 2 ** -Math.min(levelAt(strain, now), MOST_HALVINGS);
}
