/** A sum of money that several tenants may share: the runs of one execution. US dollars. */
export interface Budget {
	readonly maxCostUsd: number;
	/** What settled calls have cost. */
	readonly spentUsd: number;
	/** Whether it could pay for this, were no call in flight. Once it can't, it never can. */
	covers(usd: number): boolean;
	/** `granted` sets the sum aside; `later` once a call in flight has settled; `never` as long as the budget lasts. */
	reserve(usd: number): 'granted' | 'later' | 'never';
	/** Calls `listener` whenever a sum is freed; returns how to end that. */
	onFreed(listener: () => void): () => void;
	/** A call is over: what was set aside is freed, what it cost is spent. */
	settle(reservedUsd: number, costUsd: number): void;
}

/** Sums of cents drift in binary; a budget of 0.10 must still pay for 0.05 twice. */
const ROUNDING_USD = 1e-9;

/** A budget of so many US dollars for any number of tenants, of one pool or of several. */
export function createBudget(maxCostUsd: number): Budget {
	let spentUsd = 0;
	let inFlightUsd = 0;
	const listeners = new Set<() => void>();
	const covers = (usd: number) => spentUsd + usd <= maxCostUsd + ROUNDING_USD;
	return {
		maxCostUsd,
		get spentUsd() {
			return spentUsd;
		},
		covers,
		reserve(usd) {
			if (!covers(usd)) return 'never';
			if (!covers(inFlightUsd + usd)) return 'later';
			inFlightUsd += usd;
			return 'granted';
		},
		settle(reservedUsd, costUsd) {
			inFlightUsd -= reservedUsd;
			spentUsd += costUsd;
			for (const tell of listeners) tell();
		},
		onFreed(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
	};
}
