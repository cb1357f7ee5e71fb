import type { Clock, Host } from '../effects';
import { afterGet, type Denial } from './decide';
import { isOpen, type Job } from './job';
import type { BatchLane } from './lane';
import { denialsOf, lookAt, type Seen } from './look';
import type { Member } from './member';
import {
	foreign,
	gone,
	jobEnded,
	notFetched,
	notLookedUp,
	RUNNING,
	WAITING,
	type Ended,
	type Pending,
} from './words';

/** Where a batch is that a ticket names. */
export type Progress =
	/** Ready to be fetched on one of these lanes, or, where no lane lists it, perhaps so. */
	| {
			readonly kind: 'ready';
			readonly lanes: readonly BatchLane[];
			/** Of those lanes that have shown no list: only one that has batches can tell that it is gone. */
			readonly denials: readonly Denial[];
	  }
	| { readonly kind: 'pending'; readonly told: Pending }
	| { readonly kind: 'over'; readonly end: Ended };

export interface Seeking {
	readonly host: Host;
	readonly clock: Clock;
	readonly lanes: readonly BatchLane[];
}

/** Asks lane after lane until each batch is found: keys of one project show the same ones. */
export async function findJobs(
	names: ReadonlySet<string>,
	around: Seeking,
): Promise<ReadonlyMap<string, Progress>> {
	const seen: Seen[] = [];
	const found = new Map<string, { job: Job; lane: BatchLane }>();
	for (const lane of around.lanes) {
		if (found.size === names.size) break;
		const sight = await lookAt(lane, around);
		seen.push(sight);
		for (const job of sight.jobs) {
			if (names.has(job.name) && !found.has(job.name)) found.set(job.name, { job, lane });
		}
	}
	const blind = seen.filter(({ sight }) => sight === 'blind');
	const unseen: Progress =
		blind.length > 0
			? { kind: 'pending', told: notLookedUp(denialsOf(blind)) }
			: { kind: 'ready', lanes: around.lanes, denials: denialsOf(seen) };
	return new Map(
		[...names].map((name) => {
			const listed = found.get(name);
			if (listed === undefined) return [name, unseen];
			const others = around.lanes.filter((lane) => lane !== listed.lane);
			return [name, progressOf(listed.job, [listed.lane, ...others])];
		}),
	);
}

function progressOf(job: Job, lanes: readonly BatchLane[]): Progress {
	if (job.state === 'succeeded') return { kind: 'ready', lanes, denials: [] };
	if (isOpen(job)) return { kind: 'pending', told: job.state === 'waiting' ? WAITING : RUNNING };
	return { kind: 'over', end: jobEnded(job) };
}

/** What a batch that was fetched has come to, for whoever was not in its result. */
export type Rest =
	{ readonly kind: 'complete'; readonly lane: BatchLane } | Exclude<Progress, { kind: 'ready' }>;

/** Fetches one result on the first lane that may see it. */
export async function fetchJob(
	name: string,
	{ lanes, denials: unlisted }: Extract<Progress, { kind: 'ready' }>,
	take: (member: Member, lane: BatchLane) => Promise<void>,
): Promise<Rest> {
	const denials: Denial[] = [];
	let isForeign = unlisted.length === lanes.length;
	let unreachable: Pending | null = null;
	for (const lane of lanes) {
		const { value: job, fault } = await lane.collect(name, (member) => take(member, lane));
		if (fault === null) {
			const progress = progressOf(job, [lane]);
			return progress.kind === 'ready' ? { kind: 'complete', lane } : progress;
		}
		const denial: Denial = { lane, fault, asked: 'get' };
		const told = notFetched(denial);
		if (afterGet(fault.kind) === 'later') return { kind: 'pending', told };
		if (fault.kind === 'unreachable') unreachable = told;
		isForeign ||= fault.status !== 404;
		denials.push(unlisted.find((other) => other.lane === lane) ?? denial);
	}
	if (unreachable !== null) return { kind: 'pending', told: unreachable };
	return { kind: 'over', end: isForeign ? foreign(denials) : gone(denials) };
}
