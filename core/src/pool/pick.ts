import { effectiveWeight } from './health';
import type { Endpoint, Lane } from './lanes';

/** Picks one of the open lanes, by weight, then by turns among the keys. Charges the credits. */
export function pick(open: readonly Lane[], now: number): Lane {
	const endpoints = [...new Set(open.map(({ endpoint }) => endpoint))];
	const weighted = endpoints.filter(({ weight }) => weight > 0);
	const endpoint = takeTurn<Endpoint>(
		weighted.length > 0 ? weighted : endpoints,
		({ weight, strain }) => effectiveWeight(weight || 1, strain, now),
	);
	return takeTurn(
		open.filter((lane) => lane.endpoint === endpoint),
		() => 1,
	);
}

/**
 * Smooth weighted round-robin, as nginx does it: each candidate earns its weight, the richest is picked and pays
 * the round. Weights may be any positive real numbers and may change between picks. Whoever is no candidate keeps
 * its credit.
 */
function takeTurn<T extends { credit: number }>(
	candidates: readonly T[],
	weightOf: (candidate: T) => number,
): T {
	let total = 0;
	let best: T | undefined;
	for (const candidate of candidates) {
		const weight = weightOf(candidate);
		total += weight;
		candidate.credit += weight;
		if (best === undefined || candidate.credit > best.credit) best = candidate;
	}
	if (best === undefined) throw new RangeError('takeTurn needs a candidate');
	best.credit -= total;
	return best;
}
