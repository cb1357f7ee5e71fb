import { backoffMs } from './backoff';
import { byDeadline, byExhaustion, byOutcome, notStarted } from './failure';
import { beginRound, type Item, type Turn } from './item';
import type { Line } from './lines';
import { isLate, nextLook, type Patience, type Wait } from './patience';
import { createRoom } from './room';
import { pick, survey, type Survey } from './survey';
import type { DrawFailure } from '../draw';
import type { Lane } from './lanes';
import type { PoolSide } from './pool';
import type { Start } from './rateWindow';

/** What a tenant allows its items. Milliseconds; times are the pool's. */
export interface Terms extends Patience {
	readonly maxRetries: number;
	readonly retryDelayMs: number;
	/** Sets aside what a call may cost: `granted`, or the reason against it. */
	reserve(item: Item): 'granted' | 'later' | 'maxCost' | 'unknownPrice';
	/** Starts a call on a lane whose window has been taken. */
	start(item: Item, lane: Lane, taken: Start | null): Turn;
}

/** The waiting and resting items of one tenant. */
export interface Queue {
	/** Puts an item at its place in the line. */
	enter(item: Item): void;
	/** Lets an item rest before a new round, or ends it where it has no retry or no time left. */
	rest(item: Item): void;
	/** When the next rest is over, pool time; Infinity where nobody rests. */
	nextWake(): number;
	/** Starts the first item that can be served now; false where none can. */
	startOne(): boolean;
	/** Ends what cannot be served in time; answers when to look again (pool time; Infinity: when something happens). */
	review(): number;
	/** Nothing is started any more. */
	endAll(code: 'stopped' | 'stopStartingAfter'): void;
	/** Ends these of its items that wait or rest. */
	withdraw(items: Iterable<Item>): void;
	abandonAll(reason: unknown): void;
}

export function createQueue(pool: PoolSide, terms: Terms): Queue {
	const { clock } = pool;
	const room = createRoom();

	const over = (item: Item, failure: DrawFailure) => item.settle({ kind: 'over', failure });
	const fail = (item: Item, failure: DrawFailure, now: number) => {
		room.leave(item, now);
		over(item, failure);
	};

	/** Ends an item that is not to be called for any more: what it has come to so far decides. */
	const giveUp = (item: Item, code: Parameters<typeof notStarted>[2]) => {
		const now = clock.now();
		const isServed = item.stopwatch.isStarted;
		over(item, isServed ? byOutcome(item, now, []) : notStarted(item, now, code));
	};

	const rest = (item: Item) => {
		const now = clock.now();
		if (item.retries >= terms.maxRetries) {
			over(item, byOutcome(item, now, pool.outages(item.model)));
			return;
		}
		beginRound(item);
		const hint = item.last && 'hintMs' in item.last.outcome ? item.last.outcome.hintMs : null;
		const restMs = backoffMs(item.retries, terms.retryDelayMs, hint, clock.random);
		if (isLate(item, terms, now, restMs)) over(item, byDeadline(item, now));
		else room.rest(item, now, now + restMs);
	};

	/** Where the head of a line may go; null where the line has got another head. */
	const look = (line: Line, now: number): Survey | null => {
		const item = line[0];
		const seen = survey(pool.endpoints, item, now);
		if (isLate(item, terms, now)) fail(item, byDeadline(item, now), now);
		else if (seen.kind === 'exhausted')
			fail(item, byExhaustion(item, now, pool.outages(item.model)), now);
		else if (seen.kind === 'visited') {
			room.leave(item, now);
			rest(item);
		} else return seen;
		return null;
	};

	/** Whether the head of a line was started, or where it stands; null where the line has got another head. */
	const tryStart = (line: Line, now: number): 'started' | Survey | null => {
		const seen = look(line, now);
		if (seen?.kind !== 'open') return seen;
		const item = line[0];
		const reserved = terms.reserve(item);
		if (reserved === 'later') return seen;
		if (reserved !== 'granted') {
			room.take(item);
			giveUp(item, reserved);
			return null;
		}
		const lane = pick(seen.lanes, now);
		const taken = lane.window?.tryTake() ?? null;
		room.leave(item, now);
		item.settle(terms.start(item, lane, taken));
		return 'started';
	};

	/** When to look at a waiting item again; null where it waited in vain and has been ended. */
	const wait = (item: Item, seen: Wait, now: number): number | null => {
		const next = nextLook(item, seen, terms, now);
		if (next === null) fail(item, byDeadline(item, now), now);
		return next;
	};

	return {
		enter: room.enter,
		rest,
		nextWake: room.nextWake,
		startOne() {
			const now = clock.now();
			room.wake(now);
			for (;;) {
				let changed = false;
				for (const line of room.lines()) {
					const result = tryStart(line, now);
					if (result === 'started') return true;
					changed ||= result === null;
				}
				if (!changed) return false;
			}
		},
		review() {
			const now = clock.now();
			room.wake(now);
			const seen = new Map<Line, Survey>();
			for (const line of room.lines()) {
				let result = look(line, now);
				while (result === null && line.length > 0) result = look(line, now);
				if (result) seen.set(line, result);
			}
			let next = room.nextWake();
			for (const item of room.served) {
				const here = seen.get(room.lineOf(item));
				item.stopwatch.look(now, here?.kind === 'wait' && here.paced === 'no');
				if (here?.kind === 'wait') next = Math.min(next, wait(item, here, now) ?? Infinity);
			}
			// Who came first has waited longest: the rest of a line can wait as long as its head can.
			for (const [line, here] of seen) {
				let again: number | null = null;
				while (here.kind === 'wait' && line.length > 0 && again === null) {
					again = wait(line[0], here, now);
				}
				next = Math.min(next, again ?? Infinity);
			}
			return next;
		},
		endAll(code) {
			for (const item of room.drain()) giveUp(item, code);
		},
		withdraw(items) {
			for (const item of items) if (room.take(item)) giveUp(item, 'withdrawn');
		},
		abandonAll(reason) {
			for (const item of room.drain()) item.abandon(reason);
		},
	};
}
