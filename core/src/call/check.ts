import pLimit from 'p-limit';
import type { LaneAddress } from '../lane';
import { withAsking, type Asking, type ModelPage } from './models';
import type { FaultDetail, FaultKind } from '../outcome';
import { namesOf } from '../names';
import { adviceOf, saysOf } from '../words';
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

/** Asks every lane for one model, which costs nothing. Results come in the order of the addresses. */
export function checkLanes(
	addresses: readonly LaneAddress[],
	host: Asking,
): Promise<readonly CheckedLane[]> {
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
				message: fault === null ? 'The key works.' : adviceFor(fault),
				latencyMs: Math.round(host.now() - startedAt),
			};
		};
		return Promise.all(withMask(addresses).map((address) => limit(check, address)));
	});
}

const CHECK_ADDRESS = 'Check Base URL and API Version.';
const TRY_LATER = 'The endpoint does not work right now. Try again in a few minutes.';

const ADVICE: Readonly<Record<FaultKind, string>> = {
	badKey: 'The endpoint does not accept this key. Replace the key.',
	forbidden: 'This key may not be used here. Check its restrictions and permissions.',
	billing:
		'The account has no credit left, or its project no billing. Add credit, or set up billing at aistudio.google.com.',
	modelMissing: `The endpoint has no list of models here. ${CHECK_ADDRESS}`,
	wrongUrl: `Nothing at this address speaks the Gemini API. ${CHECK_ADDRESS}`,
	badRequest: `The endpoint does not understand the request. ${CHECK_ADDRESS}`,
	throttled: 'The endpoint asks to wait. Try again in a minute.',
	dailyQuota: 'The quota of the day is used up. It is renewed at midnight Pacific time.',
	regionBlocked:
		'Google does not serve the place it is called from. Use an endpoint in another region.',
	unreachable: 'The address cannot be reached. Check Base URL, network and proxy settings.',
	timeout: 'No answer came in time. Try again, or check Base URL and proxy settings.',
	aborted: 'No answer came in time. Try again, or check Base URL and proxy settings.',
	gatewayTimeout: TRY_LATER,
	serverFault: TRY_LATER,
	truncated: TRY_LATER,
	noImage: TRY_LATER,
	notGemini: TRY_LATER,
};

/** Where more is known than the kind. */
function wordsFor(detail: FaultDetail): string {
	const says = saysOf({ kind: 'forbidden', detail });
	return `${says.charAt(0).toUpperCase()}${says.slice(1)}. ${adviceOf({ kind: 'forbidden', detail }, namesOf())}`;
}

/** A sentence that says what to do, and in quotes what the other side said. */
function adviceFor({ kind, detail, said }: NonNullable<ModelPage['fault']>): string {
	const advice = detail === null ? ADVICE[kind] : wordsFor(detail);
	return said === '' || kind === 'aborted' ? advice : `${advice} It said: "${said}"`;
}
