import type { Clock } from '../effects';
import { priceOf } from '../models/cost';
import type { ImageRequest } from '../request';
import type { NotMade } from '../result';
import { createAlarm } from './alarm';
import { createBudget, type Reservation } from './budget';
import type { Dispatcher } from './dispatcher';
import { byDeadline, byExhaustion, byOutcome, notStarted } from './failure';
import { beginRound, revisit, type Item, type Next, type Turn } from './item';
import type { Lane } from './lanes';
import type { Lease, Leases } from './leases';
import { createLines, type Line } from './line';
import { backoffMs, isLate, review } from './patience';
import { POLICIES } from './policy';
import type { Finder, Survey } from './survey';
import type { JoinOptions } from './terms';

/** A connection that was lost once is tried again after so long; lost twice it is an outage. */
const RECONNECT_MS = 2000;

/** Multiples of it, less what is whole, spread evenly over a line. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** How often it was and is being found out whether a lane is back that faults have put to rest; 0 where there is no doubt. */
const timesInDoubt = (lane: Lane, model: string): number =>
	Math.max(
		0,
		...lane
			.touched(model)
			.all.map(({ rest, finding }) =>
				rest !== null && POLICIES[rest.fault.kind].blames === 'evidence'
					? rest.strikes + finding.size
					: 0,
			),
	);

/** The waiting and resting items of one tenant. */
export interface Queue {
	/** Waits for a turn, at the item's place in the line; where `next` is a retry, after a rest. */
	turn(item: Item, next: Next): Promise<Turn>;
	/** True once no further call is to be made for a request. */
	isOver(request: ImageRequest): boolean;
	stopStarting(): void;
	withdraw(request: ImageRequest): void;
	/** Ends all waiting by an abort. */
	abandon(reason: unknown): void;
	close(): void;
}

