import { LOST, type Entry } from './entry';

/** Where a run stands. */
export interface Progress {
	readonly total: number;
	readonly made: number;
	/** Images beyond those asked for, which came along. */
	readonly extras: number;
	readonly skipped: number;
	readonly refused: number;
	readonly failed: number;
	/** Not begun, or broken off. */
	readonly open: number;
	/** How many of those that are not there ended for which reason. */
	readonly codes: ReadonlyMap<string, number>;
	/** Made, paid for and not written: they count as failed. */
	readonly lost: { readonly stems: readonly string[]; readonly costUsd: number };
	/** Estimated US dollars of this run. */
	readonly costUsd: number;
	/** Images whose price is unknown. */
	readonly unpriced: number;
	readonly elapsedMs: number;
	readonly perMinute: number;
	/** Null before the first image of this run is made. */
	readonly leftMs: number | null;
}

export interface Tally {
	add(entry: Entry, stem?: string): void;
	progress(): Progress;
}

/** Counts a run's images as they settle. `total` is what the command asks for; `now` is in milliseconds. */
export const openTally = (total: number, now: () => number): Tally => {
	const counts = { ok: 0, skipped: 0, refused: 0, failed: 0, notStarted: 0 };
	const codes = new Map<string, number>();
	const lost = { stems: [] as string[], costUsd: 0 };
	const begun = now();
	let extras = 0;
	let costUsd = 0;
	let unpriced = 0;

	const add = (entry: Entry, stem = ''): void => {
		counts[entry.status]++;
		if (entry.extra) extras++;
		if (entry.cost_usd === null) unpriced++;
		costUsd += entry.cost_usd ?? 0;
		if (entry.code !== '') codes.set(entry.code, (codes.get(entry.code) ?? 0) + 1);
		if (entry.code !== LOST) return;
		lost.stems.push(stem);
		lost.costUsd += entry.cost_usd ?? 0;
	};

	const progress = (): Progress => {
		const elapsedMs = now() - begun;
		const made = counts.ok - extras;
		const settled = made + counts.refused + counts.failed;
		const open = total - settled - counts.skipped;
		return {
			total,
			made,
			extras,
			skipped: counts.skipped,
			refused: counts.refused,
			failed: counts.failed,
			open,
			codes,
			lost,
			costUsd,
			unpriced,
			elapsedMs,
			perMinute: elapsedMs > 0 ? (counts.ok * 60_000) / elapsedMs : 0,
			leftMs: made > 0 ? (elapsedMs / settled) * open : null,
		};
	};

	return { add, progress };
};
