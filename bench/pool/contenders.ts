import { RateLimiter } from 'limiter';
import pLimit from 'p-limit';
import { createRegistry, DEFAULT_MODEL, parsePoolSettings, resolveRequest } from 'gemini-t2i/pool';
import { systemClock, systemHost } from '../../core/src/system';
import { usualTenant } from '../../test/support/usualTenant';

export interface BenchedEndpoint {
	readonly url: string;
	readonly keys: readonly string[];
	readonly weight: number;
	/** Starts a minute; 0: no limit. */
	readonly rateLimit: number;
}

/** Makes so many images, at most 16 at once, and answers how many were made. */
export type Contender = (items: number, endpoints: readonly BenchedEndpoint[]) => Promise<number>;

const CONCURRENCY = 16;

/** One call as a script would make it. */
async function call(endpoint: BenchedEndpoint, key: string, item: number): Promise<boolean> {
	try {
		const reply = await fetch(`${endpoint.url}/v1beta/models/${DEFAULT_MODEL}:generateContent`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
			body: JSON.stringify({ contents: [{ parts: [{ text: `item ${item}` }] }] }),
		});
		await reply.arrayBuffer();
		return reply.ok;
	} catch {
		return false;
	}
}

const count = (made: readonly boolean[]) => made.filter(Boolean).length;

const pool: Contender = async (items, endpoints) => {
	const settings = parsePoolSettings({
		endpoints: endpoints.map(({ url, keys, weight, rateLimit }, index) => ({
			name: `Endpoint ${index + 1}`,
			baseUrl: url,
			apiKeys: keys.join('\n'),
			weight,
			rateLimit,
		})),
		maxConcurrentRequests: CONCURRENCY,
	});
	const opened = createRegistry(systemClock).open('bench', settings);
	// Two executions, as two workflows would be.
	const tenants = [0, 1].map(() =>
		opened.join({
			...systemHost(new AbortController().signal),
			...usualTenant,
			concurrency: CONCURRENCY,
		}),
	);
	const made = await Promise.all(
		Array.from({ length: items }, async (_, i) => {
			const request = resolveRequest({ model: DEFAULT_MODEL, prompt: `item ${i}` });
			return (await tenants[i % 2]!.draw(request, async () => null)).status === 'ok';
		}),
	);
	for (const tenant of tenants) tenant.leave();
	return count(made);
};

/** Turns over endpoints and keys, no limits, no failover. */
const plainLoop: Contender = async (items, endpoints) => {
	const limit = pLimit(CONCURRENCY);
	const lanes = endpoints.flatMap((endpoint) => endpoint.keys.map((key) => ({ endpoint, key })));
	return count(
		await Promise.all(
			Array.from({ length: items }, (_, i) => {
				const { endpoint, key } = lanes[i % lanes.length]!;
				return limit(() => call(endpoint, key, i));
			}),
		),
	);
};

/** One token bucket an endpoint, dealt out by weight. */
const limiterAlone: Contender = async (items, endpoints) => {
	const limit = pLimit(CONCURRENCY);
	const deck = endpoints.flatMap((endpoint) =>
		Array<BenchedEndpoint>(endpoint.weight).fill(endpoint),
	);
	const limiters = new Map(
		endpoints.map((endpoint) => [
			endpoint,
			new RateLimiter({ tokensPerInterval: endpoint.rateLimit || 1e6, interval: 60_000 }),
		]),
	);
	return count(
		await Promise.all(
			Array.from({ length: items }, (_, i) =>
				limit(async () => {
					const endpoint = deck[i % deck.length]!;
					await limiters.get(endpoint)!.removeTokens(1);
					return await call(endpoint, endpoint.keys[i % endpoint.keys.length]!, i);
				}),
			),
		),
	);
};

/**
 * The algorithm of the tool that this project continues, simulated: four workers; a client picked at random by
 * weight less its faults, at least 1; a sliding window that blocks the worker; any fault is retried, up to thrice.
 */
const seedTool: Contender = async (items, endpoints) => {
	const limit = pLimit(4);
	const clients = endpoints.flatMap((endpoint) =>
		endpoint.keys.map((key) => ({ endpoint, key, faults: 0, times: [] as number[] })),
	);
	const pick = () => {
		const weights = clients.map(({ endpoint, faults }) => Math.max(1, endpoint.weight - faults));
		let point = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
		return clients[weights.findIndex((weight) => (point -= weight) < 0)] ?? clients[0]!;
	};
	const draw = async (item: number): Promise<boolean> => {
		for (let attempt = 0; attempt < 4; attempt++) {
			const client = pick();
			const { endpoint, times } = client;
			while (endpoint.rateLimit && times.length >= endpoint.rateLimit) {
				const wait = times[0]! + 60_000 - performance.now();
				if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
				if (times[0]! + 60_000 <= performance.now()) times.shift();
			}
			times.push(performance.now());
			if (await call(endpoint, client.key, item)) return true;
			client.faults += 1;
		}
		return false;
	};
	return count(await Promise.all(Array.from({ length: items }, (_, i) => limit(() => draw(i)))));
};

export const CONTENDERS: readonly (readonly [string, Contender])[] = [
	['this pool', pool],
	['p-limit loop', plainLoop],
	['limiter alone', limiterAlone],
	['seed tool, simulated', seedTool],
];
