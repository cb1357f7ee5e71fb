import fc from 'fast-check';
import { addressesOf } from '../../core/src/pool/lanes';
import { keep, poolWorld, request, seeded, settings, type Reply, type Script } from './poolWorld';

const KINDS: readonly Reply['kind'][] = [
	'badKey', 'forbidden', 'billing', 'modelMissing', 'wrongUrl', 'throttled', 'dailyQuota', 'regionBlocked',
	'unreachable', 'serverFault', 'gatewayTimeout', 'timeout', 'truncated', 'noImage', 'refused', 'badRequest',
	'notGemini',
]; // prettier-ignore

/** A pool, its tenants and a script of faults, all random. */
export const anyPool = fc.record({
	endpoints: fc.array(
		fc.record({
			keys: fc.integer({ min: 1, max: 3 }),
			weight: fc.constantFrom(0, 0.5, 1, 2, 5),
			rateLimit: fc.constantFrom(0, 0, 1, 3, 7),
		}),
		{ minLength: 1, maxLength: 4 },
	),
	scope: fc.constantFrom('endpoint' as const, 'key' as const),
	processes: fc.integer({ min: 1, max: 2 }),
	concurrency: fc.integer({ min: 2, max: 6 }),
	tenants: fc.array(
		fc.record({
			items: fc.integer({ min: 1, max: 12 }),
			concurrency: fc.integer({ min: 1, max: 6 }),
			maxRetries: fc.integer({ min: 0, max: 3 }),
			enterAt: fc.constantFrom(0, 0, 500, 30_000),
		}),
		{ minLength: 1, maxLength: 3 },
	),
	/** How often a call goes wrong, and how. */
	faultShare: fc.constantFrom(0, 0.1, 0.4, 0.8),
	kinds: fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 5 }),
	models: fc.integer({ min: 1, max: 2 }),
	/** What goes wrong by itself, beside single calls. */
	trouble: fc.record({
		/** Prompts that always end in a 500: one in so many; 0: none. */
		poisoned: fc.constantFrom(0, 0, 0, 3, 10),
		/** The first key of the first endpoint never answers. */
		hangs: fc.constantFrom(false, false, true),
		/** The second model always ends in a 503. */
		overloaded: fc.constantFrom(false, false, true),
		/** Nothing can be reached for so long, from the third second on. */
		outageMs: fc.constantFrom<number[]>(0, 0, 20_000, 400_000),
		/** What each lane takes, though nobody has said so. */
		limit: fc.constantFrom(null, null, { atOnce: 2 }, { perMinute: 3 }),
		/** What happens to the credential after five seconds. */
		edit: fc.constantFrom(null, null, 'weight' as const, 'removal' as const, 'repair' as const),
		/** The process stands still for an hour, from then on; 0: it does not. */
		frozenAt: fc.constantFrom<number[]>(0, 0, 0, 8000),
	}),
	/** A clock that goes on while the pool thinks. */
	restless: fc.boolean(),
	seed: fc.integer(),
});

export type AnyPool = typeof anyPool extends fc.Arbitrary<infer T> ? T : never;

const MODELS = ['gemini-nano-banana-2.1', 'a-proxys-own-model'];

/** Whether a lane turns a call down, by what it takes at once or in a minute. */
function limitOf(limit: AnyPool['trouble']['limit']) {
	const calls = new Map<string, { at: number; end: number }[]>();
	return (lane: string, at: number, ms: number): boolean => {
		if (limit === null) return false;
		const counts = (call: { at: number; end: number }) =>
			'atOnce' in limit ? call.end > at : call.at > at - 60_000;
		const counted = (calls.get(lane) ?? []).filter(counts);
		const isFull = counted.length >= ('atOnce' in limit ? limit.atOnce! : limit.perMinute);
		calls.set(lane, isFull ? counted : [...counted, { at, end: at + ms }]);
		return isFull;
	};
}

/** Sets a random pool up; `draws` enter when time runs. */
export function playedBy(pool: AnyPool) {
	const chance = seeded(pool.seed);
	const { poisoned, hangs, overloaded, outageMs, limit } = pool.trouble;
	const isTurnedDown = limitOf(limit);
	const script: Script = ({ lane, prompt, model, at }) => {
		const ms = 1 + Math.floor(chance() * 3000);
		if (outageMs > 0 && at > 4000 && at < 4000 + outageMs) return { kind: 'unreachable', ms: 20 };
		if (poisoned > 0 && Number(prompt.split(' i')[1]) % poisoned === 1)
			return { kind: 'serverFault', ms };
		if (overloaded && model === MODELS[1]) return { kind: 'serverFault', ms };
		if (hangs && lane === 'Endpoint 1 #1') return { kind: 'images', ms: 10_000_000 };
		if (isTurnedDown(lane, at, ms)) return { kind: 'throttled', ms: 10 };
		if (chance() >= pool.faultShare) return { kind: 'images', ms };
		const kind = pool.kinds[Math.floor(chance() * pool.kinds.length)]!;
		const hintMs = chance() < 0.3 ? Math.ceil(chance() * 20_000) : undefined;
		return { kind, ms, hintMs, perModel: chance() < 0.5 };
	};
	const world = poolWorld(script, pool.seed, pool.restless);
	const weighted = pool.endpoints.some(({ weight }) => weight > 0)
		? pool.endpoints
		: pool.endpoints.map((endpoint) => ({ ...endpoint, weight: 1 }));
	const content = (endpoints: typeof weighted) =>
		settings(endpoints, {
			rateLimitScope: pool.scope,
			processes: pool.processes,
			maxConcurrentRequests: pool.concurrency * pool.processes,
		});
	const made = world.open(content(weighted));
	const edit = async () => {
		await world.time.sleep(5000);
		const edited = {
			weight: weighted.map((each) => ({ ...each, weight: each.weight * 2 })),
			removal: weighted.map((each) => ({ ...each, keys: 1 })),
			repair: null,
		}[pool.trouble.edit!];
		if (edited !== null) world.open(content(edited));
		else world.registry.reopen(content(weighted).endpoints.flatMap(addressesOf));
	};
	if (pool.trouble.edit !== null) void edit();
	const tenants = pool.tenants.map((tenant, t) => {
		const controller = new AbortController();
		const settled = { count: 0 };
		let leave = () => {};
		const enter = async () => {
			if (tenant.enterAt > 0) await world.time.sleep(tenant.enterAt);
			const joined = world.join(made, { ...tenant, timeoutMs: 60_000, signal: controller.signal });
			leave = joined.leave;
			return await Promise.allSettled(
				Array.from({ length: tenant.items }, async (_, i) => {
					const model = MODELS[i % pool.models]!;
					const drawn = joined.draw(request(`t${t} i${i}`, model), keep);
					return await drawn.finally(() => settled.count++);
				}),
			);
		};
		return { controller, enter, leave: () => leave(), settled, ...tenant };
	});
	return { world, pool: made, tenants, endpoints: weighted };
}

/** Plays it to the end. */
export async function play(pool: AnyPool) {
	const played = playedBy(pool);
	const { time } = played.world;
	const all = Promise.all(played.tenants.map(({ enter }) => enter()));
	const { frozenAt } = pool.trouble;
	if (frozenAt > 0) {
		await time.pass(frozenAt);
		time.set(time.now() + 60 * 60_000);
	}
	const ended = await time.run(all);
	for (const { leave } of played.tenants) leave();
	return { ...played, ended };
}
