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

interface Candidate {
	credit: number;
	readonly inFlight: number;
}

/** A slow candidate that its share of the calls holds back is owed no more than so many turns. */
const MOST_OWED = 4;

/**
 * Smooth weighted round-robin, as nginx does it: each candidate earns its weight, the richest is picked and pays
 * the round. Weights may be any positive real numbers and may change between picks. Whoever is no candidate keeps
 * its credit. Who holds more than its share of the calls in flight is passed over while another can use the rest: its
 * turn comes when it has room, and a slow one holds nobody up.
 */
function takeTurn<T extends Candidate>(
	candidates: readonly T[],
	weightOf: (candidate: T) => number,
): T {
	const [only] = candidates;
	if (only !== undefined && candidates.length === 1) return only;
	let total = 0;
	let inFlight = 1;
	for (const candidate of candidates) {
		const weight = weightOf(candidate);
		total += weight;
		inFlight += candidate.inFlight;
		candidate.credit += weight;
	}
	const roomy = candidates.filter(
		(each) => each.inFlight < Math.ceil((weightOf(each) / total) * inFlight),
	);
	let best: T | undefined;
	for (const candidate of roomy.length > 0 ? roomy : candidates) {
		candidate.credit = Math.min(candidate.credit, MOST_OWED * total);
		if (best === undefined || candidate.credit > best.credit) best = candidate;
	}
	if (best === undefined) throw new RangeError('takeTurn needs a candidate');
	best.credit -= total;
	return best;
}
