import type { Fetch, FetchedResponse, FetchInit } from '../effects';

const MOST_HOPS = 5;

/** A reply, or why its redirect was not followed. */
export type Followed =
	| { readonly response: FetchedResponse; readonly refused: null }
	| { readonly response: FetchedResponse; readonly refused: string };

/**
 * Follows redirects within the origin. Any other is refused: the request carries the key. Methods stay as they are,
 * but for 303, which asks for a GET.
 */
export async function fetchWithinOrigin(
	fetch: Fetch,
	address: string,
	init: FetchInit,
): Promise<Followed> {
	let url = new URL(address);
	let request: FetchInit = { ...init, redirect: 'manual' };
	for (let hop = 0; ; hop += 1) {
		const response = await fetch(url.href, request);
		const location = response.headers.get('location');
		if (!isRedirect(response.status) || location === null) return { response, refused: null };
		const next = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
		if (next?.origin !== url.origin) return { response, refused: 'foreign redirect' };
		if (hop === MOST_HOPS) return { response, refused: 'redirected too often' };
		await response.body?.cancel();
		if (response.status === 303) request = { ...request, method: 'GET', body: null };
		url = next;
	}
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);
