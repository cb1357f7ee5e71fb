import type { Fault, FaultKind } from '../outcome';
import { isOpen, type Job } from './job';
import type { BatchLane } from './lane';

/**
 * What is known of a lane that was asked for its batches. `blind`: it did not say, so a batch may be there all the same.
 */
export type Sight = 'seen' | 'none' | 'blind';

/**
 * What a fault tells of a lane's batches. `none`: its key, its project or its address has no Batch API. `refuses`: the request is
 * at fault, and every lane would say so. `busy`: nothing was made, and it passes; `away`: the same, and another lane may see more.
 * `unclear`: it may have done what it was asked, and a batch may have been made, and paid for.
 */
const TELLS: Readonly<Record<FaultKind, 'none' | 'refuses' | 'busy' | 'away' | 'unclear'>> = {
	badKey: 'none',
	forbidden: 'none',
	billing: 'none',
	modelMissing: 'none',
	wrongUrl: 'none',
	regionBlocked: 'none',
	notGemini: 'none',
	badRequest: 'refuses',
	throttled: 'busy',
	dailyQuota: 'busy',
	unreachable: 'away',
	serverFault: 'unclear',
	gatewayTimeout: 'unclear',
	timeout: 'unclear',
	truncated: 'unclear',
	noImage: 'unclear',
	aborted: 'unclear',
};

export const sightOf = (kind: FaultKind): Sight =>
	['none', 'refuses'].includes(TELLS[kind]) ? 'none' : 'blind';

/** What follows a create that was not answered with a batch; `ask`: look for it before it is made again. */
export type AfterCreate = 'elsewhere' | 'full' | 'refused' | 'ask';

export const afterCreate = (kind: FaultKind): AfterCreate =>
	(
		({ none: 'elsewhere', refuses: 'refused', busy: 'full', away: 'full', unclear: 'ask' }) as const
	)[TELLS[kind]];

/** After a `get`: another key may be of the batch's project, or it is tried again on a later pass. */
export const afterGet = (kind: FaultKind): 'elsewhere' | 'later' =>
	['none', 'refuses', 'away'].includes(TELLS[kind]) ? 'elsewhere' : 'later';

/** A lane that did not do what it was asked. */
export interface Denial {
	readonly lane: BatchLane;
	readonly fault: Fault;
	readonly asked: 'list' | 'create' | 'get';
}

/** Where a list is not there, nothing is; a create may also miss the model. */
export function hasNoBatchApi({
	fault: { status, kind, message },
	asked,
}: Omit<Denial, 'lane'>): boolean {
	if (asked === 'list') return status === 404 || status === 405;
	const namesModel = kind === 'modelMissing' && /model|模型/i.test(message);
	return asked === 'create' && status === 404 && !namesModel;
}

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
