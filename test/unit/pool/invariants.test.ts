import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import type { Drawn } from '../../../core/src/result';
import { keep, poolWorld, request, settings, type Start } from '../../support/poolWorld';
import { anyPool, play, playedBy, type AnyPool } from '../../support/randomPools';

jest.setTimeout(300_000);

const RUNS = { numRuns: 1000 };

/** A pool on which nothing goes wrong but its share of faults. */
const CALM: AnyPool['trouble'] = {
	poisoned: 0,
	hangs: false,
	overloaded: false,
	outageMs: 0,
	limit: null,
	edit: null,
	frozenAt: 0,
};

/** Somebody who has lost patience rests and goes elsewhere, while nothing else is left that would wake the pool. */
const WAKES_UP: fc.Parameters<[AnyPool]> = {
	...RUNS,
	examples: [
		[
			{
				endpoints: [
					{ keys: 1, weight: 2, rateLimit: 0 },
					{ keys: 2, weight: 1, rateLimit: 0 },
					{ keys: 1, weight: 1, rateLimit: 0 },
				],
				scope: 'endpoint',
				processes: 1,
				concurrency: 3,
				tenants: [{ items: 8, concurrency: 3, maxRetries: 3, enterAt: 0 }],
				faultShare: 0.4,
				kinds: ['badKey', 'forbidden', 'truncated', 'badRequest', 'noImage'],
				models: 2,
				trouble: { ...CALM, hangs: true, outageMs: 20_000, limit: { perMinute: 3 } },
				restless: false,
				seed: 1_328_076_272,
			},
		],
		// As time goes on while the pool looks: who is sent to rest after the last look of all wakes by itself.
		[
			{
				endpoints: [
					{ keys: 1, weight: 0, rateLimit: 7 },
					{ keys: 2, weight: 1, rateLimit: 1 },
					{ keys: 1, weight: 0.5, rateLimit: 0 },
					{ keys: 1, weight: 0.5, rateLimit: 0 },
				],
				scope: 'endpoint',
				processes: 1,
				concurrency: 2,
				tenants: [
					{ items: 6, concurrency: 2, maxRetries: 2, enterAt: 500 },
					{ items: 8, concurrency: 1, maxRetries: 1, enterAt: 0 },
				],
				faultShare: 0,
				kinds: ['badKey'],
				models: 1,
				trouble: { ...CALM, poisoned: 3, outageMs: 20_000 },
				restless: true,
				seed: -2_009_486_295,
			},
		],
		[
			{
				endpoints: [
					{ keys: 2, weight: 0.5, rateLimit: 1 },
					{ keys: 2, weight: 1, rateLimit: 3 },
				],
				scope: 'endpoint',
				processes: 1,
				concurrency: 2,
				tenants: [
					{ items: 3, concurrency: 2, maxRetries: 2, enterAt: 30_000 },
					{ items: 2, concurrency: 1, maxRetries: 1, enterAt: 0 },
					{ items: 7, concurrency: 1, maxRetries: 0, enterAt: 0 },
				],
				faultShare: 0.8,
				kinds: ['serverFault', 'throttled', 'gatewayTimeout', 'noImage'],
				models: 2,
				trouble: { ...CALM, overloaded: true, edit: 'removal', frozenAt: 8000 },
				restless: true,
				seed: 1,
			},
		],
	],
};

const holds = (check: (pool: AnyPool) => Promise<void>, runs: fc.Parameters<[AnyPool]> = RUNS) =>
	fc.assert(fc.asyncProperty(anyPool, check), runs);

/** Most calls that ran at one moment. */
function mostInFlight(starts: readonly Start[]): number {
	const changes = starts.flatMap(({ at, endedAt }) => [
		{ at, by: 1 },
		{ at: endedAt ?? Infinity, by: -1 },
	]);
	let now = 0;
	// What ends at a moment makes room for what starts at it.
	return Math.max(
		0,
		...changes.sort((a, b) => a.at - b.at || a.by - b.by).map(({ by }) => (now += by)),
	);
}

const endpointOf = ({ lane }: Start) => Number(/^Endpoint (\d+)/.exec(lane)![1]) - 1;

