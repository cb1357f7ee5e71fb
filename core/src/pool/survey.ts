import { isWaitedFor, type Rest } from './health';
import { epochOf, type Endpoint, type Lane } from './lanes';
import { paceOpensAt } from './pace';
import { isEvidence, type Blaming } from './policy';
import { findingOpensAt, type Scope, type Touched } from './scope';

/** A lane that is not waited for. */
export interface Outage {
	readonly lane: string;
	/** The answer that has put it to rest. */
	readonly fault: Blaming;
	/** Pool time, ms. */
	readonly backAt: number;
}

/** What a wait is for: a rate window, a limit of the other side's, or something that is down. */
type Pacing = 'window' | 'throttle' | 'no';

type Standing =
	/** `findsOut`: a call would find out whether this is back, which faults have put to rest. */
	| { readonly kind: 'open'; readonly findsOut: readonly Scope[] }
	/** `rest`: what is waited for; null where it is a limit, or where a call is finding out. */
	| {
			readonly kind: 'wait';
			readonly until: number;
			readonly paced: Pacing;
			readonly rest: Rest | null;
	  }
	| { readonly kind: 'out'; readonly rest: Rest };

const NOTHING: readonly Scope[] = [];
const OPEN: Standing = { kind: 'open', findsOut: NOTHING };

/** Whether a lane could take a call for a model now, and if not, when. */
function standingOf(lane: Lane, touched: Touched, now: number): Standing {
	let waits: (Standing & { kind: 'wait' }) | null = null;
	let findsOut = NOTHING;
	for (const scope of touched.all) {
		const { rest } = scope;
		if (rest === null) continue;
		const until = findingOpensAt(scope as Scope & { rest: Rest });
		if (until <= now) {
			if (isEvidence(rest.fault.kind)) findsOut = [...findsOut, scope];
		} else if (scope.finding.size === 0 && !isWaitedFor(rest)) return { kind: 'out', rest };
		else if (waits === null || until > waits.until) {
			const paced = rest.fault.kind === 'throttled' ? 'throttle' : 'no';
			waits = { kind: 'wait', until, paced, rest: scope.finding.size === 0 ? rest : null };
		}
	}
	if (waits !== null) return waits;
	const paced = Math.max(
		paceOpensAt(touched.laneModel.pace, now),
		paceOpensAt(touched.endpointModel.pace, now),
	);
	if (paced > now) return { kind: 'wait', until: paced, paced: 'throttle', rest: null };
	const waitMs = lane.window?.waitMs() ?? 0;
	if (waitMs > 0) return { kind: 'wait', until: now + waitMs, paced: 'window', rest: null };
	return findsOut === NOTHING ? OPEN : { kind: 'open', findsOut };
}

/** Where a request has been, and where it may and would go next. */
export interface Route {
	readonly model: string;
	/** Lanes it has left in this round, each with the number of the call after which its state must have changed. */
	readonly visited: ReadonlyMap<Lane, number>;
	/** Lanes on which it has failed: another endpoint is preferred, then another key. */
	readonly failed: ReadonlySet<Lane>;
	/** Where a fault of its has counted already: others find out first whether that is back. */
	readonly counted: ReadonlySet<Scope>;
	/** Whether its execution may ask, out of turn, if this is mended by now. */
	mayAsk(lane: Scope, rest: Rest): boolean;
}

/**
 * Whose call finds out whether something is back that faults have put to rest: of a request that has not failed anywhere; else
 * of one that has not failed there; else of any.
 */
export const FINDERS = ['unfailed', 'unfailedThere', 'any'] as const;
export type Finder = (typeof FINDERS)[number];

/** What a request can do now. */
export type Survey =
	| { readonly kind: 'open'; readonly lanes: readonly Lane[] }
	| Wait
	/** Every lane that is left has been visited in this round. */
	| { readonly kind: 'visited' }
	| { readonly kind: 'exhausted' };

export interface Wait {
	readonly kind: 'wait';
	readonly until: number;
	readonly paced: Pacing;
	/** When any lane that is left last answered for the model; -Infinity where none has. */
	readonly answeredAt: number;
	/** Whether a Gemini API has ever been heard on any lane that is left. */
	readonly isProven: boolean;
	/** Since when all that are left have been at rest; -Infinity while one is not, or while a call finds out. */
	readonly restingSince: number;
	/** Whether a lane that it has used up stands open. */
	readonly isOpenAgain: boolean;
}

