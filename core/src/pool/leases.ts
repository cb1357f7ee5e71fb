import { maskOf } from '../call/secrets';
import type { Clock } from '../effects';
import type { Connect } from '../lane';
import type { Outcome } from '../outcome';
import type { PoolSettings } from '../settings/settings';
import type { Dispatcher } from './dispatcher';
import { effectiveWeight } from './health';
import { addressesOf, createEndpoints, type Endpoint, type Lane, type Making } from './lanes';
import { begin, end, record } from './record';
import type { Scope, Scopes } from './scope';
import {
	outages,
	survey,
	waits,
	type Finder,
	type Outage,
	type Route,
	type Survey,
} from './survey';

/** The right to make one call: its window and its permit are taken. Disposing of it gives the permit back. */
export interface Lease extends Disposable {
	readonly lane: Lane;
	/** Calls are numbered in the order of their starts. */
	readonly number: number;
	/** Whether it finds out for others if something is back: its fault then costs the request nothing. */
	readonly findsOut: boolean;
	/** Tells the rate window that the call is on its way; null where no limit holds. */
	readonly left: (() => void) | null;
	/** What the call has cost, US dollars. */
	costUsd: number;
	/** Tells, once, how the call ended. */
	record(outcome: Outcome): void;
}

/** The lanes of one credential, and the right to call on them. */
export interface Leases {
	readonly endpoints: readonly Endpoint[];
	/** Where a request may go now. Changes nothing. */
	survey(route: Route, finder: Finder): Survey;
	/**
	 * Picks one of the open lanes and takes its window and a permit. Call it only while a permit is free.
	 * @param counted where a fault of the same request has counted already
	 */
	take(model: string, open: readonly Lane[], counted: Set<Scope>): Lease;
	/** What keeps lanes from a model that is not waited for. */
	outages(model: string): readonly Outage[];
	/** What keeps lanes from a model, waited for or not. */
	waits(model: string): readonly Outage[];
}

/** What they are made with: all but `clock` belongs to the credential, whose former lanes may still be at work. */
export interface Parts extends Omit<Making, 'connect'> {
	readonly clock: Clock;
	readonly connect: Connect;
	readonly dispatcher: Dispatcher;
	readonly scopes: Scopes;
	/** Tells whoever may wait for its lane; `hasChanged`: a state has changed with it. */
	callEnded(hasChanged: boolean): void;
}

export function createLeases(settings: PoolSettings, parts: Parts): Leases {
	const { clock, dispatcher, scopes } = parts;
	const mask = maskOf(settings.endpoints.flatMap(addressesOf));
	const endpoints = createEndpoints(settings, {
		...parts,
		connect: (address) => parts.connect({ ...address, mask }, clock),
	});
	return {
		endpoints,
		survey: (route, finder) => survey(endpoints, route, finder, clock.now()),
		outages: (model) => outages(endpoints, model, clock.now()),
		waits: (model) => waits(endpoints, model),
		take(model, open, counted) {
			const lane = pick(open, clock.now());
			const start = lane.window?.tryTake();
			const now = clock.now();
			const touched = lane.touched(model);
			if (touched.all.some(({ rest }) => rest && now < rest.until)) touched.lane.askedAt = now;
			const call = begin(lane, model, counted, scopes, now);
			const giveBack = dispatcher.take();
			return {
				lane,
				number: call.number,
				findsOut: call.findsOut,
				left: start?.left ?? null,
				costUsd: 0,
				record: (outcome) => parts.callEnded(record(call, outcome, clock, scopes)),
				[Symbol.dispose]() {
					end(call);
					giveBack();
					if (!call.isRecorded) parts.callEnded(false);
				},
			};
		},
	};
}

/** Picks one of the open lanes, by weight, then by turns among the keys. Charges the credits. */
function pick(open: readonly Lane[], now: number): Lane {
	const isStandby = open.every(({ endpoint }) => endpoint.weight === 0);
	const endpoints: Endpoint[] = [];
	// The lanes of an endpoint stand together.
	for (const { endpoint } of open) {
		if (endpoint !== endpoints.at(-1) && (isStandby || endpoint.weight > 0))
			endpoints.push(endpoint);
	}
	const endpoint = takeTurn(endpoints, ({ weight, strain }) =>
		effectiveWeight(weight || 1, strain, now),
	);
	return takeTurn(
		open.filter((lane) => lane.endpoint === endpoint),
		() => 1,
	);
}

interface Candidate {
	credit: number;
	readonly inFlight: number;
}

/** A slow candidate that its share of the calls holds back is owed no more than so many turns. */
const MOST_OWED = 4;

/**
 * Smooth weighted round-robin, as nginx does it: each candidate earns its weight, the richest is picked and pays
 * the round. Weights may be any positive real numbers and may change between picks. Whoever is no candidate keeps
 * its credit. Who holds more than its share of the calls in flight is passed over while another can use the rest: its
 * turn comes when it has room, and a slow one holds nobody up.
 */
function takeTurn<T extends Candidate>(
	candidates: readonly T[],
	weightOf: (candidate: T) => number,
): T {
	const [only] = candidates;
	if (only !== undefined && candidates.length === 1) return only;
	let total = 0;
	let inFlight = 1;
	for (const candidate of candidates) {
		const weight = weightOf(candidate);
		total += weight;
		inFlight += candidate.inFlight;
		candidate.credit += weight;
	}
	let best: T | undefined;
	let hasRoom = false;
	for (const candidate of candidates) {
		candidate.credit = Math.min(candidate.credit, MOST_OWED * total);
		const fits = candidate.inFlight <= Math.floor((weightOf(candidate) / total) * inFlight);
		const isRicher = best === undefined || candidate.credit > best.credit;
		if (fits === hasRoom ? isRicher : fits) {
			best = candidate;
			hasRoom = fits;
		}
	}
	if (best === undefined) throw new RangeError('takeTurn needs a candidate');
	best.credit -= total;
	return best;
}
