import { connectGemini } from '../call/gemini';
import type { Clock, Fetch } from '../effects';
import type { LaneAddress, Via } from '../lane';
import type { Fault } from '../outcome';
import type { ImageRequest } from '../request';

/** The SDK itself would not send it. */
export interface Unsent {
	readonly unsent: Fault;
}

/**
 * The body that a call of its own would have, additional fields and all: the SDK makes it, and it is sent nowhere.
 * Rejects where an input image cannot be loaded, and once the signal is aborted.
 */
export async function bodyOf(
	request: ImageRequest,
	address: LaneAddress,
	{ sleep, signal }: Pick<Via, 'sleep' | 'signal'>,
	clock: Pick<Clock, 'wallClock'>,
): Promise<string | Unsent> {
	const sent: string[] = [];
	const keep: Fetch = async (_url, init) => {
		sent.push(String(init?.body));
		return new Response('{}');
	};
	const outcome = await connectGemini(address, clock).call(request, { fetch: keep, sleep, signal });
	signal.throwIfAborted();
	// Without a reply there is neither an image nor a refusal.
	return sent[0] ?? { unsent: outcome as Fault };
}
