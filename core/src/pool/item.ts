import type { NotImages, Outcome } from '../outcome';
import type { ImageRequest } from '../request';
import type { Attempt, NotMade } from '../result';
import type { Endpoint, Lane } from './lanes';
import type { Lease } from './leases';
import { createStopwatch, type Stopwatch } from './patience';
import { POLICIES } from './policy';
import type { Route } from './survey';

/** A request on its way: where it stands in the line, where it has been, what it has used up. */
export interface Item extends Route {
	/** Place in the line: first in, first out, kept through failovers and retries. */
	readonly order: number;
	readonly request: ImageRequest;
	readonly enteredAt: number;
	readonly stopwatch: Stopwatch;
	readonly attempts: Attempt[];
	/** The last call and how it ended; null before the first. */
	last: { readonly lane: Lane; readonly outcome: Outcome } | null;
	visited: Map<Lane, number>;
	avoid: Endpoint | null;
	/** Endpoints whose first server fault has been free. */
	readonly forgiven: Set<Endpoint>;
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

const unsettled = () => undefined;

export function createItem(order: number, request: ImageRequest, enteredAt: number): Item {
	return {
		order,
		request,
		model: request.model,
		enteredAt,
		stopwatch: createStopwatch(),
		attempts: [],
		last: null,
		visited: new Map(),
		avoid: null,
		forgiven: new Set(),
		retries: 0,
		spentUsd: 0,
		settle: unsettled,
		abandon: unsettled,
	};
}

/** Whether a server worked on a call, which then counts against the item: its deadline runs, its visit is used up. */
export const isServed = ({ kind }: NotImages) => kind !== 'throttled' && kind !== 'unreachable';

/** What follows an attempt without an image: nothing more, another lane at no cost, or a retry. */
export type Next = 'fail' | 'failOver' | 'retry';

/** Reads the outcome table for an item; `retries` is what it has used, of `maxRetries`. */
export function decide(item: Item, lane: Lane, outcome: NotImages, maxRetries: number): Next {
	const { costsRetry } = POLICIES[outcome.kind];
	if (costsRetry === 'final') return 'fail';
	const free =
		costsRetry === 'no' || (costsRetry === 'firstFree' && !item.forgiven.has(lane.endpoint));
	if (free) return 'failOver';
	return item.retries < maxRetries ? 'retry' : 'fail';
}

/**
 * Steers an item away from where it has just been, at no cost: for the whole round, or, where it was not served there,
 * until the state of the lane changes after the start of that call.
 */
export function failOver(item: Item, { lane, number }: Lease, outcome: NotImages): void {
	const { next, costsRetry } = POLICIES[outcome.kind];
	if (costsRetry === 'firstFree') item.forgiven.add(lane.endpoint);
	const places = next === 'endpoint' ? lane.endpoint.lanes : [lane];
	for (const place of places) item.visited.set(place, isServed(outcome) ? Infinity : number);
	if (next === 'endpointFirst') item.avoid = lane.endpoint;
}

/** Begins a new round: every lane may be tried again, another endpoint than the last one first. */
export function beginRound(item: Item): void {
	item.retries += 1;
	item.visited = new Map();
	const last = item.last;
	item.avoid =
		last && last.outcome.kind !== 'images' && POLICIES[last.outcome.kind].next !== 'any'
			? last.lane.endpoint
			: null;
}
