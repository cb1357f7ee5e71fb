import { connectGemini } from '../call/gemini';
import type { Clock, Fetch } from '../effects';
import type { LaneAddress, Via } from '../lane';
import type { ImageRequest } from '../request';

/**
 * The body that a call of its own would have, additional fields and all: the SDK makes it, and it is sent nowhere.
 * Rejects where an input image cannot be loaded.
 */
export async function bodyOf(
	request: ImageRequest,
	address: LaneAddress,
	{ sleep, signal }: Pick<Via, 'sleep' | 'signal'>,
	clock: Pick<Clock, 'wallClock'>,
): Promise<string> {
	let body = '';
	const keep: Fetch = async (_url, init) => {
		body = String(init?.body);
		return new Response('{}');
	};
	await connectGemini(address, clock).call(request, { fetch: keep, sleep, signal });
	return body;
}
