import pLimit from 'p-limit';
import type { Asking } from '../call/models';
import { withMask } from '../call/secrets';
import type { Clock, Host } from '../effects';
import type { LaneAddress } from '../lane';
import type { Fault } from '../outcome';
import { backoffMs } from '../pool/patience';
import { hasNoBatchApi, sightOf, type Denial, type Sight } from './decide';
import type { Job } from './job';
import { createBatchLane, type BatchLane } from './lane';

/** What a lane has shown of its batches. */
export interface Seen {
	readonly lane: BatchLane;
	readonly sight: Sight;
	/** Empty where it has shown none. */
	readonly jobs: readonly Job[];
	/** Why it has shown none; null where it has. */
	readonly fault: Fault | null;
}

/** Asking costs nothing: a lane that does not say is asked again. */
const TRIES = 3;
const FIRST_DELAY_MS = 1000;
/** A longer wait is left to the next pass. */
const LONGEST_HINT_MS = 60_000;
/** Lanes asked at the same time. */
const AT_ONCE = 16;

type Around = { readonly host: Host; readonly clock: Clock };

export async function lookAt(lane: BatchLane, { host, clock }: Around): Promise<Seen> {
	for (let tried = 1; ; tried += 1) {
		const { value, fault } = await lane.list();
		if (fault === null) return { lane, sight: 'seen', jobs: value, fault };
		const sight = sightOf(fault.kind);
		const passes = sight === 'blind' && (fault.hintMs ?? 0) <= LONGEST_HINT_MS;
		if (!passes || tried === TRIES) return { lane, sight, jobs: [], fault };
		const ms = backoffMs(tried, FIRST_DELAY_MS, fault.hintMs, () => clock.random());
		await host.sleep(ms, host.signal);
		host.signal.throwIfAborted();
	}
}

/** Those that have shown none. */
export const denialsOf = (seen: readonly Seen[]): readonly Denial[] =>
	seen.flatMap(({ lane, fault }) => (fault === null ? [] : [{ lane, fault, asked: 'list' }]));

export const lookAtAll = (lanes: readonly BatchLane[], around: Around): Promise<readonly Seen[]> =>
	pLimit(AT_ONCE).map(lanes, (lane) => lookAt(lane, around));

/**
 * Which lanes have a Batch API, in the order of the addresses; null where a lane does not say. Asking costs nothing, and is
 * done once.
 */
export const checkBatches = (
	addresses: readonly LaneAddress[],
	host: Asking,
): Promise<readonly (boolean | null)[]> =>
	pLimit(AT_ONCE).map(withMask(addresses), async (address) => {
		const { fault } = await createBatchLane(address, 1, host, host).list(1, host.patienceMs);
		if (fault === null) return true;
		return hasNoBatchApi({ fault, asked: 'list' }) ? false : null;
	});
