import type { DrawFailure, Drawn, Made } from '../draw';
import type { Host } from '../effects';
import type { ImageRequest } from '../request';
import { createCalls, type Calls } from '../call/calls';
import { estimateCostUsd } from '../models/cost';
import { createAlarm } from './alarm';
import type { Dispatcher } from './dispatcher';
import { createItem, type Item, type Next, type Turn } from './item';
import type { Lease } from './lease';
import type { Lane } from './lanes';
import { drawImages } from './loop';
import { checkOptions, type JoinOptions } from './joinOptions';
import type { PoolSide, Tenant } from './pool';
import { createQueue } from './queue';
import type { Start } from './rateWindow';

/** However short its own deadline, an item waits this long for lanes that are throttled or down. */
const LEAST_PATIENCE_MS = 10 * 60_000;

/** A tenant as the loop sees it. */
export interface TenantSide {
	readonly pool: PoolSide;
	readonly host: Host;
	readonly timeoutMs: number;
	readonly maxRetries: number;
	/** True once no further call is to be made for a request. */
	isOver(request: ImageRequest): boolean;
	/** Calls in flight, for an abort to reach. */
	readonly calls: Calls;
	onFailure(request: ImageRequest, failure: DrawFailure): void;
	/** Waits in the line; where `next` is a retry, after a rest. */
	turn(item: Item, next: Next): Promise<Turn>;
}

/** Puts one execution on the pool. */
export function createTenant(options: JoinOptions, pool: PoolSide, dispatcher: Dispatcher): Tenant {
	checkOptions(options);
	const { budget, concurrency, maxRetries, retryDelayMs, timeoutMs, signal } = options;
	const { clock } = pool;
	const stopStartingAt = options.stopStartingAt ?? Infinity;
	const deadlineMs = timeoutMs * (1 + maxRetries);
	const calls = createCalls(options);
	const alarm = createAlarm(options, clock, dispatcher.wake);
	let inFlight = 0;
	let entered = 0;
	let isStopped = false;
	const withdrawn = new WeakSet<ImageRequest>();
	/** The items of each request that have not settled. */
	const itemsOf = new Map<ImageRequest, Set<Item>>();

	/** A call's lease, counted for this tenant and paid from its budget. */
	const start = (item: Item, lane: Lane, taken: Start | null): Turn => {
		const lease = pool.lease(item.model, lane, taken);
		const reservedUsd = budget ? (estimateCostUsd(item.request) ?? 0) : 0;
		let costUsd = 0;
		inFlight += 1;
		const own: Lease = {
			...lease,
			record(outcome, usd) {
				costUsd = usd;
				lease.record(outcome, usd);
			},
			[Symbol.dispose]() {
				inFlight -= 1;
				budget?.settle(reservedUsd, costUsd);
				lease[Symbol.dispose]();
			},
		};
		return { kind: 'lease', lease: own };
	};

	const queue = createQueue(pool, {
		maxRetries,
		retryDelayMs,
		deadlineMs,
		patienceMs: Math.max(deadlineMs, LEAST_PATIENCE_MS),
		reserve(item) {
			if (budget === null) return 'granted';
			const usd = estimateCostUsd(item.request);
			if (usd === null) return 'unknownPrice';
			const answer = budget.reserve(usd);
			return answer === 'never' ? 'maxCost' : answer;
		},
		start,
	});

	const isLate = () => clock.now() >= stopStartingAt;
	const waiting = {
		startOne() {
			if (isLate()) queue.endAll('stopStartingAfter');
			return inFlight < concurrency && queue.startOne();
		},
		review() {
			if (isLate()) queue.endAll('stopStartingAfter');
			else alarm.setFor(Math.min(queue.review(), stopStartingAt));
		},
	};

	const abort = () => {
		alarm.cancel();
		queue.abandonAll(signal.reason);
		calls.abort(signal.reason);
	};
	signal.addEventListener('abort', abort, { once: true });
	dispatcher.add(waiting);
	alarm.setFor(stopStartingAt);
	const stopListening = budget?.onFreed(dispatcher.schedule);

	const side: TenantSide = {
		pool,
		host: options,
		timeoutMs,
		maxRetries,
		calls,
		onFailure: (request, failure) => options.onFailure?.(request, failure),
		isOver: (request) => isStopped || isLate() || withdrawn.has(request),
		turn: (item, next) =>
			new Promise<Turn>((settle, abandon) => {
				item.settle = settle;
				item.abandon = abandon;
				if (next === 'retry') queue.rest(item);
				else queue.enter(item);
				if (isStopped) queue.endAll('stopped');
				if (withdrawn.has(item.request)) queue.withdraw([item]);
				// Also while every permit is taken: it wakes into the line, where time stands still for it.
				alarm.setFor(queue.nextWake());
				dispatcher.schedule();
			}),
	};

	return {
		async draw<T>(request: ImageRequest, keep: (made: Made) => Promise<T>): Promise<Drawn<T>> {
			signal.throwIfAborted();
			const item = createItem(entered++, request, clock.now());
			const siblings = itemsOf.get(request) ?? new Set();
			itemsOf.set(request, siblings.add(item));
			try {
				return await drawImages(item, side, keep);
			} finally {
				siblings.delete(item);
				if (siblings.size === 0) itemsOf.delete(request);
			}
		},
		stopStarting() {
			isStopped = true;
			queue.endAll('stopped');
		},
		withdraw(request) {
			withdrawn.add(request);
			queue.withdraw(itemsOf.get(request) ?? []);
		},
		mayStart: (request) =>
			!side.isOver(request) && (budget?.covers(estimateCostUsd(request) ?? 0) ?? true),
		leave() {
			alarm.cancel();
			signal.removeEventListener('abort', abort);
			dispatcher.remove(waiting);
			stopListening?.();
		},
	};
}
