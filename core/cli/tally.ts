import type { Entry } from './entry';

/** Where a run stands. */
export interface Standing {
	readonly total: number;
	readonly made: number;
	/** Images beyond those asked for, which came along. */
	readonly extras: number;
	readonly skipped: number;
	readonly refused: number;
	readonly failed: number;
	/** Not begun, or broken off by Ctrl-C. */
	readonly open: number;
	/** Estimated US dollars of this run. */
	readonly costUsd: number;
	/** Images whose price is unknown. */
	readonly unpriced: number;
	readonly elapsedMs: number;
	readonly perMinute: number;
	/** Null before the first image of this run has settled. */
	readonly leftMs: number | null;
}

export interface Tally {
	add(entry: Entry): void;
	standing(): Standing;
}

/** Counts a run's images as they settle. `total` is what the command asks for; `now` is in milliseconds. */
export const openTally = (total: number, now: () => number): Tally => {
	const counts = { ok: 0, skipped: 0, refused: 0, failed: 0, notStarted: 0 };
	const begun = now();
	let extras = 0;
	let costUsd = 0;
	let unpriced = 0;

	const add = (entry: Entry): void => {
		counts[entry.status]++;
		if (entry.extra) extras++;
		if (entry.cost_usd === null) unpriced++;
		costUsd += entry.cost_usd ?? 0;
	};

	const standing = (): Standing => {
		const elapsedMs = now() - begun;
		const settled = counts.ok - extras + counts.refused + counts.failed;
		const open = total - settled - counts.skipped;
		return {
			total,
			made: counts.ok - extras,
			extras,
			skipped: counts.skipped,
			refused: counts.refused,
			failed: counts.failed,
			open,
			costUsd,
			unpriced,
			elapsedMs,
			perMinute: elapsedMs > 0 ? (counts.ok * 60_000) / elapsedMs : 0,
			leftMs: settled > 0 ? (elapsedMs / settled) * open : null,
		};
	};

	return { add, standing };
};
