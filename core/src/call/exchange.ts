import type { HttpOptions } from '@google/genai/web';
import type { Via } from '../lane';
import { type BodySizes, readBody, type Reply } from './body';
import { fetchWithinOrigin, type Followed } from './redirect';

/** What became of one HTTP exchange: a reply, or what `fetch` rejected with. */
export type Exchanged = { readonly reply: Reply } | { readonly rejected: unknown };

export type SdkFetch = NonNullable<HttpOptions['fetch']>;

/** One call's `fetch` for the SDK, and what it saw. */
export interface Exchange {
	readonly fetch: SdkFetch;
	/** Null until the SDK has used `fetch`. */
	readonly seen: () => Exchanged | null;
}

/**
 * The SDK keeps neither headers nor the status of a body it cannot parse, and drops fields it does not know. So this
 * `fetch` reads the body itself, keeps all of it for the classifier.
 */
export function openExchange(via: Via, sizes: BodySizes): Exchange {
	let seen: Exchanged | null = null;
	return {
		seen: () => seen,
		fetch: async (url, init) => {
			try {
				const reply = await exchange(via, sizes, String(url), init ?? {});
				seen = { reply };
				return forSdk(reply);
			} catch (rejected) {
				seen = { rejected };
				throw rejected;
			}
		},
	};
}

async function exchange(
	via: Via,
	sizes: BodySizes,
	url: string,
	init: RequestInit,
): Promise<Reply> {
	const headers = new Headers(init.headers);
	// Base64 hardly shrinks: inflating 8 MB costs 110 ms and saves a quarter of the bytes.
	headers.set('accept-encoding', 'identity');
	const following = fetchWithinOrigin(via.fetch, url, {
		method: init.method ?? 'GET',
		headers: Object.fromEntries(headers),
		body: typeof init.body === 'string' ? init.body : null,
		signal: via.signal,
	});
	const { response, refused } = await untilAborted(following, via.signal);
	const { status } = response;
	if (refused !== null) {
		await response.body?.cancel();
		const address = addressOf(response.headers.get('location') ?? '', url);
		const isKnown = refused === 'foreign redirect' && address !== null;
		const text = isKnown ? `It redirects to ${address}` : refused;
		const end = isKnown ? 'moved' : 'whole';
		return { status, headers: response.headers, json: undefined, text, end };
	}
	return {
		status,
		headers: response.headers,
		...(await readBody(response, via, sizes)),
	};
}

/** The Base URL that a redirect leads to; null where it leads nowhere. */
function addressOf(location: string, from: string): string | null {
	if (!URL.canParse(location, from)) return null;
	const { origin, pathname } = new URL(location, from);
	return origin + pathname.replace(/\/(?:v1[a-z]*\/models\/.*)?$/, '');
}

/** A client may be slow to notice the signal; a reply that comes all the same is dropped. */
async function untilAborted(following: Promise<Followed>, signal: AbortSignal): Promise<Followed> {
	let stop = () => {};
	const aborted = new Promise<never>((_resolve, reject) => {
		stop = () => reject(signal.reason);
	});
	signal.addEventListener('abort', stop, { once: true });
	try {
		return await Promise.race([following, aborted]);
	} catch (reason) {
		following.then(({ response }) => response.body?.cancel()).catch(() => {});
		throw reason;
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

/** The part of a Response that the SDK uses. It is shown no answer: whatever it made of one would not be used. */
function forSdk({ status, headers }: Reply): Response {
	return {
		ok: status >= 200 && status < 300,
		status,
		statusText: '',
		headers,
		json: async () => ({}),
		text: async () => '',
	} as unknown as Response;
}
