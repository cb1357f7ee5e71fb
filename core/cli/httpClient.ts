import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Fetch } from '../src/effects';
import { UsageInvalid, readText, type Variables } from './input';

/** How this command speaks HTTP. */
export interface HttpClient {
	readonly fetch: Fetch;
	/** Ends idle connections, which would keep the process alive for some seconds. */
	close(): Promise<void>;
}

/** Addresses of the proxies on the way out, for HTTP and for HTTPS; null where there is none. */
export interface Proxies {
	readonly http: string | null;
	readonly https: string | null;
	readonly none: string | null;
}

/** A proxy as other programs take it too: `proxy.corp:8080`. The sentence does not repeat it, since it may hold a password. */
const readProxy = (variables: Variables, name: string): string | null => {
	const text = readText(variables, name.toLowerCase()) ?? readText(variables, name);
	if (text === null) return null;
	const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
	if (/^https?:/i.test(address) && URL.canParse(address)) return address;
	throw new UsageInvalid(
		`${name} must be the address of a proxy, such as http://proxy.example:8080.`,
	);
};

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not. Throws `UsageInvalid`. */
export const readProxies = (variables: Variables): Proxies => ({
	http: readProxy(variables, 'HTTP_PROXY'),
	https: readProxy(variables, 'HTTPS_PROXY'),
	none: readText(variables, 'no_proxy') ?? readText(variables, 'NO_PROXY'),
});

/** `--timeout` alone limits a call: the 300 s of Node's own fetch don't apply. */
export const openHttpClient = ({ http, https, none }: Proxies): HttpClient => {
	const dispatcher = new EnvHttpProxyAgent({
		headersTimeout: 0,
		bodyTimeout: 0,
		httpProxy: http ?? '',
		httpsProxy: https ?? '',
		noProxy: none ?? '',
	});
	return {
		fetch: (url, init) => fetch(url, { ...init, dispatcher }),
		close: () => dispatcher.destroy(),
	};
};
