import type { FaultKind } from './outcome';
import type { NotMade, PoolEnd } from './result';

/** What may help where an image came to nothing. The hosts advise by it. */
export interface Remedy {
	/** Whether it is due to an endpoint or its key, and would have befallen any item; else to this one. */
	readonly concerns: 'item' | 'endpoint';
	/**
	 * `retry`: another attempt. `later`: the same once more, when time has passed. `mending`: a person has to mend something,
	 * then the same once more. `nothing`: the same once more would come to the same.
	 */
	readonly helps: 'retry' | 'later' | 'mending' | 'nothing';
}

const item = (helps: Remedy['helps']): Remedy => ({ concerns: 'item', helps });
const endpoint = (helps: Remedy['helps']): Remedy => ({ concerns: 'endpoint', helps });

const REMEDIES: Readonly<Record<FaultKind | PoolEnd, Remedy>> = {
	badRequest: item('nothing'),
	badKey: endpoint('mending'),
	forbidden: endpoint('mending'),
	billing: endpoint('mending'),
	modelMissing: endpoint('mending'),
	wrongUrl: endpoint('mending'),
	throttled: item('later'),
	dailyQuota: endpoint('later'),
	regionBlocked: endpoint('mending'),
	unreachable: endpoint('retry'),
	serverFault: item('retry'),
	gatewayTimeout: item('retry'),
	timeout: item('retry'),
	truncated: item('retry'),
	noImage: item('retry'),
	notGemini: endpoint('nothing'),
	aborted: item('later'),
	deadline: endpoint('retry'),
	noLane: endpoint('mending'),
	stopped: item('later'),
	withdrawn: item('nothing'),
	stopStartingAfter: item('later'),
	maxCost: item('nothing'),
	unknownPrice: item('nothing'),
};

/** Google's reasons to decline and the hosts' own codes stand in no table: they concern the one item. */
export const remedyOf = ({ code }: Pick<NotMade, 'code'>): Remedy =>
	Object.hasOwn(REMEDIES, code) ? REMEDIES[code as keyof typeof REMEDIES] : item('later');
