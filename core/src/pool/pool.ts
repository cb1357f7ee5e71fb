import type { Rest } from './health';
import type { Lane } from './lanes';
import { reasonOf } from '../words';
import { createLeases, type Parts } from './leases';
import { isPaced } from './pace';
import type { Scope } from './scope';
import { createTenant, type Tenant } from './tenant';
import type { JoinOptions } from './terms';
import type { PoolSettings } from '../settings/settings';

/** The lanes of one credential's content, shared by all who use it. */
export interface Pool {
	/** Puts an execution on the pool. Throws RangeError for options that could not work. */
	join(options: JoinOptions): Tenant;
	/** How each lane stands, by label. */
	status(): readonly LaneStatus[];
	/** Since when nobody has used it, pool time; null while it has tenants. */
	idleSince(): number | null;
}

/** How one lane stands, by label, and what it has taught. */
export interface LaneStatus {
	readonly lane: string;
	readonly endpoint: string;
	/** The worst of the lane and its endpoint. */
	readonly state: 'ready' | 'cooling' | 'retired';
	/** Why it is not ready, with the words of the answer that made it so; `''` where it is. */
	readonly reason: string;
	/** Milliseconds until it is tried again; 0 where it is ready. */
	readonly backInMs: number;
	readonly inFlight: number;
	/** Models that it does not serve for now, or whose pace it has taught. */
	readonly models: readonly ModelStatus[];
}

export interface ModelStatus {
	readonly model: string;
	/** As for the lane; `''` where it is ready. */
	readonly reason: string;
	readonly backInMs: number;
	/** Calls that it takes at once; null where no such limit has shown. */
	readonly atOnce: number | null;
	/** Starts that it takes in so many milliseconds; null where no such limit has shown. */
	readonly window: { readonly starts: number; readonly ms: number } | null;
}

/** @param usersChanged is told that somebody has joined or left */
export function createPool(
	settings: PoolSettings,
	{ usersChanged, ...parts }: Parts & { readonly usersChanged: () => void },
): Pool {
	const { clock, dispatcher } = parts;
	const leases = createLeases(settings, parts);
	let tenants = 0;
	let leftAt = clock.now();
	return {
		join(options) {
			const tenant = createTenant(options, { clock, leases, dispatcher });
			let isHere = true;
			tenants += 1;
			usersChanged();
			return {
				...tenant,
				leave() {
					if (!isHere) return;
					isHere = false;
					tenant.leave();
					tenants -= 1;
					leftAt = clock.now();
					usersChanged();
				},
			};
		},
		status: () =>
			leases.endpoints.flatMap(({ lanes }) => lanes.map((lane) => statusOf(lane, clock.now()))),
		idleSince: () => (tenants > 0 ? null : leftAt),
	};
}

function statusOf(lane: Lane, now: number): LaneStatus {
	const { endpoint, label, inFlight } = lane;
	const models = [...lane.models()].map((model) => ({ model, touched: lane.touched(model) }));
	const [known] = models;
	const rest = known ? longest(known.touched.lane, known.touched.endpoint) : null;
	return {
		lane: label,
		endpoint: endpoint.name,
		inFlight,
		state: rest === null ? 'ready' : rest.fault.kind === 'badKey' ? 'retired' : 'cooling',
		...told(rest, now),
		models: models.flatMap(({ model, touched: { laneModel, endpointModel } }) => {
			const resting = longest(laneModel, endpointModel);
			const pace = isPaced(laneModel.pace) ? laneModel.pace : endpointModel.pace;
			if (resting === null && !isPaced(pace)) return [];
			const atOnce = pace.atOnce === Infinity ? null : pace.atOnce;
			return [{ model, ...told(resting, now), atOnce, window: pace.window }];
		}),
	};
}

const told = (rest: Rest | null, now: number) => ({
	reason: rest === null ? '' : reasonOf(rest.fault),
	backInMs: rest === null ? 0 : Math.max(0, rest.until - now),
});

const longest = (...scopes: readonly Scope[]): Rest | null =>
	scopes
		.flatMap(({ rest }) => rest ?? [])
		.reduce<Rest | null>((a, b) => (a === null || b.until > a.until ? b : a), null);

/** What is known of a lane that answers, for people; `''` where there is nothing to tell. */
export const standingOf = ({ reason, models }: LaneStatus): string =>
	[
		reason && `It is left alone for now: ${reason}.`,
		...models.map(({ model, reason: why, atOnce, window }) => {
			const learned = [
				atOnce !== null && `${atOnce} at once`,
				window !== null && `${window.starts} in ${Math.round(window.ms / 1000)} s`,
			];
			const pace = learned.filter(Boolean).join(', ');
			return [
				why && `${model} is left alone for now: ${why}.`,
				pace && `${model}: it has let through ${pace}.`,
			];
		}),
	]
		.flat()
		.filter(Boolean)
		.join(' ');
