import type { Clock } from '../effects';
import type { Outcome } from '../outcome';
import { afterFault, afterSuccess, doubted, isBreaker, nextRest, type Rest } from './health';
import type { Lane } from './lanes';
import {
	beginPaced,
	endPaced,
	forgetBurst,
	learnPace,
	provesSharing,
	takeBack,
	turnDown,
	type Paced,
} from './pace';
import { blamedBy, isBlaming, isEvidence, POLICIES, type Blaming } from './policy';
import {
	change,
	clearFaults,
	countFault,
	hasFoundOut,
	type Scope,
	type Scopes,
	type Touched,
} from './scope';

/** A call on a lane. Calls are numbered in the order of their starts. */
export interface Call {
	readonly number: number;
	readonly lane: Lane;
	readonly touched: Touched;
	/** Scopes at which a fault of the same item has counted: it counts once, however often the item is tried there. */
	readonly counted: Set<Scope>;
	/** Whether it finds out if something is back at which its item has not failed: its fault is that one's, not the item's. */
	readonly findsOut: boolean;
	readonly paced: readonly [laneModel: Paced, endpointModel: Paced];
	isRecorded: boolean;
}

/** Makes a call the one that finds out about whatever it meets at rest. */
export function begin(
	lane: Lane,
	model: string,
	counted: Set<Scope>,
	scopes: Scopes,
	now: number,
): Call {
	const touched = lane.touched(model);
	const number = scopes.begin(touched, lane.id, now);
	const resting = touched.all.filter(({ rest }) => rest !== null);
	const findsOut = resting.length > 0 && !resting.some((scope) => counted.has(scope));
	for (const scope of resting) {
		if (scope.finding.size === 0) scope.findingSince = now;
		scope.finding.add(number);
	}
	lane.inFlight += 1;
	lane.endpoint.inFlight += 1;
	const paced = [
		beginPaced(touched.laneModel.pace, now),
		beginPaced(touched.endpointModel.pace, now),
	] as const;
	return { number, lane, touched, counted, findsOut, paced, isRecorded: false };
}

/** The call holds its lane no longer. One of which nothing is recorded never left. */
export function end({ number, lane, touched, paced, isRecorded }: Call): void {
	if (!isRecorded) {
		takeBack(touched.laneModel.pace, paced[0]);
		takeBack(touched.endpointModel.pace, paced[1]);
	}
	for (const scope of touched.all) {
		scope.finding.delete(number);
		scope.inFlight -= 1;
	}
	lane.inFlight -= 1;
	lane.endpoint.inFlight -= 1;
}

/**
 * Moves the health of what a call depended on. Only a call that was started after the last change of state counts:
 * of sixteen throttled calls in flight the first is a strike, and a late success closes no breaker. Answers whether any
 * state has changed.
 */
export function record(call: Call, outcome: Outcome, clock: Clock, scopes: Scopes): boolean {
	const { lane, number, touched } = call;
	const now = clock.now();
	const lastStarted = scopes.lastStarted();
	const isCurrent = (scope: Scope) => number > scope.changedAfter;
	const current = touched.all.filter(isCurrent);
	let changed = false;
	const moveTo = (scope: Scope, rest: Rest | null) => {
		change(scope, rest, lastStarted);
		changed = true;
	};
	const { answers } = POLICIES[outcome.kind];
	call.isRecorded = true;
	recordPace(call, outcome, now);
	for (const scope of touched.all) {
		if (answers) scope.answeredAt = now;
		scope.isProven ||= answers || outcome.kind === 'throttled';
	}
	for (const scope of touched.all) {
		const { rest } = scope;
		if (rest === null || !isBack(rest, outcome)) continue;
		// Of several that find out, one that has failed does not silence the others.
		if (number <= (isBreaker(rest) ? scope.restedAfter : scope.changedAfter)) continue;
		if (isRefuted(rest)) scope.refutedAt = now;
		moveTo(scope, null);
		// It was asked whether it is mended, and is: what comes upon it next may be mended as soon.
		touched.lane.askedAt = -Infinity;
	}
	for (const scope of current) {
		if (outcome.kind === 'images') clearFaults(scope);
		else if (outcome.kind !== 'unreachable') scope.unreached = 0;
	}
	if (outcome.kind === 'images') {
		for (const scope of touched.all) scope.madeBy = Math.max(scope.madeBy, number);
		touched.lane.madeAt = now;
		lane.endpoint.strain = afterSuccess(lane.endpoint.strain, now);
		return changed;
	}
	if (!isBlaming(outcome)) return changed;
	const blame = blamedBy(outcome);
	const guilty =
		blame === 'evidence'
			? guiltyByEvidence(call, current, now)
			: blame === 'nothing' || !isCurrent(touched[blame])
				? []
				: [touched[blame]];
	for (const scope of guilty) {
		const rest = restFor(scope, outcome, lane, clock);
		if (rest !== null) moveTo(scope, rest);
	}
	return changed;
}

