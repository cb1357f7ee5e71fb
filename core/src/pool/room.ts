import type { Item } from './item';
import { createLines, type Line } from './lines';
import { createResting } from './resting';

/** Where a tenant's items wait: in line, or at rest until their backoff is over. */
export interface Room {
	/** Puts an item at its place in the line. */
	enter(item: Item): void;
	/** Takes an item out of the line. */
	leave(item: Item, now: number): void;
	/** Lets an item rest, which counts against its deadline. */
	rest(item: Item, now: number, until: number): void;
	/** Puts those in line whose rest is over. */
	wake(now: number): void;
	/** When the next rest is over, pool time; Infinity where nobody rests. */
	nextWake(): number;
	/** Lines, the one whose first item came first at the front. */
	lines(): readonly Line[];
	lineOf(item: Item): Line;
	/** Items in line whose stopwatch has started: the only ones that each look has to charge. */
	readonly served: ReadonlySet<Item>;
	/** Takes an item out, in line or at rest; false where it was in neither. */
	take(item: Item): boolean;
	/** Takes everybody out. */
	drain(): readonly Item[];
}

export function createRoom(): Room {
	const lines = createLines();
	const resting = createResting();
	const served = new Set<Item>();
	const enter = (item: Item) => {
		lines.add(item);
		if (item.stopwatch.isStarted) served.add(item);
	};
	return {
		enter,
		leave(item, now) {
			item.stopwatch.look(now, false);
			lines.remove(item);
			served.delete(item);
		},
		rest(item, now, until) {
			item.stopwatch.look(now, true);
			resting.add(item, until);
		},
		wake(now) {
			for (const item of resting.due(now)) {
				item.stopwatch.look(now, false);
				enter(item);
			}
		},
		nextWake: resting.next,
		lines: lines.all,
		lineOf: lines.of,
		served,
		take(item) {
			if (resting.remove(item)) return true;
			if (!lines.has(item)) return false;
			lines.remove(item);
			served.delete(item);
			return true;
		},
		drain() {
			served.clear();
			return [...lines.drain(), ...resting.drain()];
		},
	};
}
