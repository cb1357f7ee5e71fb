import type { Names } from '../names';
import type { NotImages, Outcome } from '../outcome';
import type { ImageRequest } from '../request';
import type { Attempt, NotMade } from '../result';
import type { Endpoint, Lane } from './lanes';
import type { Lease } from './leases';
import { isEvidence, isServed, POLICIES } from './policy';
import type { Scope } from './scope';
import { isVisited, type Route } from './survey';

/** A request on its way: where it stands in the line, where it has been, what it has used up. */
export interface Item extends Route {
	/** Place in the line: first in, first out, kept through failovers and retries. */
	readonly order: number;
	readonly request: ImageRequest;
	readonly enteredAt: number;
	/** As its host calls things. */
	readonly names: Names;
	readonly stopwatch: Stopwatch;
	readonly attempts: Attempt[];
	/** The last call and how it ended; null before the first. */
	last: { readonly lane: Lane; readonly outcome: Outcome } | null;
	visited: Map<Lane, number>;
	readonly failed: Set<Lane>;
	readonly counted: Set<Scope>;
	/** Endpoints whose first server fault has been free. */
	readonly forgiven: Set<Endpoint>;
	/** The endpoint that has rejected the request; null as long as none has. */
	rejectedBy: Endpoint | null;
	retries: number;
	/** What its attempts may have cost, US dollars; null for a model without a known price. */
	spentUsd: number | null;
	/** Ends the wait for a turn. */
	settle: (turn: Turn) => void;
	/** Ends the wait for a turn by an abort. */
	abandon: (reason: unknown) => void;
}

/** What comes of waiting: a lane to call on, or the end. */
export type Turn =
	| { readonly kind: 'lease'; readonly lease: Lease }
	| { readonly kind: 'over'; readonly end: NotMade };

/**
 * What an item has used of its deadline. Runs from its first call that counts against it (neither throttled nor
 * unreachable, and none that found out for others), and stands still while it waits for windows, permits and throttling.
 * Milliseconds.
 */
export interface Stopwatch {
	readonly isStarted: boolean;
	spentMs(now: number): number;
	/** A call. One that counts starts the watch. */
	add(ms: number, counts: boolean): void;
	/** From `now` on, until the next look, time counts or does not. */
	look(now: number, counts: boolean): void;
}

function createStopwatch(): Stopwatch {
	let isStarted = false;
	let spentMs = 0;
	let runningSince: number | null = null;
	return {
		get isStarted() {
			return isStarted;
		},
		spentMs: (now) => spentMs + (isStarted && runningSince !== null ? now - runningSince : 0),
		add(ms, counts) {
			isStarted ||= counts;
			if (isStarted) spentMs += ms;
		},
		look(now, counts) {
			if (isStarted && runningSince !== null) spentMs += now - runningSince;
			runningSince = counts ? now : null;
		},
	};
}

const unsettled = () => undefined;

/** What rests of a lane where a model does: flex is turned away while the standard tier serves. */
const scopeKey = ({ model, serviceTier }: ImageRequest): string =>
	serviceTier === null ? model : `${model} (${serviceTier})`;

export function createItem(
	order: number,
	request: ImageRequest,
	enteredAt: number,
	names: Names,
	mayAsk: Route['mayAsk'],
): Item {
	return {
		order,
		request,
		model: scopeKey(request),
		enteredAt,
		names,
		mayAsk,
		stopwatch: createStopwatch(),
		attempts: [],
		last: null,
		visited: new Map(),
		failed: new Set(),
		counted: new Set(),
		forgiven: new Set(),
		rejectedBy: null,
		retries: 0,
		spentUsd: 0,
		settle: unsettled,
		abandon: unsettled,
	};
}

/** Whether a call counts against its item: a server worked on it, and not to find out for others. */
export const countsAgainst = ({ findsOut }: Lease, { kind }: Outcome): boolean =>
	isServed(kind) && !(findsOut && isEvidence(kind));

/** What follows an attempt without an image: nothing more, another lane at no cost, or a retry. */
export type Next = 'fail' | 'failOver' | 'retry';

/** Reads the outcome table for an item. */
export function decide(item: Item, lease: Lease, outcome: NotImages, maxRetries: number): Next {
	const { costsRetry } = POLICIES[outcome.kind];
	const { endpoint } = lease.lane;
	// Every endpoint of the API would say the same.
	if ('detail' in outcome && outcome.detail === 'field') return 'fail';
	switch (costsRetry) {
		case 'final':
			return 'fail';
		case 'no':
			return 'failOver';
		case 'elsewhereOnce':
			return item.rejectedBy === null ? 'failOver' : 'fail';
		default: {
			const isFree =
				!countsAgainst(lease, outcome) ||
				(costsRetry === 'firstFree' && !item.forgiven.has(endpoint));
			if (isFree) return 'failOver';
			return item.retries < maxRetries ? 'retry' : 'fail';
		}
	}
}

/**
 * Steers an item away from where it has just been: for the whole round; or, where it was turned down at once, until the
 * state of the lane changes after the start of the call. Where somebody has to mend the lane that helps once in a round.
 */
export function leave(item: Item, lease: Lease, outcome: NotImages): void {
	const { lane, number } = lease;
	const { leaves, costsRetry } = POLICIES[outcome.kind];
	if (isEvidence(outcome.kind) || outcome.kind === 'noImage') item.failed.add(lane);
	if (costsRetry === 'firstFree' && countsAgainst(lease, outcome)) item.forgiven.add(lane.endpoint);
	if (costsRetry === 'elsewhereOnce') item.rejectedBy = lane.endpoint;
	const places = { nothing: [], lane: [lane], endpoint: lane.endpoint.lanes }[leaves];
	for (const place of places) {
		const before = item.visited.get(place);
		const isUsedUp = countsAgainst(lease, outcome) && (costsRetry !== 'no' || before !== undefined);
		item.visited.set(place, isUsedUp ? Infinity : Math.max(number, before ?? 0));
	}
}

/** Lets an item go again where no server has worked on its calls; false where there is no such place. */
export function revisit(item: Item): boolean {
	const { visited } = item;
	const unserved = [...visited].filter(
		([lane, until]) => until !== Infinity && isVisited(lane, item),
	);
	for (const [lane] of unserved) visited.delete(lane);
	return unserved.length > 0;
}

/** Whether a new round, at the cost of a retry, would lead it back to a lane that it has used up. */
export const mayGoAgain = ({ retries, visited }: Item, maxRetries: number): boolean =>
	retries < maxRetries && [...visited.values()].includes(Infinity);

/** Begins a new round: every lane may be tried again, but where the request was rejected. */
export function beginRound(item: Item): void {
	item.retries += 1;
	item.visited = new Map(item.rejectedBy?.lanes.map((lane) => [lane, Infinity]));
}
