import { estimateBatchUsd } from '../src/batch/price';
import { estimateCostUsd } from '../src/models/cost';
import { planMoves } from './moves';
import type { Wanted } from './plan';
import { images } from './report';
import type { RunOptions } from './run';
import type { Share } from './share';
import { takeStock } from './stock';

/** What a run would make, reuse, move and cost; changes nothing and calls nobody. */
export const rehearse = async (
	list: readonly Wanted[],
	share: Share,
	{ directory, redraw, skipRefused, batch }: Omit<RunOptions, 'json'>,
) => {
	const stock = await takeStock(directory, list);
	const { wanted } = share;
	const there = redraw ? [] : wanted.filter((each) => stock.there.has(each));
	const { misplaced, inTheWay } =
		redraw || share.name !== '' ? { misplaced: [], inTheWay: [] } : planMoves(stock);
	const missing = wanted.filter((each) => redraw || !stock.there.has(each));
	const leftOut = skipRefused ? missing.filter((each) => stock.refused.has(each)) : [];
	const toMake = skipRefused ? missing.filter((each) => !stock.refused.has(each)) : missing;
	const prices = toMake.map(({ request }) => (batch ? estimateBatchUsd : estimateCostUsd)(request));
	const kept = new Set(there.map((each) => stock.there.get(each)));
	const replaced = [
		...inTheWay,
		...toMake.flatMap(({ stem }) => stock.files.get(stem) ?? []),
	].filter((file) => !kept.has(file));
	return {
		status: 'dry_run',
		asked: wanted.length,
		to_make: toMake.length,
		there: there.length,
		renamed: misplaced.length,
		replaced: new Set(replaced).size,
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
