import type { LaneAddress, LaneClient } from '../lane';
import type { PoolSettings } from '../settings/settings';
import { NO_STRAIN, type Strain } from './health';
import type { RateWindow } from './rateWindow';
import type { Touched } from './scope';

export interface Endpoint {
	readonly name: string;
	readonly weight: number;
	strain: Strain;
	readonly lanes: Lane[];
	/** What it is owed in the turns, in units of weight. */
	credit: number;
	inFlight: number;
}

export interface Lane {
	readonly label: string;
	readonly index: number;
	/** Tells it from all other lanes of the process, whichever pool they belong to. */
	readonly id: string;
	readonly endpoint: Endpoint;
	readonly client: LaneClient;
	/** What a call on it for a model depends on. */
	touched(model: string): Touched;
	/** Models that were asked for. */
	models(): Iterable<string>;
	/** Null where no limit holds. Lanes of one endpoint may share one. */
	readonly window: RateWindow | null;
	/** As its endpoint's, among the keys. */
	credit: number;
	inFlight: number;
}

/** What the lanes are made with. */
export interface Making {
	connect(address: LaneAddress): LaneClient;
	/** Null where no limit holds, at present. */
	windowOf(lane: string): RateWindow | null;
	/** Tells an address and its key from all others of the process. */
	idOf(address: LaneAddress): string;
	touched(address: LaneAddress, model: string): Touched;
}

export function createEndpoints(
	{ endpoints }: PoolSettings,
	{ connect, windowOf, idOf, touched }: Making,
): readonly Endpoint[] {
	let index = 0;
	return endpoints.map((each) => {
		const endpoint: Endpoint = {
			name: each.name,
			weight: each.weight,
			strain: NO_STRAIN,
			lanes: [],
			credit: 0,
			inFlight: 0,
		};
		for (const address of addressesOf(each)) {
			const models = new Map<string, Touched>();
			const id = idOf(address);
			endpoint.lanes.push({
				label: address.label,
				index: index++,
				id,
				endpoint,
				client: connect(address),
				touched(model) {
					const known = models.get(model);
					if (known !== undefined) return known;
					const fresh = touched(address, model);
					models.set(model, fresh);
					return fresh;
				},
				models: () => models.keys(),
				get window() {
					return windowOf(id);
				},
				credit: 0,
				inFlight: 0,
			});
		}
		return endpoint;
	});
}

/** The latest change of state that a call on this lane for this model would be told by. */
export const epochOf = (lane: Lane, model: string): number =>
	Math.max(...lane.touched(model).all.map(({ changedAfter }) => changedAfter));

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
