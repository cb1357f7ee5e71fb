import { EnvHttpProxyAgent, fetch, ProxyAgent } from 'undici';
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

/** Nothing is opened by it. */
const isProxy = (address: string): boolean => {
	try {
		return new ProxyAgent(address) instanceof ProxyAgent;
	} catch {
		return false;
	}
};

/** A proxy as other programs take it too: `proxy.corp:8080`. The sentence does not repeat it, since it may hold a password. */
const readProxy = (variables: Variables, name: string): string | null => {
	const text = readText(variables, name.toLowerCase()) ?? readText(variables, name);
	if (text === null) return null;
	const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
	if (/^https?:/i.test(address) && isProxy(address)) return address;
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

/** What a rejection and all that it names as its cause say. */
const saidBy = (reason: unknown): string => {
	if (typeof reason !== 'object' || reason === null) return '';
	const { message, cause, errors } = reason as Record<string, unknown>;
	const inner = Array.isArray(errors) ? errors : [cause];
	return [message, ...inner.map(saidBy)].join(' ');
};

const NO_WAY =
	/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Connect Timeout/;

/** Names the proxy where it is the one that cannot be reached, or lets nobody through: people would look elsewhere. */
const blame = (reason: unknown, proxies: readonly (string | null)[]): unknown => {
	const said = saidBy(reason);
	const [, status] = /Proxy response \((\d+)\)/.exec(said) ?? [];
	const known = proxies.filter((each) => each !== null).map((each) => new URL(each));
	const proxy =
		status !== undefined
			? known[0]
			: known.find(({ hostname, port, protocol }) => {
					const own = port || (protocol === 'https:' ? '443' : '80');
					return said.includes(hostname) || new RegExp(`:${own}\\b`).test(said);
				});
	if (proxy === undefined || (status === undefined && !NO_WAY.test(said))) return reason;
	const how = status === undefined ? 'cannot be reached' : `lets no call through (${status})`;
	const message = `the proxy ${proxy.host} of HTTPS_PROXY or HTTP_PROXY ${how}`;
	return Object.assign(new Error(message), { code: 'ECONNREFUSED' });
};

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
		fetch: (url, init) =>
			fetch(url, { ...init, dispatcher }).catch((reason: unknown) => {
				throw blame(reason, [http, https]);
			}),
		close: () => dispatcher.destroy(),
	};
};
