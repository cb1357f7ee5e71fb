import type { Health } from './health';
import type { Lane } from './lanes';
import { createLeases, type Parts } from './leases';
import { createTenant, type Tenant } from './tenant';
import type { JoinOptions } from './terms';
import type { PoolSettings } from '../settings/settings';
import { CAUSES } from '../words';

/** The lanes of one credential's content, shared by all who use it. */
export interface Pool {
	/** Puts an execution on the pool. Throws RangeError for options that could not work. */
	join(options: JoinOptions): Tenant;
	/** How each lane stands, by label. */
	status(): readonly LaneStatus[];
	/** Since when nobody has used it, pool time; null while it has tenants. */
	idleSince(): number | null;
}

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

export function createPool(settings: PoolSettings, parts: Parts): Pool {
	const { clock, dispatcher } = parts;
	const leases = createLeases(settings, parts);
	let tenants = 0;
	let leftAt = clock.now();
	return {
		join(options) {
			const tenant = createTenant(options, { clock, leases, dispatcher });
			tenants += 1;
			return {
				...tenant,
				leave() {
					tenant.leave();
					tenants -= 1;
					leftAt = clock.now();
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
