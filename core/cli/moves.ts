import { extname } from 'node:path';
import { REPLACED, stemOf, type Stock } from './stock';
import type { Wanted } from './plan';

/** An image that is there under a name that is not its own. */
interface Misplaced {
	readonly wanted: Wanted;
	readonly file: string;
}

/** What has to change its name so that every image that is there lies where its row has it. */
export interface Moves {
	readonly misplaced: readonly Misplaced[];
	/** Files in the way of those, which belong to no row. */
	readonly inTheWay: readonly string[];
}

/** Where all lies where it is taken from, or all is drawn again. */
export const NO_MOVES: Moves = { misplaced: [], inTheWay: [] };

export const planMoves = ({ there, files }: Stock): Moves => {
	const misplaced = [...there]
		.filter(([{ stem, otherStem }, file]) => ![stem, otherStem].includes(stemOf(file)))
		.map(([wanted, file]) => ({ wanted, file }));
	const claimed = new Set(there.values());
	return {
		misplaced,
		inTheWay: misplaced.flatMap(({ wanted }) =>
			(files.get(wanted.stem) ?? []).filter((file) => !claimed.has(file)),
		),
	};
};

/** What has to go to `replaced/` for all that: what is in the way, and what stands where another is to be drawn. */
export const givingWay = (
	{ there, files }: Stock,
	moves: Moves,
	toMake: readonly Wanted[],
): ReadonlySet<string> => {
	const former = toMake.flatMap(({ stem }) => files.get(stem) ?? []);
	const kept = new Set(moves === NO_MOVES ? [] : there.values());
	return new Set([...moves.inTheWay, ...former].filter((file) => !kept.has(file)));
};

/** How `applyMoves` changes names; each step is written down before it is taken. */
export interface Mover {
	rename(from: string, to: string): Promise<void>;
	/** Resolves with the new name. */
	toReplaced(file: string): Promise<string>;
}

/**
 * Gives every misplaced image its name. One goes once its place is free; where they stand in a ring, one steps aside.
 * Resolves with where each lies now.
 */
export const applyMoves = async (
	{ misplaced, inTheWay }: Moves,
	{ rename, toReplaced }: Mover,
): Promise<ReadonlyMap<Wanted, string>> => {
	const settled = new Map<Wanted, string>();
	const pending = new Map(misplaced.map((each) => [each.wanted.stem, each]));
	const occupied = new Set(misplaced.map(({ file }) => stemOf(file)));
	for (const file of inTheWay) await toReplaced(file);
	const isFree = (stem: string) => pending.has(stem) && !occupied.has(stem);
	let free = [...pending.keys()].filter(isFree);
	while (pending.size > 0) {
		const stem = free.pop();
		if (stem === undefined) {
			const [place, { wanted, file }] = [...pending][0]!;
			const aside = await toReplaced(file);
			pending.set(place, { wanted, file: aside });
			occupied.delete(stemOf(file));
			free = [stemOf(file)].filter(isFree);
			continue;
		}
		const { wanted, file } = pending.get(stem)!;
		const target = stem + extname(file);
		await rename(file, target);
		settled.set(wanted, target);
		pending.delete(stem);
		occupied.delete(stemOf(file));
		occupied.add(stem);
		if (isFree(stemOf(file))) free.push(stemOf(file));
	}
	return settled;
};

/** Where a file that gives way is put: see `REPLACED`. */
export const replacedStem = (file: string): string =>
	file.startsWith(`${REPLACED}/`) ? stemOf(file) : `${REPLACED}/${stemOf(file)}`;
