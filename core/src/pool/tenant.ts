import type { DrawFailure, Drawn, Made } from '../draw';
import type { Host } from '../effects';
import type { ImageRequest } from '../request';
import { estimateCostUsd } from '../models/cost';
import { createAlarm } from './alarm';
import type { Dispatcher } from './dispatcher';
import { createItem, type Item, type Next, type Turn } from './item';
import type { Lease } from './lease';
import type { Lane } from './lanes';
import { drawImages } from './loop';
import type { JoinOptions, PoolSide, Tenant } from './pool';
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
	/** True once nothing further is to be started. */
	readonly isStopped: boolean;
	/** Calls in flight, for an abort to reach. */
	readonly calls: Set<AbortController>;
	onFailure(request: ImageRequest, failure: DrawFailure): void;
	/** Waits in the line; where `next` is a retry, after a rest. */
	turn(item: Item, next: Next): Promise<Turn>;
}

/** Puts one execution on the pool. */
export function createTenant(options: JoinOptions, pool: PoolSide, dispatcher: Dispatcher): Tenant {
	const { budget, concurrency, maxRetries, retryDelayMs, timeoutMs, signal } = options;
	const { clock } = pool;
	const stopStartingAt = options.stopStartingAt ?? Infinity;
	const deadlineMs = timeoutMs * (1 + maxRetries);
	const calls = new Set<AbortController>();
	const alarm = createAlarm(options, clock, dispatcher.wake);
	let inFlight = 0;
	let entered = 0;
	let isStopped = false;

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

	const isOver = () => clock.now() >= stopStartingAt;
	const waiting = {
		startOne() {
			if (isOver()) queue.endAll('stopStartingAfter');
			return inFlight < concurrency && queue.startOne();
		},
		review() {
			if (isOver()) queue.endAll('stopStartingAfter');
			else alarm.setFor(Math.min(queue.review(), stopStartingAt));
		},
	};

	const abort = () => {
		alarm.cancel();
		queue.abandonAll(signal.reason);
		for (const call of calls) call.abort(signal.reason);
	};
	signal.addEventListener('abort', abort, { once: true });
	dispatcher.add(waiting);

	const side: TenantSide = {
		pool,
		host: options,
		timeoutMs,
		maxRetries,
		calls,
		onFailure: (request, failure) => options.onFailure?.(request, failure),
		get isStopped() {
			return isStopped || isOver();
		},
		turn: (item, next) =>
			new Promise<Turn>((settle, abandon) => {
				item.settle = settle;
				item.abandon = abandon;
				if (next === 'retry') queue.rest(item);
				else queue.enter(item);
				if (isStopped) queue.endAll('stopped');
				dispatcher.schedule();
			}),
	};

	return {
		async draw<T>(request: ImageRequest, keep: (made: Made) => Promise<T>): Promise<Drawn<T>> {
			signal.throwIfAborted();
			return await drawImages(createItem(entered++, request, clock.now()), side, keep);
		},
		stopStarting() {
			isStopped = true;
			queue.endAll('stopped');
		},
		withdraw: (request) => queue.withdraw(request),
		leave() {
			alarm.cancel();
			signal.removeEventListener('abort', abort);
			dispatcher.remove(waiting);
		},
	};
}
