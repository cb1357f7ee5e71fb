import { CAUSES } from './failure';
import type { Health } from './health';
import type { Endpoint, Lane } from './lanes';

/** How one lane stands, by label. */
export interface LaneStatus {
	readonly lane: string;
	readonly endpoint: string;
	/** The worst of the lane and its endpoint. */
	readonly state: Health['state'];
	/** Why it is not ready, in words; `''` where it is. */
	readonly reason: string;
	/** Milliseconds until it is tried again; 0 where it is ready. */
	readonly backInMs: number;
	readonly inFlight: number;
	/** Models it does not serve for now, each with the reason in words. */
	readonly models: readonly { readonly model: string; readonly reason: string }[];
}

export function statusOf(endpoints: readonly Endpoint[], now: number): readonly LaneStatus[] {
	return endpoints.flatMap((endpoint) => endpoint.lanes.map((lane) => laneStatus(lane, now)));
}

function laneStatus(lane: Lane, now: number): LaneStatus {
	const { endpoint, label, inFlight } = lane;
	const health = worst(lane.scope.health, endpoint.scope.health);
	return {
		lane: label,
		endpoint: endpoint.name,
		inFlight,
		models: [...lane.models].flatMap(([model, scope]) =>
			scope.health.state === 'ready' ? [] : [{ model, reason: CAUSES[scope.health.cause] }],
		),
		...(health.state === 'ready'
			? { state: 'ready', reason: '', backInMs: 0 }
			: {
					state: health.state,
					reason: CAUSES[health.cause],
					backInMs: Math.max(0, health.until - now),
				}),
	};
}

function worst(a: Health, b: Health): Health {
	if (a.state === 'ready') return b;
	return b.state === 'ready' || a.until > b.until ? a : b;
}
