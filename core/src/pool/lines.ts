import type { Item } from './item';

/** Items that can be served by the very same lanes, first in first out: only the first has to be asked about. */
export type Line = readonly [Item, ...Item[]];

/** The waiting items of one tenant. */
export interface Lines {
	add(item: Item): void;
	remove(item: Item): void;
	has(item: Item): boolean;
	/** Lines, the one whose first item came first at the front. */
	all(): readonly Line[];
	/** The line an item stands in. */
	of(item: Item): Line;
	/** Takes every item out, in order. */
	drain(): readonly Item[];
}

export function createLines(): Lines {
	const lines = new Map<string, Item[]>();
	const keys = new Map<Item, string>();
	return {
		add(item) {
			const key = keyOf(item);
			keys.set(item, key);
			const line = lines.get(key);
			if (line === undefined) lines.set(key, [item]);
			else line.splice(placeOf(line, item), 0, item);
		},
		remove(item) {
			const key = keys.get(item)!;
			keys.delete(item);
			const line = lines.get(key)!;
			const place = placeOf(line, item);
			if (place === 0) line.shift();
			else line.splice(place, 1);
			if (line.length === 0) lines.delete(key);
		},
		has: (item) => keys.has(item),
		of: (item) => lines.get(keys.get(item)!) as unknown as Line,
		all() {
			return [...(lines.values() as Iterable<unknown> as Iterable<Line>)].sort(
				([a], [b]) => a.order - b.order,
			);
		},
		drain() {
			const items = [...lines.values()].flat().sort((a, b) => a.order - b.order);
			lines.clear();
			keys.clear();
			return items;
		},
	};
}

/** By the size too, since it makes the price: a dear image that must wait for money holds up no cheaper one. */
function keyOf({ model, request, visited, avoid }: Item): string {
	const wish = `${model}\n${request.imageSize ?? ''}`;
	if (visited.size === 0 && avoid === null) return wish;
	const seen = [...visited].map(([lane, call]) => `${lane.index}:${call}`).sort();
	return [wish, avoid?.name ?? '', ...seen].join('\n');
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