/**
 * Where a request may go now. Changes nothing.
 * @param finder who may find out whether something is back: somebody else who waits may be better
 */
export function survey(
	endpoints: readonly Endpoint[],
	route: Route,
	finder: Finder,
	now: number,
): Survey {
	const { model } = route;
	const open: Lane[] = [];
	const mended: Lane[] = [];
	let until = Infinity;
	let waits = false;
	let paced: Pacing = 'no';
	let visited = false;
	let isOpenAgain = false;
	let answeredAt = -Infinity;
	let isProven = false;
	let restingSince = Infinity;
	for (const { lanes } of endpoints) {
		for (const lane of lanes) {
			const touched = lane.touched(model);
			const standing = standingOf(lane, touched, now);
			if (standing.kind === 'out') {
				if (route.mayAsk(touched.lane, standing.rest)) mended.push(lane);
				continue;
			}
			if (isVisited(lane, route)) {
				visited = true;
				isOpenAgain ||= standing.kind === 'open' && standing.findsOut === NOTHING;
				continue;
			}
			if (standing.kind === 'open') {
				if (mayFindOut(finder, standing.findsOut, route)) open.push(lane);
				else waits = true;
				continue;
			}
			waits = true;
			until = Math.min(until, standing.until);
			if (standing.paced === 'window' || paced === 'no') paced = standing.paced;
			answeredAt = Math.max(answeredAt, touched.laneModel.answeredAt);
			isProven ||= touched.lane.isProven;
			restingSince = Math.min(
				restingSince,
				standing.rest === null || isBeingTried(touched) ? -Infinity : standing.rest.since,
			);
			if (standing.rest && paced === 'no' && route.mayAsk(touched.lane, standing.rest))
				mended.push(lane);
		}
	}
	if (open.length > 0) return { kind: 'open', lanes: preferred(open, route) };
	if (mended.length > 0 && paced === 'no') return { kind: 'open', lanes: preferred(mended, route) };
	if (waits) return { kind: 'wait', until, paced, answeredAt, isProven, restingSince, isOpenAgain };
	return { kind: visited ? 'visited' : 'exhausted' };
}

/** Whether a call is running that may still show it to be back, though another has failed meanwhile. */
const isBeingTried = ({ all }: Touched): boolean =>
	all.some(({ rest, inFlight }) => rest !== null && inFlight > 0);

const mayFindOut = (finder: Finder, doubtful: readonly Scope[], { counted }: Route): boolean =>
	doubtful.length === 0 ||
	finder === 'any' ||
	(finder === 'unfailed' ? counted.size === 0 : !doubtful.some((scope) => counted.has(scope)));

export function isVisited(
	lane: Lane,
	{ visited, model }: Pick<Route, 'visited' | 'model'>,
): boolean {
	const call = visited.get(lane);
	return call !== undefined && epochOf(lane, model) < call;
}

/** Another endpoint than those on which the request has failed, else another key, else any. */
function preferred(lanes: readonly Lane[], { failed }: Route): readonly Lane[] {
	if (failed.size === 0) return lanes;
	const endpoints = new Set([...failed].map(({ endpoint }) => endpoint));
	const elsewhere = lanes.filter(({ endpoint }) => !endpoints.has(endpoint));
	if (elsewhere.length > 0) return elsewhere;
	const others = lanes.filter((lane) => !failed.has(lane));
	return others.length > 0 ? others : lanes;
}

/** What keeps each lane from this model, for people. Lanes that stand open or are waited for are left out. */
export const outages = (
	endpoints: readonly Endpoint[],
	model: string,
	now: number,
): readonly Outage[] =>
	endpoints.flatMap(({ lanes }) =>
		lanes.flatMap((lane) => {
			const standing = standingOf(lane, lane.touched(model), now);
			if (standing.kind !== 'out') return [];
			const { fault, backAt } = standing.rest;
			return [{ lane: lane.label, fault, backAt }];
		}),
	);

/** Whatever keeps each lane from this model, waited for or not. */
export const waits = (endpoints: readonly Endpoint[], model: string): readonly Outage[] =>
	endpoints.flatMap(({ lanes }) =>
		lanes.flatMap((lane) => {
			const rests = lane.touched(model).all.flatMap(({ rest }) => rest ?? []);
			const [longest] = rests.sort((a, b) => b.until - a.until);
			return longest === undefined
				? []
				: [{ lane: lane.label, fault: longest.fault, backAt: longest.backAt }];
		}),
	);
