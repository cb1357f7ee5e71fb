import { ask, openClient } from '../call/ask';
import { classifyReply } from '../call/classify';
import { findError } from '../call/errorBody';
import { tellFor } from '../call/message';
import { list, words } from '../call/reply';
import type { Clock } from '../effects';
import type { LaneAddress, Via } from '../lane';
import type { OutcomeKind } from '../outcome';

/** One page of an endpoint's own models, or why there is none. */
export interface ModelPage {
	readonly models: readonly unknown[];
	/** `''` after the last page. */
	readonly nextPageToken: string;
	readonly status: number | null;
	readonly fault: { readonly kind: OutcomeKind; readonly said: string } | null;
}

/** Asks for one page of models: a call that is free of charge. */
export async function askForModels(
	address: LaneAddress,
	via: Via & Pick<Clock, 'wallClock'>,
	page: { readonly pageSize: number; readonly pageToken?: string },
): Promise<ModelPage> {
	const tell = tellFor(address);
	const { reply, fault } = await ask(via, tell, (fetch) =>
		openClient(address).models.list({ config: { ...page, httpOptions: { fetch } } }),
	);
	const none = { models: [], nextPageToken: '', status: reply?.status ?? null };
	if (fault !== null) return { ...none, fault: { kind: fault.kind, said: fault.message } };
	const isSuccess = reply.status >= 200 && reply.status < 300 && reply.end === 'whole';
	if (isSuccess && reply.json !== undefined && findError(reply.json) === null) {
		return {
			models: list(reply.json, 'models'),
			nextPageToken: words(reply.json, 'nextPageToken'),
			status: reply.status,
			fault: null,
		};
	}
	const outcome = classifyReply(reply, { tell, wallClock: () => via.wallClock() });
	const said = 'message' in outcome ? outcome.message : '';
	return { ...none, fault: { kind: outcome.kind, said } };
}
