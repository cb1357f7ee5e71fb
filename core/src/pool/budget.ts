/** A sum of money that several tenants may share: the runs of one execution. US dollars. */
export interface Budget {
	/** Infinity: no limit. */
	readonly maxCostUsd: number;
	/** What settled calls have cost. */
	readonly spentUsd: number;
	/**
	 * `granted` sets the sum aside; `later` once a call in flight has settled; `never` as long as the budget lasts. Null is a
	 * price that is not known: no limit could be kept with it.
	 */
	reserve(usd: number | null): 'granted' | 'later' | 'never' | 'unknownPrice';
	/** Calls `listener` whenever a sum is freed; returns how to end that. */
	onFreed(listener: () => void): () => void;
	/** A call is over: what was set aside is freed, what it cost is spent. */
	settle(reservedUsd: number, costUsd: number): void;
	/** The same money under another limit. */
	within(maxCostUsd: number): Budget;
}

/** Sums of cents drift in binary; a budget of 0.10 must still pay for 0.05 twice. */
const ROUNDING_USD = 1e-9;

/** A budget of so many US dollars for any number of tenants, of one pool or of several. */
export const createBudget = (maxCostUsd = Infinity): Budget =>
	limited({ spentUsd: 0, inFlightUsd: 0, listeners: new Set() }, maxCostUsd);

interface Money {
	spentUsd: number;
	inFlightUsd: number;
	readonly listeners: Set<() => void>;
}

function limited(money: Money, maxCostUsd: number): Budget {
	const covers = (usd: number) => usd <= maxCostUsd + ROUNDING_USD;
	return {
		maxCostUsd,
		get spentUsd() {
			return money.spentUsd;
		},
		reserve(usd) {
			if (usd === null) return maxCostUsd === Infinity ? 'granted' : 'unknownPrice';
			if (!covers(money.spentUsd + usd)) return 'never';
			if (!covers(money.spentUsd + money.inFlightUsd + usd)) return 'later';
			money.inFlightUsd += usd;
			return 'granted';
		},
		settle(reservedUsd, costUsd) {
			money.inFlightUsd -= reservedUsd;
			money.spentUsd += costUsd;
			for (const tell of money.listeners) tell();
		},
		onFreed(listener) {
			money.listeners.add(listener);
			return () => void money.listeners.delete(listener);
		},
		within: (otherUsd) => limited(money, otherUsd),
	};
}
