import { estimateBatchUsd } from '../src/batch/price';
import { estimateCostUsd } from '../src/models/cost';
import { givingWay, NO_MOVES, planMoves } from './moves';
import type { Wanted } from './plan';
import { images } from './report';
import type { RunOptions } from './run';
import type { Share } from './share';
import { takeStock } from './stock';
import { waitingInBatch } from './tickets';

/** What a run would make, reuse, move and cost; changes nothing and calls nobody. */
export const rehearse = async (
	list: readonly Wanted[],
	share: Share,
	{ directory, redraw, skipRefused, batch }: Omit<RunOptions, 'json'>,
) => {
	const found = await takeStock(directory, list);
	const stock = redraw ? { ...found, there: new Map<Wanted, string>() } : found;
	const { wanted } = share;
	const there = wanted.filter((each) => stock.there.has(each));
	const moves = redraw || share.name !== '' ? NO_MOVES : planMoves(stock);
	const missing = wanted.filter((each) => !stock.there.has(each));
	const leftOut = skipRefused ? missing.filter((each) => stock.refused.has(each)) : [];
	const toDraw = skipRefused ? missing.filter((each) => !stock.refused.has(each)) : missing;
	const inBatch = waitingInBatch(stock, toDraw);
	const toMake = batch ? toDraw.filter((each) => !inBatch.has(each)) : toDraw;
	const prices = toMake.map(({ request }) => (batch ? estimateBatchUsd : estimateCostUsd)(request));
	return {
		status: 'dry_run',
		asked: wanted.length,
		to_make: toMake.length,
		there: there.length,
		in_batch: inBatch.size,
		renamed: moves.misplaced.length,
		replaced: givingWay(stock, moves, toDraw).size,
		refused_before: leftOut.length,
		unpriced: prices.filter((price) => price === null).length,
		cost_usd: Number(prices.reduce<number>((sum, price) => sum + (price ?? 0), 0).toFixed(6)),
		strangers: stock.strangers.length,
		unnoted: redraw ? 0 : stock.unnoted,
	} as const;
};

/** The same for people. */
export const rehearsalInWords = (found: Awaited<ReturnType<typeof rehearse>>): string => {
	const cost = `$${found.cost_usd.toFixed(2)}`;
	const unpriced = found.unpriced > 0 ? ` and ${images(found.unpriced)} without a known price` : '';
	return [
		`${images(found.asked)} asked for: ${found.to_make} would be made for about ${cost}${unpriced}, ${found.there} there already.`,
		found.in_batch > 0 &&
			`${images(found.in_batch)} in a batch already, to be paid for once: --batch collects ${found.in_batch === 1 ? 'it' : 'them'}.`,
		found.refused_before > 0 &&
			`${images(found.refused_before)} left out, since the prompt was refused before.`,
		found.renamed > 0 && `${images(found.renamed)} would be renamed after their rows of now.`,
		found.replaced > 0 && `${images(found.replaced)} would be moved to replaced/.`,
		found.unnoted > 0 &&
			`${images(found.unnoted)} taken for made by name alone, since metadata.jsonl does not tell of them.`,
		found.strangers > 0 &&
			`${images(found.strangers)} in the directory belong to no row, and metadata.jsonl does not tell of them.`,
		'Nothing was called, changed or paid.',
	]
		.filter((line) => line !== false)
		.join('\n');
};
