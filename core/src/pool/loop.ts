import type { Calls } from '../call/calls';
import type { Clock, Fetch, Host } from '../effects';
import { costUsd } from '../models/cost';
import type { Fault, Outcome } from '../outcome';
import type { Drawn, Made } from '../result';
import { accountOf, byOutcome } from './failure';
import { countsAgainst, decide, leave, type Item, type Next } from './item';
import type { Lease, Leases } from './leases';
import type { Queue } from './queue';
import { timeoutOf, type Terms } from './terms';

/** What the loop needs of its tenant and its pool. */
export interface Around {
	readonly clock: Clock;
	readonly leases: Pick<Leases, 'outages'>;
	readonly queue: Queue;
	readonly calls: Calls;
	readonly options: Terms;
}

/** The whole life of a request: a turn, a call, what came of it, and where to go from there. */
export async function drawImages<T>(
	item: Item,
	around: Around,
	keep: (made: Made) => Promise<T>,
): Promise<Drawn<T>> {
	const { clock, leases, queue, options } = around;
	let next: Next = 'failOver';
	// A lease ends with its block, before the next turn is waited for: whoever waits or rests holds no permit.
	for (let turn = await queue.turn(item, next); ; turn = await queue.turn(item, next)) {
		if (turn.kind === 'over') return turn.end;
		using lease = turn.lease;
		const { outcome, durationMs } = await attempt(item, lease, around).catch(
			fallenThrough(item, around),
		);
		const cost = costOf(item, outcome);
		lease.costUsd = cost ?? 0;
		lease.record(outcome);
		item.spentUsd = item.spentUsd === null || cost === null ? null : item.spentUsd + cost;
		item.last = { lane: lease.lane, outcome };
		if (outcome.kind === 'images') {
			const { images } = outcome;
			const text = item.request.includeText ? outcome.text : '';
			const made: Made = { images, text, account: accountOf(item, clock.now()) };
			return { status: 'ok', made, kept: await keep(made).catch(fallenThrough(item, around)) };
		}
		item.stopwatch.add(durationMs, countsAgainst(lease, outcome));
		options.signal.throwIfAborted();
		next = queue.isOver(item.request) ? 'fail' : decide(item, lease, outcome, options.maxRetries);
		if (next === 'fail') {
			const end = byOutcome(item, clock.now(), leases.outages(item.model));
			queue.conclude(item.request, end);
			return end;
		}
		leave(item, lease, outcome);
	}
}

/** A host that cannot load or keep an image of a request can do so for none of its others. */
const fallenThrough =
	({ request }: Item, { queue, options }: Around) =>
	(reason: unknown): never => {
		if (options.stopOnFailure) queue.stopStarting();
		queue.withdraw(request);
		throw reason;
	};

/** By list price or image tokens; an answer without an image costs what its image tokens say. */
function costOf({ request }: Item, { usage, ...outcome }: Outcome): number | null {
	const images = outcome.kind === 'images' ? outcome.images.length : 0;
	return costUsd(request, usage, images);
}

/** One call, and what it adds to the item's account. */
async function attempt(item: Item, lease: Lease, { clock, calls, options }: Around) {
	const startedAt = clock.now();
	const send = leaving(options, lease);
	const timeoutMs = timeoutOf(item.request, options);
	const { result, timedOut } = await calls.make(timeoutMs, (signal, again) =>
		lease.lane.client.call(item.request, {
			// What its images to work from took to load is no time of its server's.
			fetch: item.request.referenceImages.length > 0 ? timedAnew(send, again) : send,
			sleep: options.sleep,
			signal,
			timeoutMs,
		}),
	);
	let outcome = result;
	if (outcome.kind === 'aborted' && timedOut)
		outcome = { ...outcome, kind: 'timeout', message: '' } satisfies Fault;
	const durationMs = clock.now() - startedAt;
	item.attempts.push({
		lane: lease.lane.label,
		outcome: outcome.kind,
		status: 'status' in outcome ? outcome.status : 200,
		durationMs,
		hintMs: 'hintMs' in outcome ? outcome.hintMs : null,
	});
	return { outcome, durationMs };
}

function timedAnew(fetch: Fetch, again: () => void): Fetch {
	let isBegun = false;
	return (...request) => {
		// A redirect is followed within the same time.
		if (!isBegun) again();
		isBegun = true;
		return fetch(...request);
	};
}

/** The host's `fetch`. In one turn of the process after the call it connects, in the next it sends: then it has left. */
function leaving({ fetch, sleep }: Host, { left }: Lease): Fetch {
	if (left === null) return fetch;
	return (...request) => {
		const answer = fetch(...request);
		void sleep(0)
			.then(() => sleep(0))
			.then(left);
		return answer;
	};
}
