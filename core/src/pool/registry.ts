import { createHash } from 'node:crypto';
import { connectGemini } from '../call/gemini';
import type { Clock } from '../effects';
import type { Connect, LaneAddress } from '../lane';
import type { PoolSettings } from '../settings/settings';
import { createDispatcher, type Dispatcher } from './dispatcher';
import { createPool, type Pool } from './pool';
import { createRateWindow, shareOf, type RateLimit, type ResizableWindow } from './rateWindow';

/** What outlives an edit of a credential: calls in flight and starts already made still count, and all take turns. */
interface Site {
	readonly dispatcher: Dispatcher;
	readonly windows: Map<string, ResizableWindow>;
}

interface Entry {
	readonly pool: Pool;
	readonly site: Site;
	/** The limits of this content, for the windows that a later content may have resized. */
	readonly limits: ReadonlyMap<ResizableWindow, RateLimit>;
	/** Pool time of the last look-up. */
	openedAt: number;
}

const IDLE_MS = 10 * 60_000;

/** The pools of one process. */
export interface Registry {
	/** The one pool for these settings; `id` tells which credential they are now the content of. */
	open(id: string, settings: PoolSettings): Pool;
}

const createSite = (concurrency: number): Site => ({
	dispatcher: createDispatcher(concurrency),
	windows: new Map(),
});

/** Makes the pools of one process; two of them would keep to each limit twice. */
export function createRegistry(clock: Clock, connect: Connect = connectGemini): Registry {
	const entries = new Map<string, Entry>();
	const sites = new Map<string, Site>();

	const forgetIdle = (now: number) => {
		for (const [content, { pool, openedAt }] of entries) {
			const idleSince = pool.idleSince();
			if (idleSince !== null && now - Math.max(idleSince, openedAt) >= IDLE_MS) {
				entries.delete(content);
			}
		}
		const used = new Set([...entries.values()].map(({ site }) => site));
		const isFull = ({ windows }: Site) => [...windows.values()].some(({ waitMs }) => waitMs() > 0);
		for (const [id, site] of sites) if (!used.has(site) && !isFull(site)) sites.delete(id);
	};

	/** A copy of a credential is the same content and so the same site, until one of the two is edited. */
	const siteOf = (id: string, concurrency: number): Site => {
		const site = sites.get(id);
		const isShared = [...sites].some(([other, theirs]) => other !== id && theirs === site);
		return site === undefined || isShared ? createSite(concurrency) : site;
	};

	const build = (settings: PoolSettings, site: Site): Omit<Entry, 'openedAt'> => {
		const keyOf = windowKeys(settings);
		const limits = new Map<ResizableWindow, RateLimit>();
		const pool = createPool(settings, {
			clock,
			connect,
			dispatcher: site.dispatcher,
			windowFor(endpointIndex, address) {
				const limit = shareOf(settings.endpoints[endpointIndex]!.rateLimit, settings.processes);
				if (limit === null) return null;
				const key = keyOf(endpointIndex, address);
				const window = site.windows.get(key) ?? createRateWindow(limit);
				site.windows.set(key, window);
				limits.set(window, limit);
				return window;
			},
		});
		return { pool, site, limits };
	};

	return {
		open(id, settings) {
			const now = clock.now();
			forgetIdle(now);
			const content = JSON.stringify(settings);
			const concurrency = Math.floor(settings.maxConcurrentRequests / settings.processes);
			const known = entries.get(content);
			const entry = known ?? { ...build(settings, siteOf(id, concurrency)), openedAt: now };
			entries.set(content, entry);
			entry.openedAt = now;
			sites.set(id, entry.site);
			for (const [window, limit] of entry.limits) window.resize(limit);
			entry.site.dispatcher.resize(concurrency);
			return entry.pool;
		},
	};
}

/**
 * A window belongs to a URL and version, and to a key (by its hash) where limits apply to keys. Two endpoints of
 * one URL have a limit each; they are told apart by their order.
 */
function windowKeys({ endpoints, rateLimitScope }: PoolSettings) {
	return (endpointIndex: number, { baseUrl, apiVersion, key }: LaneAddress): string => {
		const url = `${baseUrl}/${apiVersion}`;
		if (rateLimitScope === 'key') {
			return `${url} ${createHash('sha256').update(key).digest('hex')}`;
		}
		const twins = endpoints
			.slice(0, endpointIndex)
			.filter((other) => other.baseUrl === baseUrl && other.apiVersion === apiVersion);
		return `${url} ${twins.length}`;
	};
}
