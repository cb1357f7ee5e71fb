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

type Resting = Scope & { readonly rest: Rest };

/** Whether a lane could take a call now. */
type Readiness =
	/**
	 * `findsOut`: a call would find out whether this is back, which faults have put to rest; `isTried`: another already does.
	 */
	| { readonly kind: 'open'; readonly findsOut: readonly Scope[]; readonly isTried: boolean }
	/**
	 * `forLimit`: for a rate window or a limit of the other side's, and not for something that is down; `scope`: whose rest is
	 * waited for; null where it is a limit that has been learned or set, or where a call is finding out.
	 */
	| {
			readonly kind: 'wait';
			readonly until: number;
			readonly forLimit: boolean;
			readonly scope: Resting | null;
	  }
	| { readonly kind: 'out'; readonly rest: Rest };

const NOTHING: readonly Scope[] = [];
const OPEN: Readiness = { kind: 'open', findsOut: NOTHING, isTried: false };

/** Whether a lane could take a call for a model now, and if not, when. */
function readinessOf(lane: Lane, touched: Touched, now: number): Readiness {
	let waits: (Readiness & { kind: 'wait' }) | null = null;
	let findsOut = NOTHING;
	for (const scope of touched.all) {
		const { rest } = scope;
		if (rest === null) continue;
		const until = findingOpensAt(scope as Resting);
		if (until <= now) {
			if (isEvidence(rest.fault.kind)) findsOut = [...findsOut, scope];
		} else if (scope.finding.size === 0 && !isWaitedFor(rest)) return { kind: 'out', rest };
		else if (waits === null || until > waits.until) {
			const forLimit = rest.fault.kind === 'throttled';
			const isFinding = scope.finding.size > 0;
			waits = { kind: 'wait', until, forLimit, scope: isFinding ? null : (scope as Resting) };
		}
	}
	if (waits !== null) return waits;
	const until = Math.max(
		paceOpensAt(touched.laneModel.pace, now),
		paceOpensAt(touched.endpointModel.pace, now),
		now + (lane.window?.waitMs() ?? 0),
	);
	if (until > now) return { kind: 'wait', until, forLimit: true, scope: null };
	if (findsOut === NOTHING) return OPEN;
	return { kind: 'open', findsOut, isTried: findsOut.some(({ finding }) => finding.size > 0) };
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
	/** Whether any lane that is left is waited for because of a limit. */
	readonly forLimit: boolean;
	/** When any lane that is left last answered for the model; -Infinity where none has. */
	readonly answeredAt: number;
	/** Whether a Gemini API has ever been heard on any lane that is left. */
	readonly isProven: boolean;
	/** Since when all that are left have been found to be still down; -Infinity where one has not, or while a call finds out. */
	readonly foundDownAt: number;
	/** Whether a lane where it has been stands open: for nothing, since no server has worked on its call there, or for a retry. */
	readonly again: 'free' | 'retry' | 'no';
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
	const triedNow: Lane[] = [];
	const mended: Lane[] = [];
	let until = Infinity;
	let waits = false;
	let forLimit = false;
	let visited = false;
	let again: Wait['again'] = 'no';
	let isWanted = false;
	let answeredAt = -Infinity;
	let isProven = false;
	let foundDownAt = Infinity;
	/** Who asks whether a lane is mended keeps to its limit too. */
	let mayAskAt = Infinity;
	const askWhether = (lane: Lane) => {
		const waitMs = lane.window?.waitMs() ?? 0;
		if (waitMs === 0) mended.push(lane);
		else mayAskAt = Math.min(mayAskAt, now + waitMs);
	};
	for (const { lanes } of endpoints) {
		for (const lane of lanes) {
			const touched = lane.touched(model);
			const readiness = readinessOf(lane, touched, now);
			if (readiness.kind === 'out') {
				if (route.mayAsk(touched.lane, readiness.rest)) askWhether(lane);
				continue;
			}
			if (isVisited(lane, route)) {
				visited = true;
				const isSound = readiness.kind === 'open' && readiness.findsOut === NOTHING;
				if (isSound && again !== 'free')
					again = route.visited.get(lane) === Infinity ? 'retry' : 'free';
				continue;
			}
			if (readiness.kind === 'open') {
				const { findsOut, isTried } = readiness;
				if (mayFindOut(finder, findsOut, route)) (isTried ? triedNow : open).push(lane);
				else waits = true;
				isWanted ||= mayFindOut('unfailedThere', findsOut, route);
				continue;
			}
			waits = true;
			until = Math.min(until, readiness.until);
			forLimit ||= readiness.forLimit;
			answeredAt = Math.max(answeredAt, touched.laneModel.answeredAt);
			isProven ||= touched.lane.isProven;
			const { scope } = readiness;
			foundDownAt = Math.min(foundDownAt, scope === null ? -Infinity : lastFoundDown(scope));
			if (scope !== null && route.mayAsk(touched.lane, scope.rest)) askWhether(lane);
		}
	}
	if (open.length > 0) return { kind: 'open', lanes: preferred(open, route) };
	if (triedNow.length > 0) return { kind: 'open', lanes: preferred(triedNow, route) };
	if (mended.length > 0 && !forLimit) return { kind: 'open', lanes: preferred(mended, route) };
	if (mayAskAt < Infinity && !forLimit) {
		[waits, forLimit, foundDownAt] = [true, true, -Infinity];
		until = Math.min(until, mayAskAt);
	}
	// Who may find out at no cost does that first, once the better ones have had their turn.
	if (isWanted) again = 'no';
	if (waits) return { kind: 'wait', until, forLimit, answeredAt, isProven, foundDownAt, again };
	return { kind: visited ? 'visited' : 'exhausted' };
}

/**
 * When the last call found out that it is still down; -Infinity where none has, or where one is running that may still show
 * the contrary, though another has failed meanwhile.
 */
const lastFoundDown = ({ rest, inFlight, changedAfter, restedAfter }: Resting): number =>
	inFlight > 0 || changedAfter === restedAfter ? -Infinity : rest.since;

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
			const readiness = readinessOf(lane, lane.touched(model), now);
			if (readiness.kind !== 'out') return [];
			const { fault, backAt } = readiness.rest;
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
