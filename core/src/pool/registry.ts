import { createHash } from 'node:crypto';
import { connectGemini } from '../call/gemini';
import type { Clock } from '../effects';
import type { Connect, LaneAddress } from '../lane';
import type { PoolSettings } from '../settings/settings';
import { createDispatcher, type Dispatcher } from './dispatcher';
import { isPacing } from './health';
import { addressesOf } from './lanes';
import { createPool, type Pool } from './pool';
import { createWindows, shareOf, type LimitedLanes, type Windows } from './rateWindow';
import { change, createScopes } from './scope';

/** What outlives an edit of a credential: calls in flight and starts already made still count, and all take turns. */
interface Site {
	readonly dispatcher: Dispatcher;
	readonly windows: Windows;
	/** The content that was opened last: its limits hold. */
	settings: PoolSettings;
}

interface Entry {
	readonly settings: PoolSettings;
	readonly lanes: readonly string[];
	readonly pool: Pool;
	readonly site: Site;
	/** Pool time of the last look-up. */
	openedAt: number;
}

const IDLE_MS = 10 * 60_000;

/** The pools of one process. */
export interface Registry {
	/** The one pool for these settings; `id` tells which credential they are now the content of. */
	open(id: string, settings: PoolSettings): Pool;
	/** Lanes that have just answered a check: whatever they had been put to rest for, a person may have mended it. */
	reopen(lanes: readonly LaneAddress[]): void;
}

const urlOf = ({ baseUrl, apiVersion }: Pick<LaneAddress, 'baseUrl' | 'apiVersion'>) =>
	`${baseUrl}/${apiVersion}`;

/** The key by its hash: what is known of a lane outlives the pools that hold it. */
const idOf = (address: LaneAddress) =>
	`${urlOf(address)} ${createHash('sha256').update(address.key).digest('hex')}`;

/** Makes the pools of one process; two of them would keep to each limit twice. */
export function createRegistry(clock: Clock, connect: Connect = connectGemini): Registry {
	const entries = new Map<string, Entry>();
	const sites = new Map<string, Site>();
	const scopes = createScopes();
	/** The site with the latest call comes last. */
	const inTurn = new Set<Site>();

	const forgetIdle = (now: number) => {
		for (const [content, { pool, openedAt }] of entries) {
			const idleSince = pool.idleSince();
			if (idleSince !== null && now - Math.max(idleSince, openedAt) >= IDLE_MS) {
				entries.delete(content);
			}
		}
		const used = new Set([...entries.values()].map(({ site }) => site));
		for (const [id, site] of sites) {
			if (!used.has(site) && !site.windows.isFull()) sites.delete(id);
		}
		for (const site of inTurn) if (!used.has(site)) inTurn.delete(site);
		scopes.forget(now);
	};

	/** A copy of a credential is the same content and so the same site, until one of the two is edited. */
	const siteOf = (id: string, settings: PoolSettings): Site => {
		const site = sites.get(id);
		const isShared = [...sites].some(([other, theirs]) => other !== id && theirs === site);
		return site === undefined || isShared
			? {
					dispatcher: createDispatcher(concurrencyOf(settings)),
					windows: createWindows(scopes.startsOf),
					settings,
				}
			: site;
	};

	/** The limits of a site: where contents in use tell it of different numbers of processes, the lowest share holds. */
	const hold = (site: Site) => {
		const known = [...entries.values()].filter((entry) => entry.site === site);
		const inUse = known.filter(({ pool }) => pool.idleSince() === null);
		const processes = Math.max(...[site, ...inUse].map(({ settings }) => settings.processes));
		const settings = { ...site.settings, processes };
		const lanes = new Set(known.flatMap(({ lanes }) => lanes));
		site.windows.hold(limitsOf(settings), (lane) => lanes.has(lane));
		site.dispatcher.resize(concurrencyOf(settings));
	};

	/** A lane may be known to several credentials: all hear of what one has learned, or of a call that has ended. */
	const tellAll = (hasChanged: boolean) => {
		for (const { dispatcher } of inTurn) {
			if (hasChanged) dispatcher.wake();
			else dispatcher.schedule();
		}
	};

	const build = (settings: PoolSettings, site: Site): Pool =>
		createPool(settings, {
			clock,
			connect,
			scopes,
			dispatcher: site.dispatcher,
			windowOf: site.windows.of,
			idOf,
			touched: (address, model) => scopes.touched(urlOf(address), idOf(address), model),
			usersChanged: () => hold(site),
			callEnded(hasChanged) {
				inTurn.delete(site);
				inTurn.add(site);
				tellAll(hasChanged);
			},
		});

	const entryOf = (settings: PoolSettings, site: Site, openedAt: number): Entry => ({
		settings,
		lanes: settings.endpoints.flatMap(addressesOf).map(idOf),
		pool: build(settings, site),
		site,
		openedAt,
	});

	return {
		open(id, settings) {
			const now = clock.now();
			forgetIdle(now);
			const content = JSON.stringify(settings);
			const known = entries.get(content);
			const site = known?.site ?? siteOf(id, settings);
			const entry = known ?? entryOf(settings, site, now);
			entries.set(content, entry);
			entry.openedAt = now;
			sites.set(id, site);
			inTurn.add(site);
			site.settings = settings;
			hold(site);
			return entry.pool;
		},
		reopen(lanes) {
			for (const address of lanes) {
				for (const scope of scopes.ofLane(urlOf(address), idOf(address))) {
					if (scope.rest !== null && !isPacing(scope.rest))
						change(scope, null, scopes.lastStarted());
				}
			}
			tellAll(true);
		},
	};
}

/** One process's share of the permits. */
const concurrencyOf = ({ maxConcurrentRequests, processes }: PoolSettings): number =>
	Math.max(1, Math.floor(maxConcurrentRequests / processes));

/** Which lanes share a limit. */
function limitsOf({ endpoints, rateLimitScope, processes }: PoolSettings): readonly LimitedLanes[] {
	return endpoints.flatMap((endpoint): readonly LimitedLanes[] => {
		const limit = shareOf(endpoint.rateLimit, processes);
		const lanes = addressesOf(endpoint).map(idOf);
		return rateLimitScope === 'key'
			? lanes.map((lane) => ({ endpoint: null, lanes: [lane], limit }))
			: [{ endpoint: `${endpoint.name} ${urlOf(endpoint)}`, lanes, limit }];
	});
}