test('never more than N starts in any window', () =>
	holds(async (pool) => {
		const { world, endpoints } = await play(pool);
		endpoints.forEach(({ rateLimit }, index) => {
			if (rateLimit === 0) return;
			const here = world.starts.filter((start) => endpointOf(start) === index);
			const groups =
				pool.scope === 'endpoint'
					? [here]
					: [...new Set(here.map(({ lane }) => lane))].map((lane) =>
							here.filter((start) => start.lane === lane),
						);
			const share = Math.max(1, Math.floor(rateLimit / pool.processes));
			const windowMs =
				rateLimit / pool.processes >= 1 ? 60_000 : (60_000 * pool.processes) / rateLimit;
			for (const { at: times } of groups.map((group) => ({ at: group.map(({ at }) => at) }))) {
				for (let i = share; i < times.length; i++) {
					expect(times[i]! - times[i - share]!).toBeGreaterThan(windowMs);
				}
			}
		});
	}));

test('never more than C in flight, for the pool and for each tenant', () =>
	holds(async (pool) => {
		const { world } = await play(pool);
		expect(mostInFlight(world.starts)).toBeLessThanOrEqual(pool.concurrency);
		pool.tenants.forEach(({ concurrency }, t) => {
			const own = world.starts.filter(({ prompt }) => prompt.startsWith(`t${t} `));
			expect(mostInFlight(own)).toBeLessThanOrEqual(concurrency);
		});
	}));

test('each request settles exactly once, every image made is delivered, and nothing starves', () =>
	holds(async (pool) => {
		const { world, tenants, ended } = await play(pool);
		const drawn = ended.flat().map((each) => (each as PromiseFulfilledResult<Drawn<null>>).value);
		expect(tenants.map(({ settled }) => settled.count)).toEqual(
			pool.tenants.map(({ items }) => items),
		);
		expect(drawn.every((each) => each !== undefined)).toBe(true);
		const made = world.starts.filter(({ kind }) => kind === 'images').length;
		expect(drawn.filter(({ status }) => status === 'ok')).toHaveLength(made);
		expect(world.starts.every(({ endedAt }) => endedAt !== null)).toBe(true);
	}, WAKES_UP));

// A call that finds out for others costs its item nothing, once at each lane.
test('calls per image stay within lanes x rounds + retries, but for those that find out for others', () =>
	holds(async (pool) => {
		const { world } = await play(pool);
		const lanes = pool.endpoints.reduce((sum, { keys }) => sum + keys, 0);
		pool.tenants.forEach(({ items, maxRetries }, t) => {
			for (let i = 0; i < items; i++) {
				const calls = world.starts.filter(
					({ prompt, kind }) =>
						prompt === `t${t} i${i}` && kind !== 'throttled' && kind !== 'unreachable',
				);
				const rounds = 1 + maxRetries;
				expect(calls.length).toBeLessThanOrEqual(lanes * rounds + maxRetries + lanes);
			}
		});
	}));

test('what is wrong with prompts, with a model or for some seconds with everything costs no other item its image', () =>
	holds(async (pool) => {
		const trouble = { ...pool.trouble, hangs: false, frozenAt: 0 };
		trouble.outageMs = Math.min(20_000, trouble.outageMs);
		// At a call in one or two minutes ten of them may hold nothing but bad prompts of a model: then it has not answered.
		const endpoints = pool.endpoints.map((each) => ({
			...each,
			rateLimit: each.rateLimit === 1 ? (3 as const) : each.rateLimit,
		}));
		const { ended } = await play({ ...pool, endpoints, faultShare: 0, trouble });
		ended.forEach((drawn) =>
			drawn.forEach((each, i) => {
				const isPoisoned = trouble.poisoned > 0 && i % trouble.poisoned === 1;
				const isOverloaded = trouble.overloaded && i % pool.models === 1;
				if (isPoisoned || isOverloaded) return;
				expect((each as PromiseFulfilledResult<Drawn<null>>).value.status).toBe('ok');
			}),
		);
	}));

test('no key in any result, message or status', () =>
	holds(async (pool) => {
		const { pool: made, ended } = await play(pool);
		const facts = ended.flat().map((each) => {
			const { value } = each as PromiseFulfilledResult<Drawn<null>>;
			return value.status === 'ok' ? { ...value.made, images: [] } : value;
		});
		expect(JSON.stringify([facts, made.status()])).not.toContain('secret-');
	}));

