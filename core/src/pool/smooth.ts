/** Something that takes turns by weight. */
export interface Turn {
	/** What it is owed, in units of weight. Frozen while it is not among the candidates. */
	credit: number;
}

/**
 * Smooth weighted round-robin, as nginx does it: each candidate earns its weight, the richest is picked and pays
 * the round. Weights may be any positive real numbers and may change between picks.
 */
export function takeTurn<T extends Turn>(
	candidates: readonly T[],
	weightOf: (turn: T) => number,
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
