import { GoogleGenAI } from '@google/genai/web';
import { NO_USAGE } from '../image/image';
import type { LaneAddress, Via } from '../lane';
import type { Fault } from '../outcome';
import { classifyNetwork } from './classifyNetwork';
import { openExchange, type SdkFetch } from './exchange';
import type { Tell } from './secrets';
import type { Reply } from './body';

/** `/web` reads no environment: no variable can send a call, and with it the key, elsewhere. */
export const openClient = ({ key, baseUrl, apiVersion }: LaneAddress) =>
	new GoogleGenAI({ apiKey: key, vertexai: false, apiVersion, httpOptions: { baseUrl } });

/** The reply to one call, or why there is none. */
export type Answered =
	{ readonly reply: Reply; readonly fault: null } | { readonly reply: null; readonly fault: Fault };

/** So much of a body may be no image: a body without end must not fill the memory. */
const BODY_LIMIT = 4 * 1024 * 1024;
/** A 1K image in PNG. */
export const USUAL_IMAGE = 2 * 1024 * 1024;

/** Lets the SDK make one call through a `fetch` of its own, and tells what was seen on the wire. */
export async function ask(
	via: Via,
	tell: Tell,
	call: (fetch: SdkFetch) => Promise<unknown>,
	usualImage = USUAL_IMAGE,
): Promise<Answered> {
	const { fetch, seen } = openExchange(via, { limit: BODY_LIMIT, usualImage });
	let complaint: unknown;
	try {
		// The SDK never lets go of a signal it was given, so it is given none: `fetch` obeys ours.
		if (!via.signal.aborted) await call(fetch);
	} catch (thrown) {
		complaint = thrown;
	}
	const exchanged = seen();
	if (exchanged !== null && 'reply' in exchanged) return { reply: exchanged.reply, fault: null };
	if (via.signal.aborted) return unanswered('aborted', 'The call was stopped.');
	if (exchanged !== null) return { reply: null, fault: classifyNetwork(exchanged.rejected, tell) };
	// The SDK itself would not send it.
	return unanswered('badRequest', tell(complaint instanceof Error ? complaint.message : ''));
}

const unanswered = (kind: Fault['kind'], message: string): Answered => ({
	reply: null,
	fault: {
		kind,
		status: null,
		message,
		hintMs: null,
		detail: null,
		perModel: false,
		usage: NO_USAGE,
	},
});
