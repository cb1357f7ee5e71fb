import fc from 'fast-check';
import { keep, poolWorld, request, seeded, settings, type Reply } from './poolWorld';

const KINDS: readonly Reply['kind'][] = [
	'badKey', 'forbidden', 'billing', 'modelMissing', 'wrongUrl', 'throttled', 'dailyQuota', 'regionBlocked',
	'unreachable', 'serverFault', 'timeout', 'truncated', 'noImage', 'refused', 'badRequest',
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
	/** A clock that goes on while the pool thinks. */
	restless: fc.boolean(),
	seed: fc.integer(),
});

export type AnyPool = typeof anyPool extends fc.Arbitrary<infer T> ? T : never;

const MODELS = ['gemini-nano-banana-2.1', 'a-proxys-own-model'];

/** Sets a random pool up; `draws` enter when time runs. */
export function playedBy(pool: AnyPool) {
	const chance = seeded(pool.seed);
	const script = (): Reply => {
		const ms = 1 + Math.floor(chance() * 3000);
		if (chance() >= pool.faultShare) return { kind: 'images', ms };
		const kind = pool.kinds[Math.floor(chance() * pool.kinds.length)]!;
		const hintMs = chance() < 0.3 ? Math.ceil(chance() * 20_000) : undefined;
		return { kind, ms, hintMs, perModel: chance() < 0.5 };
	};
	const world = poolWorld(script, pool.seed, pool.restless);
	const weighted = pool.endpoints.some(({ weight }) => weight > 0)
		? pool.endpoints
		: pool.endpoints.map((endpoint) => ({ ...endpoint, weight: 1 }));
	const made = world.open(
		settings(weighted, {
			rateLimitScope: pool.scope,
			processes: pool.processes,
			maxConcurrentRequests: pool.concurrency * pool.processes,
		}),
	);
	const tenants = pool.tenants.map((tenant, t) => {
		const controller = new AbortController();
		const joined = world.join(made, { ...tenant, timeoutMs: 60_000, signal: controller.signal });
		const settled = { count: 0 };
		const enter = async () => {
			if (tenant.enterAt > 0) await world.time.sleep(tenant.enterAt);
			return await Promise.allSettled(
				Array.from({ length: tenant.items }, async (_, i) => {
					const model = MODELS[i % pool.models]!;
					const drawn = joined.draw(request(`t${t} i${i}`, model), keep);
					return await drawn.finally(() => settled.count++);
				}),
			);
		};
		return { joined, controller, enter, settled, ...tenant };
	});
	return { world, pool: made, tenants, endpoints: weighted };
}

/** Plays it to the end. */
export async function play(pool: AnyPool) {
	const played = playedBy(pool);
	const ended = await played.world.time.run(
		Promise.all(played.tenants.map(({ enter }) => enter())),
	);
	for (const { joined } of played.tenants) joined.leave();
	return { ...played, ended };
}