export function createQueue(
	options: JoinOptions,
	{ clock, leases, dispatcher }: { clock: Clock; leases: Leases; dispatcher: Dispatcher },
): Queue {
	const { concurrency, maxRetries, retryDelayMs } = options;
	const budget = options.budget ?? createBudget();
	const stopStartingAt = options.stopStartingAt ?? Infinity;
	const patience = {
		deadlineMs: options.timeoutMs * (1 + maxRetries),
		unprovenMs: options.isAttended ? 10_000 : 60_000,
	};
	const lines = createLines();
	const alarm = createAlarm(options, clock, dispatcher.wake);
	const withdrawn = new WeakSet<ImageRequest>();
	let inFlight = 0;
	let isStopped = false;

	const over = (item: Item, end: NotMade) => item.settle({ kind: 'over', end });
	const fail = (item: Item, end: NotMade, now: number) => {
		lines.leave(item, now);
		over(item, end);
	};
	/** Ends an item that is not to be called for any more: what it has come to so far decides. */
	const waitsInVain = (item: Item, now: number) =>
		fail(item, byDeadline(item, now, leases.waits(item.model)), now);
	const giveUp = (item: Item, code: Parameters<typeof notStarted>[2]) => {
		const now = clock.now();
		const isServed = item.stopwatch.isStarted;
		over(item, isServed ? byOutcome(item, now, []) : notStarted(item, now, code));
	};
	const endAll = (code: 'stopped' | 'stopStartingAfter') => {
		for (const item of lines.drain()) giveUp(item, code);
	};
	const isPast = () => clock.now() >= stopStartingAt;

	/** Lets an item rest before a new round, or ends it where it has no retry or no time left. */
	const rest = (item: Item) => {
		const now = clock.now();
		const { outcome } = item.last!;
		const costs = POLICIES[outcome.kind].costsRetry !== 'elsewhereOnce';
		let restMs = RECONNECT_MS;
		if (!costs || !revisit(item)) {
			if (!costs || item.retries >= maxRetries) {
				over(item, byOutcome(item, now, leases.outages(item.model)));
				return;
			}
			beginRound(item);
			const hint = 'hintMs' in outcome ? outcome.hintMs : null;
			restMs = backoffMs(item.retries, retryDelayMs, hint, clock.random);
		}
		if (isLate(item, patience, now, restMs))
			over(item, byDeadline(item, now, leases.waits(item.model)));
		else lines.rest(item, now, now + restMs);
	};

	/** Where the head of a line may go; null where the line has got another head. */
	const look = (line: Line, now: number, finder: Finder): Survey | null => {
		const item = line[0];
		const seen = leases.survey(item, finder);
		// Another endpoint is asked about a rejected request, but none that is down is waited for.
		const isRejected =
			item.rejectedBy !== null &&
			seen.kind !== 'open' &&
			!(seen.kind === 'wait' && seen.paced !== 'no');
		if (isRejected) fail(item, byOutcome(item, now, []), now);
		else if (isLate(item, patience, now)) waitsInVain(item, now);
		else if (seen.kind === 'exhausted')
			fail(item, byExhaustion(item, now, leases.outages(item.model)), now);
		else if (seen.kind === 'visited') {
			lines.leave(item, now);
			rest(item);
		} else return seen;
		return null;
	};

	/** Whether the head of a line was started, or where it stands; null where the line has got another head. */
	const tryStart = (line: Line, now: number, finder: Finder): 'started' | Survey | null => {
		const seen = look(line, now, finder);
		if (seen?.kind !== 'open') return seen;
		const item = whoGoes(line, seen.lanes, now);
		const reserved = budget.reserve(priceOf(item.request));
		if (reserved === 'later') return seen;
		if (typeof reserved === 'string') {
			lines.take(item);
			giveUp(item, reserved === 'never' ? 'maxCost' : reserved);
			return null;
		}
		lines.leave(item, now);
		item.settle({ kind: 'lease', lease: start(item, seen.lanes, reserved) });
		return 'started';
	};
	/**
	 * Who came first; but whether something is back that faults have put to rest is found out by others all over the line,
	 * since neighbours in a list often have in common what is wrong with them.
	 */
	const whoGoes = (line: Line, lanes: readonly Lane[], now: number): Item => {
		const tries = lanes.map((lane) => timesInDoubt(lane, line[0].model));
		if (tries.includes(0)) return line[0];
		const someone = line[Math.floor(((Math.max(...tries) * GOLDEN) % 1) * line.length)]!;
		return isLate(someone, patience, now) ? line[0] : someone;
	};
	/** A call's lease, counted for this tenant and paid from its budget. */
	const start = (item: Item, open: readonly Lane[], reservation: Reservation): Lease => {
		const lease = leases.take(item.model, open, item.counted);
		inFlight += 1;
		const own: Lease = {
			...lease,
			[Symbol.dispose]() {
				inFlight -= 1;
				reservation.settle(own.costUsd);
				lease[Symbol.dispose]();
			},
		};
		return own;
	};

	const waiting = {
		inFlight: () => inFlight,
		startOne(finder: Finder) {
			if (isPast()) endAll('stopStartingAfter');
			if (inFlight >= concurrency) return false;
			const now = clock.now();
			lines.wake(now);
			for (;;) {
				let changed = false;
				for (const line of lines.all()) {
					const result = tryStart(line, now, finder);
					if (result === 'started') return true;
					changed ||= result === null;
				}
				if (!changed) return false;
			}
		},
		review() {
			if (isPast()) endAll('stopStartingAfter');
			else
				alarm.setFor(
					Math.min(
						review(
							lines,
							(line, now) => look(line, now, 'any'),
							waitsInVain,
							patience,
							clock.now(),
						),
						stopStartingAt,
					),
				);
		},
	};
	dispatcher.add(waiting);
	alarm.setFor(stopStartingAt);
	const stopListening = budget.onFreed(dispatcher.schedule);

	return {
		turn: (item, next) =>
			new Promise<Turn>((settle, abandon) => {
				Object.assign(item, { settle, abandon });
				if (next === 'retry') rest(item);
				else lines.enter(item);
				if (isStopped) endAll('stopped');
				if (withdrawn.has(item.request) && lines.take(item)) giveUp(item, 'withdrawn');
				// Also while every permit is taken: it wakes into the line, where time stands still for it.
				alarm.setFor(lines.nextWake());
				dispatcher.schedule();
			}),
		isOver: (request) => isStopped || isPast() || withdrawn.has(request),
		stopStarting() {
			isStopped = true;
			endAll('stopped');
		},
		withdraw(request) {
			withdrawn.add(request);
			for (const item of lines.of(request)) if (lines.take(item)) giveUp(item, 'withdrawn');
		},
		abandon(reason) {
			alarm.cancel();
			for (const item of lines.drain()) item.abandon(reason);
		},
		close() {
			alarm.cancel();
			dispatcher.remove(waiting);
			stopListening();
			isStopped = true;
			endAll('stopped');
		},
	};
}