test('an abort at any moment settles every request and leaks no permit, timer or listener', () =>
	fc.assert(
		fc.asyncProperty(anyPool, fc.integer({ min: 0, max: 20_000 }), async (pool, abortAt) => {
			const { world, tenants, pool: made } = playedBy(pool);
			const all = Promise.all(tenants.map(({ enter }) => enter()));
			await world.time.pass(abortAt);
			const abortedAt = world.time.now();
			for (const { controller } of tenants) controller.abort(new Error('stopped'));
			await world.time.pass(30_000); // those who have not entered yet
			await all;
			const last = Math.max(abortedAt, ...world.starts.map(({ endedAt }) => endedAt!));
			expect(last).toBeLessThanOrEqual(abortedAt + 1);
			for (const { leave, controller } of tenants) {
				leave();
				expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
			}
			expect(world.time.timers).toBe(0);
			expect(made.status().map(({ inFlight }) => inFlight)).toEqual(made.status().map(() => 0));
			// The whole pool is free again: as many calls at once as it has permits.
			const fresh = poolFreeAfter(world, pool);
			expect(await fresh).toBe(pool.concurrency);
		}),
		RUNS,
	));

/** How many calls start at once on another pool of the same credential, whose permits are the same. */
async function poolFreeAfter(world: ReturnType<typeof poolWorld>, pool: AnyPool): Promise<number> {
	const other = world.open(
		settings([{ baseUrl: 'https://another.test' }], {
			processes: pool.processes,
			maxConcurrentRequests: pool.concurrency * pool.processes,
		}),
	);
	const before = world.starts.length;
	const controller = new AbortController();
	const tenant = world.join(other, { concurrency: 100, signal: controller.signal });
	const draws = Array.from({ length: 20 }, (_, i) => tenant.draw(request(`after ${i}`), keep));
	await world.time.pass(0);
	const started = world.starts.length - before;
	controller.abort(new Error('enough'));
	await Promise.allSettled(draws);
	tenant.leave();
	return started;
}

test('smooth weighted round-robin strays less than 2 from the weights while all are eligible', () =>
	fc.assert(
		fc.asyncProperty(
			fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 }),
			fc.integer({ min: 1, max: 60 }),
			async (weights, items) => {
				const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
				const tenant = world.join(world.open(settings(weights.map((weight) => ({ weight })))));
				await world.time.run(
					Promise.all(Array.from({ length: items }, (_, i) => tenant.draw(request(`${i}`), keep))),
				);
				tenant.leave();
				const total = weights.reduce((sum, weight) => sum + weight, 0);
				const counts = weights.map(() => 0);
				let furthest = 0;
				world.starts.forEach((start, done) => {
					counts[endpointOf(start)]! += 1;
					const strays = weights.map((weight, i) =>
						Math.abs(counts[i]! - ((done + 1) * weight) / total),
					);
					furthest = Math.max(furthest, ...strays);
				});
				expect(furthest).toBeLessThan(2);
			},
		),
		RUNS,
	));

test('what comes back serves one call first: others follow slowly, as long as it runs', () =>
	fc.assert(
		fc.asyncProperty(
			fc.constantFrom('throttled' as const, 'serverFault' as const, 'unreachable' as const),
			fc.integer({ min: 1, max: 12 }),
			fc.integer({ min: 1, max: 40_000 }),
			fc.integer({ min: 1, max: 20_000 }),
			fc.integer(),
			async (kind, items, recoversAt, ms, seed) => {
				const world = poolWorld(
					({ at, nth }) =>
						at < 1000 + recoversAt
							? { kind, ms: 200 + 37 * (nth % 7) }
							: { kind: 'images', ms: ms + 37 * (nth % 7) },
					seed,
				);
				const tenant = world.join(world.open(settings([{}])), { maxRetries: 3 });
				await world.time.run(
					Promise.all(Array.from({ length: items }, (_, i) => tenant.draw(request(`${i}`), keep))),
				);
				tenant.leave();
				// Replayed from what the endpoint saw: from the strike that cooled it to the answer that followed.
				const ends = [...world.starts].sort((a, b) => a.endedAt! - b.endedAt!);
				const needed = { throttled: 1, serverFault: 3, unreachable: 2 }[kind];
				const failed = new Set<string>();
				let inARow = 0;
				let cooledAt: number | null = null;
				for (const end of ends) {
					const isStale = cooledAt !== null && end.at <= cooledAt;
					if (isStale) continue;
					if (end.kind === 'images') {
						inARow = 0;
						cooledAt = null;
						continue;
					}
					// An item counts once, but for a connection that is lost.
					const isNew = kind !== 'serverFault' || !failed.has(end.prompt);
					failed.add(end.prompt);
					if (cooledAt === null && (!isNew || ++inARow < needed)) continue;
					const from = end.endedAt!;
					cooledAt = from;
					const success =
						ends.find(({ kind: k, at }) => k === 'images' && at > from)?.endedAt ?? Infinity;
					const finding = world.starts.filter(({ at }) => at > from && at < success);
					for (const { at } of finding) {
						const beside = finding.filter((other) => other.at <= at && other.endedAt! > at);
						const first = Math.min(...beside.map((other) => other.at));
						expect(beside.length).toBeLessThanOrEqual(2 ** Math.floor((at - first) / 5000));
					}
				}
			},
		),
		RUNS,
	));

