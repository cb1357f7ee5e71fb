import type { DrawFailure, Drawn, Made } from '../draw';
import type { Clock, Host } from '../effects';
import type { Connect, LaneAddress } from '../lane';
import type { ImageRequest } from '../request';
import type { PoolSettings } from '../settings';
import type { Budget } from './budget';
import type { Dispatcher } from './dispatcher';
import { createEndpoints, epochOf, type Endpoint, type Lane } from './lanes';
import type { Lease } from './lease';
import type { Permits } from './permits';
import { beginProbes, endProbes, record } from './record';
import { redactorOf } from './redact';
import { statusOf, type LaneStatus } from './status';
import { outages, type Outage } from './survey';
import { createTenant } from './tenant';
import type { RateWindow, Start } from './rateWindow';

/** What one execution brings to the pool. */
export interface JoinOptions extends Host {
	/** Calls in flight for this tenant, 1 or more; the pool's maximum also holds. */
	readonly concurrency: number;
	/** Milliseconds for one attempt, body included. 1 or more; above 2^31 - 1 (24 days) that much. */
	readonly timeoutMs: number;
	/** Retries of one request; waiting and free failovers are none. */
	readonly maxRetries: number;
	/** First delay in milliseconds; doubles, jittered, at most 60 s. */
	readonly retryDelayMs: number;
	/** Pool time (`now()`) from which nothing is started; null: no such time. */
	readonly stopStartingAt: number | null;
	/** What may be spent; null: as much as it takes. */
	readonly budget: Budget | null;
	/** Told in the tick in which a request comes to nothing, before anything else can be started. */
	onFailure?(request: ImageRequest, failure: DrawFailure): void;
}

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
					const before = epochOf(lane, model);
					record(call, outcome, clock, lastStarted);
					if (epochOf(lane, model) === before) dispatcher.schedule();
					else dispatcher.wake();
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
