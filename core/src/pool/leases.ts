import { maskOf } from '../call/secrets';
import type { Clock } from '../effects';
import type { Connect, LaneAddress } from '../lane';
import type { Outcome } from '../outcome';
import type { PoolSettings } from '../settings/settings';
import type { Dispatcher } from './dispatcher';
import { addressesOf, createEndpoints, type Endpoint, type Lane, type Making } from './lanes';
import { pick } from './pick';
import { beginProbes, endProbes, record } from './record';
import { outages, survey, type Outage, type Route, type Survey } from './survey';

/** The right to make one call: its window and its permit are taken. Disposing of it gives the permit back. */
export interface Lease extends Disposable {
	readonly lane: Lane;
	/** Calls of a pool are numbered in the order of their starts. */
	readonly number: number;
	/** Tells the rate window that the call is on its way; null where no limit holds. */
	readonly left: (() => void) | null;
	/** What the call has cost, US dollars. */
	costUsd: number;
	/** Tells, once, how the call ended. */
	record(outcome: Outcome): void;
}

/** The lanes of one credential, and the right to call on them. */
export interface Leases {
	readonly endpoints: readonly Endpoint[];
	/** Where a request may go now. Changes nothing. */
	survey(route: Route): Survey;
	/** Picks one of the open lanes and takes its window and a permit. Call it only while a permit is free. */
	take(model: string, open: readonly Lane[]): Lease;
	outages(model: string): readonly Outage[];
}

/** What they are made with: all but `clock` belongs to the credential, whose former lanes may still be at work. */
export interface Parts extends Pick<Making, 'windowFor'> {
	readonly clock: Clock;
	readonly connect: Connect;
	readonly dispatcher: Dispatcher;
}

export function createLeases(settings: PoolSettings, parts: Parts): Leases {
	const { clock, dispatcher, windowFor } = parts;
	const mask = maskOf(settings.endpoints.flatMap(addressesOf));
	const connect = (address: LaneAddress) => parts.connect({ ...address, mask }, clock);
	const endpoints = createEndpoints(settings, { connect, windowFor });
	let lastStarted = 0;
	return {
		endpoints,
		survey: (route) => survey(endpoints, route, clock.now()),
		outages: (model) => outages(endpoints, model, clock.now()),
		take(model, open) {
			const lane = pick(open, clock.now());
			const start = lane.window?.tryTake();
			const number = ++lastStarted;
			const call = { number, lane, model };
			beginProbes(call);
			lane.inFlight += 1;
			const giveBack = dispatcher.take();
			return {
				lane,
				number,
				left: start?.left ?? null,
				costUsd: 0,
				record(outcome) {
					if (record(call, outcome, clock, lastStarted)) dispatcher.wake();
					else dispatcher.schedule();
				},
				[Symbol.dispose]() {
					endProbes(call);
					lane.inFlight -= 1;
					giveBack();
				},
			};
		},
	};
}