test('a final outcome, or an answer without an image, changes no lane’s health', () =>
	fc.assert(
		fc.asyncProperty(
			fc.array(fc.constantFrom('refused', 'badRequest', 'noImage', 'images'), {
				minLength: 1,
				maxLength: 40,
			}),
			fc.integer({ min: 1, max: 3 }),
			async (kinds, keys) => {
				const world = poolWorld(({ prompt }) => ({
					kind: kinds[Number(prompt)] as 'images',
					ms: 10,
				}));
				// One endpoint: nowhere else to ask whether a request is as bad as this one says.
				const pool = world.open(settings([{ keys }]));
				const tenant = world.join(pool, { concurrency: 100 });
				await world.time.run(Promise.all(kinds.map((_, i) => tenant.draw(request(`${i}`), keep))));
				tenant.leave();
				expect(pool.status().map(({ state }) => state)).toEqual(pool.status().map(() => 'ready'));
				expect(world.starts).toHaveLength(kinds.length);
				// As many at once as there are permits, to the end: no weight and no eligibility was lost.
				expect(world.starts.filter(({ at }) => at === 1000)).toHaveLength(
					Math.min(16, kinds.length),
				);
			},
		),
		RUNS,
	));

test('no start and no wait past the deadline', () =>
	fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 0, max: 5 }),
			fc.integer({ min: 1, max: 60_000 }),
			fc.constantFrom(
				'serverFault' as const,
				'timeout' as const,
				'truncated' as const,
				'noImage' as const,
			),
			fc.integer({ min: 0, max: 20_000 }),
			fc.integer({ min: 100, max: 90_000 }),
			fc.integer(),
			async (maxRetries, timeoutMs, kind, callMs, retryDelayMs, seed) => {
				const world = poolWorld(() => ({ kind, ms: callMs }), seed);
				const tenant = world.join(world.open(settings([{ keys: 2 }])), {
					maxRetries,
					timeoutMs,
					retryDelayMs,
				});
				const drawn = await world.time.run(tenant.draw(request('p'), keep));
				tenant.leave();
				const deadline = 1000 + timeoutMs * (1 + maxRetries);
				for (const { at } of world.starts) expect(at).toBeLessThan(Math.max(deadline, 1001));
				// It ends with its last call, or by the deadline: it never waits for what it cannot use.
				const lastCall = world.starts.at(-1)!.endedAt!;
				expect(world.time.now()).toBeLessThanOrEqual(Math.max(lastCall, deadline));
				expect(drawn.status).toBe('failed');
			},
		),
		RUNS,
	));

test('an eligible lane and a free permit never idle while a request waits', () =>
	fc.assert(
		fc.asyncProperty(
			fc.array(
				fc.record({
					rateLimit: fc.integer({ min: 0, max: 4 }),
					weight: fc.integer({ min: 1, max: 3 }),
				}),
				{ minLength: 1, maxLength: 3 },
			),
			fc.integer({ min: 1, max: 4 }),
			fc.integer({ min: 1, max: 20 }),
			fc.integer({ min: 1, max: 30_000 }),
			async (endpoints, permits, items, latency) => {
				const world = poolWorld(({ nth }) => ({
					kind: 'images',
					ms: 1 + ((nth * 7919) % latency),
				}));
				const tenant = world.join(
					world.open(settings(endpoints, { maxConcurrentRequests: permits })),
				);
				await world.time.run(
					Promise.all(Array.from({ length: items }, (_, i) => tenant.draw(request(`${i}`), keep))),
				);
				tenant.leave();
				world.starts.forEach(({ at }, index) => {
					const before = world.starts.slice(0, index);
					const permitAt =
						permits > index
							? 0
							: [...before.map(({ endedAt }) => endedAt!)].sort((a, b) => b - a)[permits - 1]!;
					const windowAt = Math.min(
						...endpoints.map(({ rateLimit }, e) => {
							const here = before.filter((start) => endpointOf(start) === e);
							return rateLimit === 0 || here.length < rateLimit
								? 0
								: here.at(-rateLimit)!.at + 60_250;
						}),
					);
					expect(at).toBeLessThanOrEqual(Math.max(1000, permitAt, windowAt) + 2);
				});
			},
		),
		RUNS,
	));
