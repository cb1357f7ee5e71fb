import { imageSizeOf } from '../models/cost';
import type { Item } from './item';

/** Items that can be served by the very same lanes, first in first out: only the first has to be asked about. */
export type Line = readonly [Item, ...Item[]];

/** Where a tenant's items wait: in line, or at rest until their backoff is over. Times are the pool's, ms. */
export interface Lines {
	/** Puts an item at its place in the line. */
	enter(item: Item): void;
	/** Takes an item out of the line. */
	leave(item: Item, now: number): void;
	/** Lets an item rest, which counts against its deadline. */
	rest(item: Item, now: number, until: number): void;
	/** Puts those in line whose rest is over. */
	wake(now: number): void;
	/** When the next rest is over; Infinity where nobody rests. */
	nextWake(): number;
	/** Lines, the one whose first item came first at the front. */
	all(): readonly Line[];
	lineOf(item: Item): Line;
	/** Items in line whose stopwatch has started: the only ones that each look has to charge. */
	readonly served: ReadonlySet<Item>;
	/** All items of a request. */
	of(request: Item['request']): readonly Item[];
	/** Takes an item out, in line or at rest; false where it was in neither. */
	take(item: Item): boolean;
	/** Takes everybody out. */
	drain(): readonly Item[];
}

export function createLines(): Lines {
	const lines = new Map<string, Item[]>();
	const keys = new Map<Item, string>();
	const served = new Set<Item>();
	const resting = new Map<Item, number>();
	/** Not later than the next rest's end: whoever looks then finds nobody due, and looks again at the right moment. */
	let nextWake = Infinity;

	const enter = (item: Item) => {
		const key = keyOf(item);
		const line = lines.get(key);
		if (line === undefined) lines.set(key, [item]);
		else line.splice(placeOf(line, item), 0, item);
		keys.set(item, key);
		if (item.stopwatch.isStarted) served.add(item);
	};
	const remove = (item: Item) => {
		const key = keys.get(item)!;
		const line = lines.get(key)!;
		const place = placeOf(line, item);
		if (place === 0) line.shift();
		else line.splice(place, 1);
		if (line.length === 0) lines.delete(key);
		keys.delete(item);
		served.delete(item);
	};
	return {
		enter,
		leave(item, now) {
			item.stopwatch.look(now, false);
			remove(item);
		},
		rest(item, now, until) {
			item.stopwatch.look(now, true);
			resting.set(item, until);
			nextWake = Math.min(nextWake, until);
		},
		wake(now) {
			if (now < nextWake) return;
			nextWake = Infinity;
			for (const [item, until] of resting) {
				if (until <= now) {
					resting.delete(item);
					item.stopwatch.look(now, false);
					enter(item);
				} else nextWake = Math.min(nextWake, until);
			}
		},
		nextWake: () => nextWake,
		all: () => ([...lines.values()] as unknown as Line[]).sort(([a], [b]) => a.order - b.order),
		lineOf: (item) => lines.get(keys.get(item)!) as unknown as Line,
		served,
		of: (request) => [...keys.keys(), ...resting.keys()].filter((item) => item.request === request),
		take(item) {
			if (resting.delete(item)) return true;
			if (!keys.has(item)) return false;
			remove(item);
			return true;
		},
		drain() {
			const everybody = [...[...keys.keys()].sort((a, b) => a.order - b.order), ...resting.keys()];
			for (const line of lines.values()) line.length = 0;
			for (const each of [lines, keys, served, resting]) each.clear();
			nextWake = Infinity;
			return everybody;
		},
	};
}

/** By what makes the price too: a dear image that must wait for money holds up no cheaper one. */
function keyOf({ model, request, visited, failed, counted, retries }: Item): string {
	const wish = `${model}\n${imageSizeOf(request) ?? ''}\n${request.thinkingLevel ?? ''}`;
	if (visited.size === 0 && counted.size === 0 && failed.size === 0) return wish;
	const left = [...visited].map(([lane, call]) => `${lane.index}:${call}`).sort();
	const failing = [...failed].map(({ index }) => index).sort((a, b) => a - b);
	return [wish, retries, failing, counted.size, ...left].join('\n');
}

/** Where an item is, or belongs, by its order. */
function placeOf(line: readonly Item[], item: Item): number {
	let low = 0;
	let high = line.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (line[middle]!.order < item.order) low = middle + 1;
		else high = middle;
	}
	return low;
}
