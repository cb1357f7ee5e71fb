import type { OutcomeKind } from '../outcome';
import { isOpen, type Job } from './job';

/**
 * What is known of a lane that was asked for its batches. `blind`: it did not say, so a batch may be there all the same.
 */
export type Sight = 'seen' | 'none' | 'blind';

/** Whoever answers so has no batches to show: its key, its project or its address has no Batch API. */
const HAS_NONE: ReadonlySet<OutcomeKind> = new Set([
	'badKey',
	'forbidden',
	'billing',
	'modelMissing',
	'wrongUrl',
	'regionBlocked',
	'badRequest',
	'notGemini',
]);

export const sightOf = (kind: OutcomeKind): Sight => (HAS_NONE.has(kind) ? 'none' : 'blind');

/**
 * What follows a create that was not answered with a batch: `elsewhere`, since nothing was made; `full`, the same, and it
 * passes; `refused`, since every lane would say so; `ask`, since a batch may have been made, and paid for.
 */
export type AfterCreate = 'elsewhere' | 'full' | 'refused' | 'ask';

export function afterCreate(kind: OutcomeKind): AfterCreate {
	if (kind === 'badRequest') return 'refused';
	if (kind === 'throttled' || kind === 'dailyQuota' || kind === 'unreachable') return 'full';
	return HAS_NONE.has(kind) ? 'elsewhere' : 'ask';
}

/** After a `get`: another key may be of the batch's project, or it is tried again on a later pass. */
export const afterGet = (kind: OutcomeKind): 'elsewhere' | 'later' =>
	HAS_NONE.has(kind) || kind === 'unreachable' ? 'elsewhere' : 'later';

/** Google's own limit of batches that are not done, for one project. */
export const MOST_OPEN = 100;

/** The batch of this very set that is alive or done, the oldest where there are several; null where there is none. */
export function findSet(
	jobs: readonly Job[],
	displayName: string,
	isForeign: (name: string) => boolean = () => false,
): Job | null {
	const found = jobs.filter(
		(job) =>
			job.displayName === displayName &&
			(isOpen(job) || job.state === 'succeeded') &&
			!isForeign(job.name),
	);
	return found.sort(olderFirst)[0] ?? null;
}

/** The same order whoever looks. */
const olderFirst = (one: Job, other: Job): number =>
	one.createdAt === other.createdAt
		? compare(one.name, other.name)
		: compare(one.createdAt, other.createdAt);

const compare = (one: string, other: string) => (one < other ? -1 : 1);

interface Room {
	readonly weight: number;
	/** Batches of its project that are not done. */
	readonly open: number;
}

/** Where to submit first: the lane with the fewest open batches by its weight; standby lanes come last. */
export function byRoom<T extends Room>(lanes: readonly T[]): readonly T[] {
	const load = ({ open, weight }: Room) => (weight > 0 ? (open + 1) / weight : Infinity);
	return lanes
		.filter(({ open }) => open < MOST_OPEN)
		.sort((one, other) => (load(one) === load(other) ? 0 : load(one) - load(other)));
}
