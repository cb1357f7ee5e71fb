import type { Cause } from '../outcome';
import { epochOf, scopesOf, type Endpoint, type Lane } from './lanes';
import { isWaitedFor } from './policy';

/** A lane that no waiting will bring back in time. */
export interface Outage {
	readonly lane: string;
	readonly cause: Cause;
	/** Pool time, ms. */
	readonly backAt: number;
}

/** What a wait is for: a rate window, a limit of the other side's, or something that is down. */
type Pacing = 'window' | 'throttle' | 'no';

type Standing =
	| { readonly kind: 'open' }
	| { readonly kind: 'wait'; readonly until: number; readonly paced: Pacing }
	| { readonly kind: 'out'; readonly cause: Cause; readonly backAt: number };

const OPEN: Standing = { kind: 'open' };

/** Whether a lane could take a call for a model now, and if not, when. */
function standingOf(lane: Lane, model: string, now: number): Standing {
	let standing: Standing = OPEN;
	for (const { health, probe } of scopesOf(lane, model)) {
		if (health.state === 'ready' || (now >= health.until && probe === null)) continue;
		const probing = now >= health.until;
		if (!probing && !isWaitedFor(health.cause)) {
			return { kind: 'out', cause: health.cause, backAt: health.backAt };
		}
		const until = probing ? Infinity : health.until;
		if (standing.kind !== 'wait' || until > standing.until) {
			standing = { kind: 'wait', until, paced: health.cause === 'throttled' ? 'throttle' : 'no' };
		}
	}
	if (standing.kind !== 'open' || lane.window === null) return standing;
	const waitMs = lane.window.waitMs();
	return waitMs === 0 ? OPEN : { kind: 'wait', until: now + waitMs, paced: 'window' };
}

/** Where a request has been in this round, and where it would rather not go next. */
export interface Route {
	readonly model: string;
	/** Lanes it has failed over from, each with the number of the call after which its state must have changed. */
	readonly visited: ReadonlyMap<Lane, number>;
	readonly avoid: Endpoint | null;
}

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
	/** When any lane that is left last made an image. */
	readonly lastSuccessAt: number;
}

/** Where a request may go now. Changes nothing. */
export function survey(endpoints: readonly Endpoint[], route: Route, now: number): Survey {
	const open: Lane[] = [];
	let until = Infinity;
	let waits = false;
	let paced: Pacing = 'no';
	let visited = false;
	let lastSuccessAt = -Infinity;
	for (const { lanes } of endpoints) {
		for (const lane of lanes) {
			const standing = standingOf(lane, route.model, now);
			if (standing.kind === 'out') continue;
			lastSuccessAt = Math.max(lastSuccessAt, lane.lastSuccessAt);
			if (isVisited(lane, route)) visited = true;
			else if (standing.kind === 'open') open.push(lane);
			else {
				waits = true;
				until = Math.min(until, standing.until);
				if (standing.paced === 'window' || paced === 'no') paced = standing.paced;
			}
		}
	}
	if (open.length > 0) {
		const elsewhere = route.avoid && open.filter((lane) => lane.endpoint !== route.avoid);
		return { kind: 'open', lanes: elsewhere?.length ? elsewhere : open };
	}
	if (waits) return { kind: 'wait', until, paced, lastSuccessAt };
	return { kind: visited ? 'visited' : 'exhausted' };
}

function isVisited(lane: Lane, { visited, model }: Route): boolean {
	const call = visited.get(lane);
	return call !== undefined && epochOf(lane, model) < call;
}

/** What keeps each lane from this model, for people. Lanes that stand open or come back by themselves are left out. */
export const outages = (
	endpoints: readonly Endpoint[],
	model: string,
	now: number,
): readonly Outage[] =>
	endpoints.flatMap(({ lanes }) =>
		lanes.flatMap((lane) => {
			const standing = standingOf(lane, model, now);
			return standing.kind === 'out'
				? [{ lane: lane.label, cause: standing.cause, backAt: standing.backAt }]
				: [];
		}),
	);
