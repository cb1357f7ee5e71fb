import type { Noted } from './metadata';

/** An image that is wanted, as far as telling which one it is goes. */
export interface Sought {
	readonly stem: string;
	/** Where an earlier run with another count may have put it; null where nothing but `stem` means this image. */
	readonly otherStem: string | null;
	readonly content: string;
	readonly shape: string;
}

/** An image that is there, whole. */
export interface Found {
	/** Path below the output directory. */
	readonly file: string;
	readonly stem: string;
	/** Null where no run has written down what it is: then its name is all there is to go by. */
	readonly noted: Noted | null;
}

/** What is taken from the front until nothing is left. */
const queue = <T>(items: readonly T[], isTaken: (item: T) => boolean) => {
	let next = 0;
	return (): T | undefined => {
		while (next < items.length && isTaken(items[next]!)) next++;
		return items[next++];
	};
};

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const group = groups.get(keyOf(item));
		if (group === undefined) groups.set(keyOf(item), [item]);
		else group.push(item);
	}
	return groups;
};

/**
 * Which of the images that are there are those that are wanted: told by what they show, wherever they lie. Each is
 * taken once. Of several that show the same, one of the same shape comes first, then the one that lies in place.
 */
export const matchImages = <T extends Sought>(
	wanted: readonly T[],
	there: readonly Found[],
): ReadonlyMap<T, Found> => {
	const matched = new Map<T, Found>();
	const taken = new Set<Found>();
	const byStem = groupBy(there, ({ stem }) => stem);
	const known = there.filter(({ noted }) => noted !== null && !noted.spare);
	const isTaken = (found: Found) => taken.has(found);
	const queues = (keyOf: (found: Found) => string) =>
		new Map(
			[...groupBy(known, keyOf)].map(([key, group]) => [key, queue(group, isTaken)] as const),
		);
	const alike = queues(({ noted }) => noted!.content + noted!.shape);
	const ofContent = queues(({ noted }) => noted!.content);

	const inPlace = (each: T, accepts: (noted: Noted | null) => boolean): Found | undefined =>
		[each.stem, each.otherStem]
			.flatMap((stem) => byStem.get(stem ?? '') ?? [])
			.find((found) => !isTaken(found) && accepts(found.noted));
	const isAsked =
		({ content }: T) =>
		(noted: Noted | null) =>
			noted !== null && !noted.spare && noted.content === content;

	const steps: readonly ((each: T) => Found | undefined)[] = [
		(each) => inPlace(each, (noted) => isAsked(each)(noted) && noted?.shape === each.shape),
		({ content, shape }) => alike.get(content + shape)?.(),
		(each) => inPlace(each, isAsked(each)),
		({ content }) => ofContent.get(content)?.(),
		(each) => inPlace(each, (noted) => noted === null),
	];
	for (const step of steps) {
		for (const each of wanted) {
			const found = matched.has(each) ? undefined : step(each);
			if (found === undefined) continue;
			taken.add(found);
			matched.set(each, found);
		}
	}
	return matched;
};
