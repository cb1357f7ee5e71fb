import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Fetch } from '../effects';

/** How this command speaks HTTP. */
export interface HttpClient {
	readonly fetch: Fetch;
	/** Ends idle connections, which would keep the process alive for some seconds. */
	close(): Promise<void>;
}

/** Honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY. `--timeout` alone limits a call: the 300 s of Node's own fetch don't apply. */
export const openHttpClient = (): HttpClient => {
	const dispatcher = new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0 });
	const own = (...[input, init]: Parameters<typeof fetch>) => fetch(input, { ...init, dispatcher });
	// undici's types are of another version than those of Node; the values are the same.
	return { fetch: own as unknown as Fetch, close: () => dispatcher.destroy() };
};
