import type { Clock } from '../effects';
import type { Cause, Fault, Outcome } from '../outcome';
import { afterFault, afterSuccess, nextHealth, opensBreaker, READY, type Health } from './health';
import { newScope, scopesOf, type Lane, type Scope } from './lanes';
import { isEndpointFault, POLICIES } from './policy';

/** A call on a lane. Calls are numbered in the order of their starts. */
export interface Call {
	readonly number: number;
	readonly lane: Lane;
	readonly model: string;
}

/** Makes a call the probe of whatever it finds cooling. */
export function beginProbes({ lane, model, number }: Call): void {
	for (const scope of scopesOf(lane, model)) {
		if (scope.health.state !== 'ready') scope.probe = number;
	}
}

/** Lets the next call probe what this one has not found out. */
export function endProbes({ lane, model, number }: Call): void {
	for (const scope of scopesOf(lane, model)) {
		if (scope.probe === number) scope.probe = null;
	}
}

/**
 * Moves the health of what a call depended on. Only a call that was started after the last change of state counts:
 * of sixteen throttled calls in flight the first is a strike, and a late success closes no breaker. Answers whether any
 * state has changed.
 */
export function record(call: Call, outcome: Outcome, clock: Clock, lastStarted: number): boolean {
	const { lane, model, number } = call;
	const { endpoint } = lane;
	const isCurrent = (scope: Scope) => number > scope.changedAfter;
	const change = (scope: Scope, health: Health) => {
		scope.health = health;
		scope.changedAfter = lastStarted;
		scope.probe = null;
	};
	if (outcome.kind === 'images') {
		lane.lastSuccessAt = clock.now();
		if (isCurrent(endpoint.scope)) endpoint.strain = afterSuccess(endpoint.strain, clock.now());
		const recovered = scopesOf(lane, model).filter(
			(scope) => isCurrent(scope) && scope.health.state !== 'ready',
		);
		for (const scope of recovered) change(scope, READY);
		return recovered.length > 0;
	}
	if (!isBlaming(outcome)) return false;
	const scope = blamed(lane, model, outcome);
	if (!isCurrent(scope)) return false;
	if (isEndpointFault(outcome.kind)) {
		endpoint.strain = afterFault(endpoint.strain, outcome.kind, clock.now());
		if (scope.health.state === 'ready' && !opensBreaker(endpoint.strain)) return false;
	}
	change(scope, nextHealth(scope.health, outcome, clock));
	return true;
}

const isBlaming = (
	outcome: Exclude<Outcome, { kind: 'images' }>,
): outcome is Fault & { kind: Cause } => POLICIES[outcome.kind].blames !== 'nothing';

function blamed(lane: Lane, model: string, fault: Fault): Scope {
	const { blames } = POLICIES[fault.kind];
	if (blames === 'endpoint') return lane.endpoint.scope;
	if (blames === 'lane' || (blames === 'quota' && !fault.perModel)) return lane.scope;
	const known = lane.models.get(model);
	if (known !== undefined) return known;
	const scope = newScope();
	lane.models.set(model, scope);
	return scope;
}