/** Whether what came of a call proves that a rest is over: an answer, or for a limit anything but being turned down. */
function isBack({ fault }: Rest, { kind }: Outcome): boolean {
	if (POLICIES[kind].answers) return true;
	return (
		fault.kind === 'throttled' &&
		kind !== 'throttled' &&
		kind !== 'aborted' &&
		kind !== 'unreachable'
	);
}

/** Faults had spoken against it, and the first call that found out speaks for it. */
const isRefuted = ({ fault, strikes }: Rest) => isEvidence(fault.kind) && strikes === 1;

/**
 * Whom a fault speaks against that proves nothing but that this call has failed: whatever the call was to find out about;
 * else the narrowest scope at which enough of different items have come in a row.
 */
function guiltyByEvidence(call: Call, current: readonly Scope[], now: number): readonly Scope[] {
	const { lane, number, touched, counted } = call;
	const isNew = new Set(touched.all.filter((scope) => !counted.has(scope)));
	for (const scope of touched.all) counted.add(scope);
	const resting = current.filter(({ rest }) => rest !== null);
	if (resting.length > 0) return resting;
	// What has come to rest, or back, since the call was started explains it: no other scope is to blame.
	if (current.length < touched.all.length) return [];
	if (isNew.has(touched.endpoint)) lane.endpoint.strain = afterFault(lane.endpoint.strain, now);
	const enough = current.filter(
		(scope) =>
			isNew.has(scope) &&
			// A later call came through elsewhere in a wider scope: what they have in common is sound.
			(scope === touched.laneModel || number > scope.madeBy) &&
			countFault(scope, touched.laneModel, now),
	);
	return enough.slice(0, 1);
}

/** How long that rests; null where it does not, as yet. */
function restFor(scope: Scope, fault: Blaming, lane: Lane, clock: Clock): Rest | null {
	const now = clock.now();
	if (fault.kind === 'unreachable') {
		lane.endpoint.strain = afterFault(lane.endpoint.strain, now);
		scope.unreached += 1;
		if (scope.rest === null && scope.unreached < UNREACHED) return null;
	}
	const isDoubtful =
		fault.kind === 'badKey' && scope.rest === null && now - scope.madeAt < RECENT_MS;
	if (isDoubtful) return doubted(fault, now);
	// What it was turned down for begins anew: another that found out has been let through.
	const isLetThrough = fault.kind === 'throttled' && hasFoundOut(scope, now);
	return nextRest(isLetThrough ? null : scope.rest, fault, clock);
}

/** One connection may be lost by chance. */
const UNREACHED = 2;
/** A key that has made images so lately is asked once more before it is given up. */
const RECENT_MS = 10 * 60_000;

/**
 * What the call tells of the pace that its server allows. What the lane's own calls explain is the lane's; where lanes are
 * turned down although nothing of their own was let through, they share a limit with their siblings.
 */
function recordPace({ touched, paced }: Call, outcome: Outcome, now: number): void {
	const [own, shared] = [touched.laneModel.pace, touched.endpointModel.pace];
	if (outcome.kind !== 'throttled') {
		endPaced(own, paced[0], now);
		endPaced(shared, paced[1], now);
		return;
	}
	const isOwn = turnDown(own, paced[0], now);
	const isShared = turnDown(shared, paced[1], now);
	const isKnown = paced[1].overCount || paced[1].overWindow;
	if (isKnown || (!isOwn && isShared && provesSharing(shared, touched.lane, now))) {
		learnPace(shared, paced[1], outcome.hintMs, now);
	} else if (isOwn) learnPace(own, paced[0], outcome.hintMs, now);
	else forgetBurst(own, paced[0]);
	if (!isShared) forgetBurst(shared, paced[1]);
}
