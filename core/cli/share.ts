import type { Arguments } from './arguments';
import { UsageInvalid } from './input';
import type { Wanted } from './plan';

/** What this run makes of a list: some of its rows, or a share of them where several computers work on it. */
export interface Share {
	readonly wanted: readonly Wanted[];
	/** Names the share in files; `''` where this run has the directory for itself. */
	readonly name: string;
}

const RANGE = /^(\d*)(:?)(\d*)$/;

/** `0:100,105`, as the tool before this one reads it: the end of a range is not in it. */
const filterOf = (text: string): ((row: number) => boolean) => {
	const ranges = text
		.split(',')
		.map((part) => part.trim())
		.filter(Boolean)
		.map((part) => {
			const [, from = '', colon, to = ''] = RANGE.exec(part) ?? [];
			if (colon === undefined || (colon === '' && from === '')) {
				throw new UsageInvalid('--filter_rows must be rows such as 0:100, 100: or 0,5,10.');
			}
			const first = Number(from);
			return colon === '' ? [first, first + 1] : [first, to === '' ? Infinity : Number(to)];
		});
	return (row) => ranges.some(([from = 0, to = 0]) => row >= from && row < to);
};

/** Neighbouring rows, as even as can be; the first nodes have one more. */
const boundsOf = (count: number, rank: number, nodes: number): readonly [number, number] => {
	const [each, more] = [Math.floor(count / nodes), count % nodes];
	const start = rank * each + Math.min(rank, more);
	return [start, start + each + (rank < more ? 1 : 0)];
};

/** Throws `UsageInvalid`. */
export const takeShare = (wanted: readonly Wanted[], options: Arguments): Share => {
	const { filter_rows, node_rank = 0, num_nodes = 1 } = options;
	if (node_rank >= num_nodes) {
		throw new UsageInvalid(
			`--node_rank counts from 0 and must be below --num_nodes (${num_nodes}).`,
		);
	}
	const isChosen = filter_rows === undefined ? () => true : filterOf(filter_rows);
	const chosen = wanted.filter(({ row }) => isChosen(row));
	if (chosen.length === 0)
		throw new UsageInvalid('No row of the list has a number of --filter_rows.');
	if (num_nodes === 1) return { wanted: chosen, name: '' };
	const rows = [...new Set(chosen.map(({ row }) => row))];
	const own = new Set(rows.slice(...boundsOf(rows.length, node_rank, num_nodes)));
	return {
		wanted: chosen.filter(({ row }) => own.has(row)),
		name: `node${node_rank}of${num_nodes}`,
	};
};
