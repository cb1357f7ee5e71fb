import type { Clock } from '../effects';
import { priceOf } from '../models/cost';
import { createBudget, type Reservation } from './budget';
import { createAlarm, type Dispatcher } from './dispatcher';
import { createEnding, type Ending } from './ending';
import type { Item, Next, Turn } from './item';
import type { Lane } from './lanes';
import type { Lease, Leases } from './leases';
import { createLines, type Line } from './line';
import { review } from './patience';
import { afterPatience, restOf, stepBy, whoGoes, type Leaves, type Rules } from './step';
import type { Finder, Survey } from './survey';
import { timeoutOf, type Terms } from './terms';

/** The waiting and resting items of one tenant. */
export interface Queue extends Pick<Ending, 'isOver' | 'conclude' | 'stopStarting' | 'withdraw'> {
	/** Waits for a turn, at the item's place in the line; where `next` is a retry, after a rest. */
	turn(item: Item, next: Next): Promise<Turn>;
	/** Ends all waiting by an abort. */
	abandon(reason: unknown): void;
	close(): void;
}

export function createQueue(
	options: Terms,
	{ clock, leases, dispatcher }: { clock: Clock; leases: Leases; dispatcher: Dispatcher },
): Queue {
	const { concurrency, maxRetries, retryDelayMs } = options;
	const budget = options.budget ?? createBudget();
	const stopStartingAt = options.stopStartingAt ?? Infinity;
	const patience = {
		deadlineOf: ({ request }: Pick<Item, 'request'>) =>
			timeoutOf(request, options) * (1 + maxRetries),
		unprovenMs: options.isAttended ? 10_000 : 60_000,
		maxRetries,
	};
	const rules: Rules = { patience, retryDelayMs, clock, leases };
	const lines = createLines();
	const alarm = createAlarm(options, clock, dispatcher.wake);
	const ending = createEnding(options, lines, clock);
	let inFlight = 0;

	/** An item that stands in no line ends, or rests and comes back. */
	const follow = (item: Item, step: Leaves) => {
		if (step.kind === 'end') return ending.over(item, step.end);
		const now = clock.now();
		lines.rest(item, now, now + step.ms);
		// At once: whoever looks next may find nothing to start. It wakes also while every permit is taken.
		alarm.setFor(now + step.ms);
	};
	const losePatience = (item: Item) => {
		lines.leave(item, clock.now());
		follow(item, afterPatience(item, rules));
	};
	/** Where the head of a line may go; null where the line has got another head. */
	const look = (line: Line, finder: Finder): Survey | null => {
		const item = line[0];
		const step = stepBy(item, leases.survey(item, finder), rules);
		if (step.kind === 'stay') return step.seen;
		lines.leave(item, clock.now());
		follow(item, step.kind === 'again' ? restOf(item, rules) : step);
		return null;
	};
	/** Whether the head of a line was started, or where it stands; null where the line has got another head. */
	const tryStart = (line: Line, finder: Finder): 'started' | Survey | null => {
		const seen = look(line, finder);
		if (seen?.kind !== 'open') return seen;
		const item = whoGoes(line, seen.lanes, rules);
		const reserved = budget.reserve(priceOf(item.request));
		if (reserved === 'later') return seen;
		lines.leave(item, clock.now());
		if (typeof reserved === 'string') {
			ending.giveUp(item, reserved === 'never' ? 'maxCost' : reserved);
			return null;
		}
		item.settle({ kind: 'lease', lease: start(item, seen.lanes, reserved) });
		return 'started';
	};
	/** Looks along the lines until one is started; `changed`: whoever has ended may have ended others, in other lines too. */
	const startFirst = (finder: Finder): 'started' | 'changed' | 'none' => {
		for (const line of lines.all()) {
			const result = tryStart(line, finder);
			if (result === 'started') return result;
			if (result === null) return 'changed';
		}
		return 'none';
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
			if (ending.endIfPast() || inFlight >= concurrency) return false;
			lines.wake(clock.now());
			let result = startFirst(finder);
			while (result === 'changed') result = startFirst(finder);
			return result === 'started';
		},
		review() {
			if (ending.endIfPast()) return;
			const lookAgain = review(
				lines,
				(line) => look(line, 'any'),
				losePatience,
				patience,
				clock.now(),
			);
			alarm.setFor(Math.min(lookAgain, stopStartingAt));
		},
	};
	dispatcher.add(waiting);
	alarm.setFor(stopStartingAt);
	const stopListening = budget.onFreed(dispatcher.schedule);

	return {
		turn: (item, next) =>
			new Promise<Turn>((settle, abandon) => {
				Object.assign(item, { settle, abandon });
				if (next === 'retry') follow(item, restOf(item, rules));
				else lines.enter(item);
				ending.endIfOver(item);
				dispatcher.schedule();
			}),
		...ending,
		abandon(reason) {
			alarm.cancel();
			for (const item of lines.drain()) item.abandon(reason);
		},
		close() {
			alarm.cancel();
			dispatcher.remove(waiting);
			stopListening();
			ending.stopStarting();
		},
	};
}
