import type { Item } from './item';

/** Items that sit out their backoff. */
export interface Resting {
	/** `until` in pool time, ms. */
	add(item: Item, until: number): void;
	/** Takes out those whose rest is over. */
	due(now: number): readonly Item[];
	/** When the next rest is over; Infinity where nobody rests. */
	next(): number;
	/** False where it did not rest. */
	remove(item: Item): boolean;
	drain(): readonly Item[];
}

export function createResting(): Resting {
	const until = new Map<Item, number>();
	let next = Infinity;
	const take = (isDue: (at: number) => boolean) => {
		const items: Item[] = [];
		next = Infinity;
		for (const [item, at] of until) {
			if (isDue(at)) {
				items.push(item);
				until.delete(item);
			} else next = Math.min(next, at);
		}
		return items;
	};
	return {
		add(item, at) {
			until.set(item, at);
			next = Math.min(next, at);
		},
		due: (now) => (now < next ? [] : take((at) => at <= now)),
		next: () => next,
		// Whoever looks at the former next moment finds nobody due, and looks again at the right one.
		remove: (item) => until.delete(item),
		drain: () => take(() => true),
	};
}
