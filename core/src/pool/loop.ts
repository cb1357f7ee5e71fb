import type { DrawFailure, Drawn, Made } from '../draw';
import type { Fetch, Host } from '../effects';
import type { Fault, Outcome } from '../outcome';
import { costUsd as priceOf } from '../models/cost';
import { byOutcome } from './failure';
import { decide, failOver, isServed, type Item, type Next } from './item';
import type { Lease } from './lease';
import type { TenantSide } from './tenant';

/** The whole life of a request: a turn, a call, what came of it, and where to go from there. */
export async function drawImages<T>(
	item: Item,
	tenant: TenantSide,
	keep: (made: Made) => Promise<T>,
): Promise<Drawn<T>> {
	const { pool } = tenant;
	let next: Next = 'failOver';
	// A lease ends with its block, before the next turn is waited for: whoever waits or rests holds no permit.
	for (let turn = await tenant.turn(item, next); ; turn = await tenant.turn(item, next)) {
		if (turn.kind === 'over') return ended(item, turn.failure, tenant);
		using lease = turn.lease;
		const { outcome, durationMs } = await attempt(item, lease, tenant);
		const costUsd = costOf(item, outcome);
		lease.record(outcome, costUsd ?? 0);
		item.spentUsd = sum(item.spentUsd, costUsd);
		if (outcome.kind === 'images') {
			const made: Made = {
				images: outcome.images,
				text: outcome.text,
				usage: outcome.usage,
				modelVersion: outcome.modelVersion,
				lane: lease.lane.label,
				attempts: item.attempts,
				durationMs: pool.clock.now() - item.enteredAt,
				costUsd: item.spentUsd,
			};
			return { status: 'ok', made, kept: await keep(made) };
		}
		item.last = { lane: lease.lane, outcome };
		item.stopwatch.add(durationMs, isServed(outcome));
		tenant.host.signal.throwIfAborted();
		next = tenant.isOver(item.request)
			? 'fail'
			: decide(item, lease.lane, outcome, tenant.maxRetries);
		if (next === 'fail') {
			return ended(item, byOutcome(item, pool.clock.now(), pool.outages(item.model)), tenant);
		}
		if (next === 'failOver') failOver(item, lease, outcome);
	}
}

function ended({ request }: Item, failure: DrawFailure, { onFailure }: TenantSide): Drawn<never> {
	const { status } = failure.facts;
	if (status !== 'notStarted') onFailure(request, failure);
	return { status, failure };
}

/** What is unknown stays unknown. */
const sum = (one: number | null, other: number | null): number | null =>
	one === null || other === null ? null : one + other;

/** By list price or image tokens; an answer without an image costs what its image tokens say. */
function costOf({ request }: Item, { usage, ...outcome }: Outcome): number | null {
	const images = outcome.kind === 'images' ? outcome.images.length : 0;
	return priceOf(request, usage, images);
}

/** One call, and what it adds to the item's account. */
async function attempt(item: Item, lease: Lease, tenant: TenantSide) {
	const { pool, host } = tenant;
	const startedAt = pool.clock.now();
	const { result, timedOut } = await tenant.calls.make(tenant.timeoutMs, (signal) =>
		lease.lane.client.call(item.request, {
			fetch: leaving(host, lease),
			sleep: host.sleep,
			signal,
		}),
	);
	let outcome = withoutKeys(result, pool.redact);
	if (outcome.kind === 'aborted' && timedOut)
		outcome = { ...outcome, kind: 'timeout', message: '' } satisfies Fault;
	const durationMs = pool.clock.now() - startedAt;
	item.attempts.push({
		lane: lease.lane.label,
		outcome: outcome.kind,
		status: 'status' in outcome ? outcome.status : 200,
		durationMs,
		hintMs: 'hintMs' in outcome ? outcome.hintMs : null,
	});
	return { outcome, durationMs };
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

/** A proxy may echo any key it was given, wherever it has words to say. */
function withoutKeys(outcome: Outcome, redact: (text: string) => string): Outcome {
	if (!('text' in outcome)) return { ...outcome, message: redact(outcome.message) };
	const modelVersion = outcome.modelVersion && redact(outcome.modelVersion);
	const said = { text: redact(outcome.text), modelVersion };
	return outcome.kind === 'refused'
		? { ...outcome, ...said, reason: redact(outcome.reason) }
		: { ...outcome, ...said };
}
