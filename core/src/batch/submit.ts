import type { Clock, Host } from '../effects';
import { backoffMs } from '../pool/patience';
import { afterCreate, byRoom, findSet, MOST_OPEN, sightOf, type Denial } from './decide';
import { isOpen, type Job } from './job';
import type { BatchLane } from './lane';
import { denialsOf, lookAtAll, type Seen } from './look';
import type { BatchSet } from './sets';
import {
	declined,
	notYet,
	nowhere,
	STOPPED,
	STOPPING,
	toldOf,
	unclear,
	type Ended,
	type Pending,
} from './words';

/** What became of one set: a batch, new or found; or later; or never. */
export type Submitted =
	| { readonly kind: 'job'; readonly job: Job; readonly lane: BatchLane; readonly isNew: boolean }
	| { readonly kind: 'later'; readonly told: Pending }
	| { readonly kind: 'over'; readonly end: Ended };

export interface Submitting {
	readonly host: Host;
	readonly clock: Clock;
	readonly lanes: readonly BatchLane[];
	/** Deliberate repeats: batches of the same set are left alone, but for those of this execution. */
	readonly submitAgain: boolean;
	readonly isOwn: (job: string) => boolean;
	/** Tries of a create that was not answered and has made nothing. */
	readonly maxRetries: number;
	readonly retryDelayMs: number;
	/** Pool time from which nothing is paid for; null: no such time. */
	readonly stopStartingAt: number | null;
	/** Aborted: nothing further is submitted. */
	readonly ending?: AbortSignal;
}

/**
 * Submits a set once. Before each create, and after each one whose answer leaves it open, every lane is asked for a batch
 * of this name: one that is alive or done is taken up. Call it for one set at a time, and nobody else for the same name.
 */
export async function submitSet(set: BatchSet, around: Submitting): Promise<Submitted> {
	const { host, clock, submitAgain, isOwn, stopStartingAt } = around;
	const avoided = new Set<BatchLane>();
	let known: ReadonlySet<string> | null = null;
	/** A create whose answer left it open: until the batch is found, it is not clear whether there is one. */
	let asked: Denial | null = null;
	const unlessAsked = (none: Exclude<Submitted, { kind: 'job' }>): Submitted =>
		asked === null ? none : { kind: 'later', told: unclear(asked) };
	for (let retries = 0; ; retries += 1) {
		if (around.ending?.aborted) return unlessAsked({ kind: 'later', told: STOPPING });
		const seen = await lookAtAll(around.lanes, around);
		known ??= new Set(submitAgain ? namesOf(seen).filter((name) => !isOwn(name)) : []);
		const found = findOn(seen, set.displayName, known);
		if (found !== null) return { kind: 'job', ...found, isNew: false };
		const choice = chooseLanes(seen, avoided, set.model);
		if (choice.kind !== 'lanes') return unlessAsked(choice);
		if (stopStartingAt !== null && clock.now() >= stopStartingAt) {
			return unlessAsked({ kind: 'over', end: STOPPED });
		}
		const created = await createOn(set, choice);
		if (created.kind === 'later' || created.kind === 'over') return unlessAsked(created);
		const { lane, fault, job } = created;
		const oldest = findOn(await lookAtAll([lane], around), set.displayName, known);
		if (job !== null) return await withoutTwin({ job, lane }, oldest, around);
		if (oldest !== null) return { kind: 'job', ...oldest, isNew: true };
		asked = { lane, fault, asked: 'create' };
		if (retries >= around.maxRetries) return { kind: 'later', told: unclear(asked) };
		avoided.add(lane);
		const random = () => clock.random();
		await host.sleep(
			backoffMs(retries + 1, around.retryDelayMs, fault.hintMs, random),
			host.signal,
		);
		host.signal.throwIfAborted();
	}
}

const namesOf = (seen: readonly Seen[]): readonly string[] =>
	seen.flatMap(({ jobs }) => jobs.map(({ name }) => name));

