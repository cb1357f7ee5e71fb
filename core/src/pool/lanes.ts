import type { LaneAddress, LaneClient } from '../lane';
import type { PoolSettings } from '../settings/settings';
import { NO_STRAIN, READY, type Health, type Strain } from './health';
import type { RateWindow } from './rateWindow';

/** Something with a health of its own: an endpoint, a lane, a lane for one model. */
export interface Scope {
	health: Health;
	/** The last call started before `health` changed its state: what that call and older ones tell is out of date. */
	changedAfter: number;
	/** The one call that finds out whether it is back; null while none is in flight. */
	probe: number | null;
}

export interface Endpoint {
	readonly name: string;
	readonly weight: number;
	readonly scope: Scope;
	strain: Strain;
	readonly lanes: Lane[];
	/** What it is owed in the turns, in units of weight. */
	credit: number;
}

export interface Lane {
	readonly label: string;
	readonly index: number;
	readonly endpoint: Endpoint;
	readonly client: LaneClient;
	readonly scope: Scope;
	/** Scopes of models that this lane has failed for. */
	readonly models: Map<string, Scope>;
	/** Null where no limit holds. Lanes of one endpoint may share one. */
	readonly window: RateWindow | null;
	inFlight: number;
	/** Pool time of its last image; -Infinity where it has made none. */
	lastSuccessAt: number;
	/** As its endpoint's, among the keys. */
	credit: number;
}

export const newScope = (): Scope => ({ health: READY, changedAfter: 0, probe: null });

/** Everything whose health a call on this lane for this model depends on. */
export function scopesOf(lane: Lane, model: string): readonly Scope[] {
	const forModel = lane.models.get(model);
	return forModel === undefined
		? [lane.endpoint.scope, lane.scope]
		: [lane.endpoint.scope, lane.scope, forModel];
}

/** The latest change of state that a call on this lane for this model would be told by. */
export const epochOf = (lane: Lane, model: string): number =>
	Math.max(...scopesOf(lane, model).map((scope) => scope.changedAfter));

/** What the lanes are made with. */
export interface Making {
	connect(address: LaneAddress): LaneClient;
	windowFor(endpointIndex: number, address: LaneAddress): RateWindow | null;
}

export function createEndpoints(
	{ endpoints }: PoolSettings,
	{ connect, windowFor }: Making,
): readonly Endpoint[] {
	let index = 0;
	return endpoints.map((each, endpointIndex) => {
		const endpoint: Endpoint = {
			name: each.name,
			weight: each.weight,
			scope: newScope(),
			strain: NO_STRAIN,
			lanes: [],
			credit: 0,
		};
		for (const address of addressesOf(each)) {
			endpoint.lanes.push({
				label: address.label,
				index: index++,
				endpoint,
				client: connect(address),
				scope: newScope(),
				models: new Map(),
				window: windowFor(endpointIndex, address),
				inFlight: 0,
				lastSuccessAt: -Infinity,
				credit: 0,
			});
		}
		return endpoint;
	});
}

/** The lanes of one endpoint, labelled by the place of their key. */
export const addressesOf = ({
	name,
	baseUrl,
	apiVersion,
	keys,
}: PoolSettings['endpoints'][number]): readonly LaneAddress[] =>
	keys.map((key, index) => ({
		label: `${name} #${index + 1}`,
		endpoint: name,
		baseUrl,
		apiVersion,
		key,
	}));
