/** A sum of money that several tenants may share: the runs of one execution. US dollars. */
export interface Budget {
	readonly maxCostUsd: number;
	/** What settled calls have cost. */
	readonly spentUsd: number;
	/** `granted` sets the sum aside; `later` once a call in flight has settled; `never` as long as the budget lasts. */
	reserve(usd: number): 'granted' | 'later' | 'never';
	/** A call is over: what was set aside is freed, what it cost is spent. */
	settle(reservedUsd: number, costUsd: number): void;
}

/** Sums of cents drift in binary; a budget of 0.10 must still pay for 0.05 twice. */
const ROUNDING_USD = 1e-9;

export function createBudget(maxCostUsd: number): Budget {
	let spentUsd = 0;
	let inFlightUsd = 0;
	return {
		maxCostUsd,
		get spentUsd() {
			return spentUsd;
		},
		reserve(usd) {
			if (spentUsd + usd > maxCostUsd + ROUNDING_USD) return 'never';
			if (spentUsd + inFlightUsd + usd > maxCostUsd + ROUNDING_USD) return 'later';
			inFlightUsd += usd;
			return 'granted';
		},
		settle(reservedUsd, costUsd) {
			inFlightUsd -= reservedUsd;
			spentUsd += costUsd;
		},
	};
}
