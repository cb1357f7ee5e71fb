import type { Price } from '../models/cost';

/** What several tenants may share: a sum of money, US dollars, and how many calls they make at once. */
export interface Budget {
	/** Infinity: no limit. */
	readonly maxCostUsd: number;
	/** What settled calls have cost. */
	readonly spentUsd: number;
	/**
	 * Sets a call and its price aside, if they are there: `later` once a call in flight has settled; `never` as long as the
	 * budget lasts. Null is a price that is not known: no limit could be kept with it.
	 */
	reserve(price: Price | null): Reservation | 'later' | 'never' | 'unknownPrice';
	/** Calls `listener` whenever a call and its sum are freed; returns how to end that. */
	onFreed(listener: () => void): () => void;
	/** The same money under other limits. */
	within(maxCostUsd: number, mostAtOnce?: number): Budget;
}

/** Money set aside for one call. */
export interface Reservation {
	/** The call is over: what was set aside is freed, what it cost is spent. */
	settle(costUsd: number): void;
}

/** Sums of cents drift in binary; a budget of 0.10 must still pay for 0.05 twice. */
const ROUNDING_USD = 1e-9;

/** A budget of so many US dollars for any number of tenants, of one pool or of several. */
export const createBudget = (maxCostUsd = Infinity): Budget =>
	limited(
		{ spentUsd: 0, inFlightUsd: 0, seenOnTop: new Map(), listeners: new Set() },
		maxCostUsd,
		Infinity,
	);

interface Money {
	spentUsd: number;
	inFlightUsd: number;
	/** By kind of call, the most that came on top of the list price of an image. */
	readonly seenOnTop: Map<string, number>;
	readonly listeners: Set<() => void>;
}

const FREE: Price = { listUsd: 0, allowanceUsd: 0, kind: '' };

function limited(money: Money, maxCostUsd: number, mostAtOnce: number): Budget {
	let inFlight = 0;
	const covers = (usd: number) => usd <= maxCostUsd + ROUNDING_USD;
	const reservation = (price: Price, usd: number): Reservation => ({
		settle(costUsd) {
			inFlight -= 1;
			money.inFlightUsd -= usd;
			money.spentUsd += costUsd;
			learn(money, price, costUsd);
			for (const tell of money.listeners) tell();
		},
	});
	return {
		maxCostUsd,
		get spentUsd() {
			return money.spentUsd;
		},
		reserve(price) {
			if (price === null && maxCostUsd !== Infinity) return 'unknownPrice';
			const known = price ?? FREE;
			const usd = known.listUsd + allowanceFor(money, known);
			if (!covers(money.spentUsd + known.listUsd)) return 'never';
			if (!covers(money.spentUsd + money.inFlightUsd + usd))
				return money.inFlightUsd > ROUNDING_USD ? 'later' : 'never';
			if (inFlight >= mostAtOnce) return 'later';
			inFlight += 1;
			money.inFlightUsd += usd;
			return reservation(known, usd);
		},
		onFreed(listener) {
			money.listeners.add(listener);
			return () => void money.listeners.delete(listener);
		},
		within: (otherUsd, most = Infinity) => limited(money, otherUsd, most),
	};
}

/**
 * By the table at first, then by what such calls have shown. The very first call goes by the list price alone: a limit
 * that pays for an image makes one.
 */
const allowanceFor = ({ spentUsd, inFlightUsd, seenOnTop }: Money, price: Price): number =>
	spentUsd + inFlightUsd < ROUNDING_USD ? 0 : (seenOnTop.get(price.kind) ?? price.allowanceUsd);

/** What came to nothing, and so cost little, does not tell what an image takes. */
function learn({ seenOnTop }: Money, { kind, listUsd }: Price, costUsd: number): void {
	if (costUsd < listUsd / 2) return;
	seenOnTop.set(kind, Math.max(seenOnTop.get(kind) ?? 0, costUsd - listUsd));
}
