import type { Drawn, Made } from '../draw';
import type { Clock } from '../effects';
import type { Connect, LaneAddress } from '../lane';
import type { ImageRequest } from '../request';
import type { PoolSettings } from '../settings';
import type { Dispatcher } from './dispatcher';
import { createEndpoints, type Endpoint, type Lane } from './lanes';
import type { Lease } from './lease';
import type { Permits } from './permits';
import { beginProbes, endProbes, record } from './record';
import type { JoinOptions } from './joinOptions';
import { redactorOf } from './redact';
import { statusOf, type LaneStatus } from './status';
import { outages, type Outage } from './survey';
import { createTenant } from './tenant';
import type { RateWindow, Start } from './rateWindow';

/** One execution on the pool. */
export interface Tenant {
	/**
	 * Makes the images of one request. `keep` stores them (a file, n8n's binary store) and runs while the permit
	 * is held, so that memory follows concurrency; what it returns is passed on as `kept`.
	 * Rejects only when the host's signal is aborted (with its reason) or `keep` rejects.
	 */
	draw<T>(request: ImageRequest, keep: (made: Made) => Promise<T>): Promise<Drawn<T>>;
	/** Starts nothing further: waiting requests end as `notStarted`, calls in flight are finished without retry. */
	stopStarting(): void;
	/** No call is made for this very request object any more: what waits for its first one ends as `notStarted`. */
	withdraw(request: ImageRequest): void;
	/** False once no call can be made for this request object any more: what only a call needs need not be loaded. */
	mayStart(request: ImageRequest): boolean;
	/** Ends the tenancy. Call it once every draw has settled. */
	leave(): void;
}

/** The lanes of one credential's content, shared by all who use it. */
export interface Pool {
	/** Puts an execution on the pool. Throws RangeError for options that could not work. */
	join(options: JoinOptions): Tenant;
	/** How each lane stands, by label. */
	status(): readonly LaneStatus[];
	/** Since when nobody has used it, pool time; null while it has tenants. */
	idleSince(): number | null;
}

export interface PoolParts {
	readonly clock: Clock;
	readonly connect: Connect;
	/** Both belong to the credential, whose former pools may still be at work. */
	readonly permits: Permits;
	readonly dispatcher: Dispatcher;
	windowFor(endpointIndex: number, address: LaneAddress): RateWindow | null;
}

/** The pool as its tenants see it. */
export interface PoolSide {
	readonly clock: Clock;
	readonly endpoints: readonly Endpoint[];
	outages(model: string): readonly Outage[];
	/** Puts labels in the place of keys. */
	redact(text: string): string;
	/** Takes a permit for a call on a lane. Call it only when one is free. */
	lease(model: string, lane: Lane, taken: Start | null): Lease;
}

export function createPool(settings: PoolSettings, parts: PoolParts): Pool {
	const { clock, permits, dispatcher } = parts;
	const endpoints = createEndpoints(settings, parts);
	let lastStarted = 0;
	let tenants = 0;
	let leftAt = clock.now();

	const side: PoolSide = {
		clock,
		endpoints,
		redact: redactorOf(settings),
		outages: (model) => outages(endpoints, model, clock.now()),
		lease(model, lane, taken) {
			const number = ++lastStarted;
			const call = { number, lane, model };
			beginProbes(call);
			lane.inFlight += 1;
			let release = () => {};
			permits.hold(new Promise((resolve) => (release = resolve)));
			return {
				lane,
				number,
				left: taken && taken.left,
				record(outcome) {
					if (record(call, outcome, clock, lastStarted)) dispatcher.wake();
					else dispatcher.schedule();
				},
				[Symbol.dispose]() {
					endProbes(call);
					lane.inFlight -= 1;
					release();
				},
			};
		},
	};
	return {
		join(options) {
			const tenant = createTenant(options, side, dispatcher);
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
		status: () => statusOf(endpoints, clock.now()),
		idleSince: () => (tenants > 0 ? null : leftAt),
	};
}
