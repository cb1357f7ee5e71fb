import { createCalls } from '../call/calls';
import type { Clock } from '../effects';
import { namesOf } from '../names';
import type { ImageRequest } from '../request';
import type { Drawn, Made } from '../result';
import type { Dispatcher } from './dispatcher';
import { isPacing, type Rest } from './health';
import { createItem } from './item';
import type { Leases } from './leases';
import { drawImages } from './loop';
import { createQueue } from './queue';
import type { Scope } from './scope';
import { termsOf, type JoinOptions } from './terms';

/** One execution on the pool. */
export interface Tenant {
	/**
	 * Makes the images of one request. `keep` stores them (a file, n8n's binary store) and runs while the permit
	 * is held, so that memory follows concurrency; what it returns is passed on as `kept`.
	 * Once it is refused, nothing more is started for this very request object.
	 * Rejects only when the host's signal is aborted (with its reason), or where `keep` or a reference image's `load` does.
	 */
	draw<T>(request: ImageRequest, keep: (made: Made) => Promise<T>): Promise<Drawn<T>>;
	/** Starts nothing further: waiting requests end as `notStarted`, calls in flight are finished without retry. */
	stopStarting(): void;
	/** No call is made for this very request object any more: what waits for its first one ends as `notStarted`. */
	withdraw(request: ImageRequest): void;
	/** Ends the tenancy: what still waits ends as `notStarted`. */
	leave(): void;
}

/** However many executions ask whether a lane is mended. */
const ASKS_EVERY_MS = 30_000;

/** Puts one execution on the pool. */
export function createTenant(
	joining: JoinOptions,
	pool: { clock: Clock; leases: Leases; dispatcher: Dispatcher },
): Tenant {
	const options = termsOf(joining);
	const { signal } = options;
	const { clock, leases } = pool;
	const calls = createCalls(options);
	const queue = createQueue(options, pool);
	const joinedAt = clock.now();
	/** What was put to rest before this execution may have been mended since: its first look is a call. */
	const mayAsk = (lane: Scope, rest: Rest) =>
		rest.since < joinedAt && clock.now() - lane.askedAt >= ASKS_EVERY_MS && !isPacing(rest);
	const names = namesOf(options.names);
	let entered = 0;
	const abort = () => {
		queue.abandon(signal.reason);
		calls.abort(signal.reason);
	};
	signal.addEventListener('abort', abort, { once: true });
	const around = { clock, leases, queue, calls, options };
	return {
		async draw(request, keep) {
			signal.throwIfAborted();
			const item = createItem(entered++, request, clock.now(), names, mayAsk);
			return await drawImages(item, around, keep);
		},
		stopStarting: queue.stopStarting,
		withdraw: queue.withdraw,
		leave() {
			signal.removeEventListener('abort', abort);
			queue.close();
		},
	};
}