/** Another process may have submitted the same set at the same time: whoever came second takes its own back. */
async function withoutTwin(
	own: Found,
	oldest: Found | null,
	{ submitAgain }: Submitting,
): Promise<Submitted> {
	const isTwin = !submitAgain && oldest !== null && oldest.job.name !== own.job.name;
	if (!isTwin) return { kind: 'job', ...own, isNew: true };
	const { fault } = await own.lane.cancel(own.job.name);
	return fault === null
		? { kind: 'job', ...oldest, isNew: false }
		: { kind: 'job', ...own, isNew: true };
}

interface Found {
	readonly job: Job;
	readonly lane: BatchLane;
}

function findOn(
	seen: readonly Seen[],
	displayName: string,
	known: ReadonlySet<string>,
): Found | null {
	for (const { jobs, lane } of seen) {
		const job = findSet(jobs, displayName, (name) => known.has(name));
		if (job !== null) return { job, lane };
	}
	return null;
}

/** Where to submit, in order, and why not on the others. */
interface Chosen {
	readonly kind: 'lanes';
	readonly lanes: readonly BatchLane[];
	readonly denials: readonly Denial[];
	/** Of those that have no room. */
	readonly full: readonly string[];
}

/**
 * A lane that did not say may have this very batch: nothing is paid before it does. Only one that cannot be reached at all
 * is passed by where others of another address can.
 */
function chooseLanes(
	seen: readonly Seen[],
	avoided: ReadonlySet<BatchLane>,
	model: string,
): Chosen | Exclude<Submitted, { kind: 'job' }> {
	const able = seen.filter(({ sight }) => sight === 'seen');
	const denials = denialsOf(seen);
	const blind = denials.filter(({ fault, lane }) => {
		const isElsewhere = !able.some((other) => other.lane.baseUrl === lane.baseUrl);
		const isPassedBy = fault.kind === 'unreachable' && able.length > 0 && isElsewhere;
		return sightOf(fault.kind) === 'blind' && !isPassedBy;
	});
	if (blind.length > 0) {
		return { kind: 'later', told: notYet('notLookedUp', blind.map(toldOf)) };
	}
	if (able.length === 0) return { kind: 'over', end: nowhere(denials, model) };
	const rooms = able.map(({ lane, jobs }) => ({
		lane,
		weight: lane.weight,
		open: jobs.filter(isOpen).length,
	}));
	const lanes = byRoom(rooms).map(({ lane }) => lane);
	const full = rooms
		.filter(({ open }) => open >= MOST_OPEN)
		.map(({ lane }) => `${lane.label}: its project has ${MOST_OPEN} batches that are not done`);
	if (lanes.length === 0) return { kind: 'later', told: notYet('tooManyOpen', full) };
	const fresh = lanes.filter((lane) => !avoided.has(lane));
	return { kind: 'lanes', lanes: fresh.length > 0 ? fresh : lanes, denials, full };
}

/** Goes on to the next lane only where it is certain that nothing was made. */
async function createOn(set: BatchSet, { lanes, denials: before, full }: Chosen) {
	const denials = [...before];
	let passes: string | null = null;
	/** Each endpoint is asked once whether it, too, finds fault with the request. */
	const refusals = new Map<string, Ended>();
	for (const lane of lanes) {
		if (refusals.has(lane.endpoint)) continue;
		const { value, fault } = await lane.create(set);
		if (fault === null) return { kind: 'made', job: value, lane, fault } as const;
		const next = afterCreate(fault.kind);
		if (next === 'ask') return { kind: 'ask', job: null, lane, fault } as const;
		const denial: Denial = { lane, fault, asked: 'create' };
		if (next === 'refused') refusals.set(lane.endpoint, declined(denial));
		if (next === 'full') passes ??= fault.kind;
		denials.push(denial);
	}
	const reasons = [...denials.map(toldOf), ...full];
	if (passes !== null) return { kind: 'later', told: notYet(passes, reasons) } as const;
	const [refusal] = refusals.values();
	if (refusal !== undefined) return { kind: 'over', end: refusal } as const;
	if (full.length > 0) return { kind: 'later', told: notYet('tooManyOpen', reasons) } as const;
	return { kind: 'over', end: nowhere(denials, set.model) } as const;
}
