import pLimit from 'p-limit';
import type { LaneAddress } from '../lane';
import { withAsking, type Asking, type ModelPage } from './models';
import { namesOf, type Names } from '../names';
import { checkedWords } from '../words';
import { withMask } from './secrets';

/** How one lane answered when asked for its models. No image was made. */
export interface CheckedLane {
	/** `Endpoint 1 #2` */
	readonly lane: string;
	/** `Endpoint 1` */
	readonly endpoint: string;
	readonly ok: boolean;
	/** HTTP status; null where no reply came. */
	readonly status: number | null;
	/** What to do next; holds no key. */
	readonly message: string;
	readonly latencyMs: number;
}

/** Lanes asked at the same time: a credential may hold a hundred keys. */
const AT_ONCE = 16;

/**
 * Asks every lane for one model, which costs nothing. Results come in the order of the addresses.
 * @param own what the host calls otherwise
 */
export function checkLanes(
	addresses: readonly LaneAddress[],
	host: Asking,
	own?: Partial<Names>,
): Promise<readonly CheckedLane[]> {
	const names = namesOf(own);
	const limit = pLimit(AT_ONCE);
	return withAsking(host, (askForModels) => {
		const check = async (address: LaneAddress): Promise<CheckedLane> => {
			const startedAt = host.now();
			const { fault, status } = await askForModels(address, { pageSize: 1 });
			return {
				lane: address.label,
				endpoint: address.endpoint,
				ok: fault === null,
				status,
				message: fault === null ? 'The key works.' : told(fault, names),
				latencyMs: Math.round(host.now() - startedAt),
			};
		};
		return Promise.all(withMask(addresses).map((address) => limit(check, address)));
	});
}

/** A sentence that says what to do, and in quotes what the other side said. */
function told(fault: NonNullable<ModelPage['fault']>, names: Names): string {
	const words = checkedWords(fault, names);
	return fault.said === '' || fault.kind === 'aborted'
		? words
		: `${words} It said: "${fault.said}"`;
}
