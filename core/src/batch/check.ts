import pLimit from 'p-limit';
import type { Asking } from '../call/models';
import { withMask } from '../call/secrets';
import type { LaneAddress } from '../lane';
import { createBatchLane } from './lane';

/** Lanes asked at the same time. */
const AT_ONCE = 16;

/** Which lanes have a Batch API, in the order of the addresses. Asking costs nothing. */
export const checkBatches = (
	addresses: readonly LaneAddress[],
	host: Asking,
): Promise<readonly boolean[]> =>
	pLimit(AT_ONCE).map(withMask(addresses), async (address) => {
		const { fault } = await createBatchLane(address, 1, host, host).list(1);
		return fault === null;
	});
