import type { FaultKind } from '../../../core/src/outcome';
import { addressesOf } from '../../../core/src/pool/lanes';
import { keep, poolWorld, request, settings } from '../../support/poolWorld';

const MINUTE = 60_000;
const many = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

describe('an edited credential', () => {
	test.each([
		[5, 60],
		[60, 5],
	])('that is edited back from %i a minute keeps to %i again', async (other, limit) => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		world.open(settings([{ rateLimit: limit }]));
		world.open(settings([{ rateLimit: other }]));
		const tenant = world.join(world.open(settings([{ rateLimit: limit }])));
		const all = Promise.all(many(20).map((prompt) => tenant.draw(request(prompt), keep)));
		await world.time.pass(MINUTE - 1000);
		expect(world.starts).toHaveLength(Math.min(20, limit));
		await world.time.run(all);
		tenant.leave();
	});

	test('counts all starts of the last minute, whatever limits held meanwhile', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		const before = world.join(world.open(settings([{ rateLimit: 10 }])));
		await world.time.run(Promise.all(many(10).map((prompt) => before.draw(request(prompt), keep))));
		before.leave();
		world.open(settings([{ rateLimit: 2 }]));
		const after = world.join(world.open(settings([{ rateLimit: 10, weight: 2 }])));
		const late = Promise.all(many(10).map((prompt) => after.draw(request(prompt), keep)));
		await world.time.pass(MINUTE - 2000);
		expect(world.starts).toHaveLength(10);
		await world.time.run(late);
		after.leave();
	});

	test('holds its new maximum at once, for calls of its former content too', async () => {
		const world = poolWorld(() => ({ kind: 'images' }));
		const before = world.join(world.open(settings([{}], { maxConcurrentRequests: 8 })));
		const all = Promise.all(many(20).map((prompt) => before.draw(request(prompt), keep)));
		await world.time.pass(0);
		expect(world.starts).toHaveLength(8);
		world.open(settings([{}], { maxConcurrentRequests: 2 }));
		await world.time.pass(1000);
		expect(world.starts).toHaveLength(10);
		await world.time.run(all);
		before.leave();
	});

	test.each([
		['a window', { rateLimit: 1 }, 16],
		['permits', {}, 1],
	])('shares %s fairly with its former content', async (_name, endpoint, concurrency) => {
		const rest = { maxConcurrentRequests: concurrency };
		const world = poolWorld(() => ({ kind: 'images' }));
		const [a, b] = [1, 2].map((weight) =>
			world.join(world.open(settings([{ ...endpoint, weight }], rest))),
		);
		const drawn = many(6).flatMap((prompt) => [
			a!.draw(request(`a${prompt}`), keep),
			b!.draw(request(`b${prompt}`), keep),
		]);
		await world.time.run(Promise.all(drawn));
		expect(world.starts.map(({ prompt }) => prompt[0]).join('')).toBe('abababababab');
		for (const tenant of [a!, b!]) tenant.leave();
	});

	test('that was a copy of another is one of its own', async () => {
		const world = poolWorld(() => ({ kind: 'images' }));
		const original = world.open(settings([{}]), 'a');
		expect(world.open(settings([{}]), 'b')).toBe(original);
		const edited = settings([{ baseUrl: 'https://b.test' }], { maxConcurrentRequests: 2 });
		const [b, a] = [world.join(world.open(edited, 'b')), world.join(original)];
		const all = [b, a].flatMap((tenant, t) =>
			many(20).map((prompt) => tenant.draw(request(`${t} ${prompt}`), keep)),
		);
		await world.time.pass(0);
		const running = (t: number) => world.starts.filter(({ prompt }) => prompt.startsWith(`${t} `));
		expect([running(0).length, running(1).length]).toEqual([2, 16]);
		await world.time.run(Promise.all(all));
		for (const tenant of [a, b]) tenant.leave();
	});
});

describe('what an edit does not forget', () => {
	const KEPT = 'https://kept.test';
	type Shape = Parameters<typeof settings>;
	const full = { baseUrl: KEPT, rateLimit: 5 };
	test.each<[string, Shape, Shape]>([
		['an endpoint before it is removed', [[{}, full]], [[full]]],
		['an endpoint before it is added', [[full]], [[{ weight: 0 }, full]]],
		['the limit applies to the key', [[full]], [[full], { rateLimitScope: 'key' }]],
		['the limit applies to the endpoint', [[full], { rateLimitScope: 'key' }], [[full]]],
		['a first limit is set', [[{ baseUrl: KEPT }]], [[full]]],
		['a twin before it is removed', [[{ ...full, weight: 0 }, full]], [[full]]],
	])('%s: the starts of the last minute', async (_name, before, after) => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		const first = world.join(world.open(keyed(before)));
		await world.time.run(Promise.all(many(10).map((each) => first.draw(request(each), keep))));
		first.leave();
		const startsOn = (endpoint: number, from: number) =>
			world.starts.slice(from).filter(({ lane }) => lane.startsWith(`Endpoint ${endpoint} `))
				.length;
		const made = startsOn(before[0].length, 0);
		const startedBefore = world.starts.length;
		const second = world.join(world.open(keyed(after)));
		const late = Promise.all(many(10).map((each) => second.draw(request(each), keep)));
		await world.time.pass(MINUTE - 2000);
		expect(startsOn(after[0].length, startedBefore)).toBe(Math.max(0, 5 - made));
		await world.time.run(late);
		second.leave();
	});

	test.each<[string, Shape, Shape]>([
		['a first limit is set', [[{}]], [[{ rateLimit: 1 }]]],
		['a key is added', [[{ rateLimit: 1 }]], [[{ rateLimit: 1, keys: 2 }]]],
		[
			'the limit applies to the key',
			[[{ rateLimit: 1 }]],
			[[{ rateLimit: 1 }], { rateLimitScope: 'key' }],
		],
	])('%s: a start counts from its own moment and for one minute', async (_name, before, after) => {
		for (const pause of [50_000, 3 * MINUTE]) {
			const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
			for (const content of [before, after]) {
				const tenant = world.join(world.open(settings(...content)));
				await world.time.run(tenant.draw(request('p'), keep));
				tenant.leave();
				if (content === before) await world.time.pass(pause);
			}
			const [first, second] = world.starts.map(({ at }) => at);
			expect(second! - first!).toBe(Math.max(pause + 10, MINUTE + 250));
		}
	});

	/** The key belongs to the address, and not to the place in the list. */
	const keyed = ([endpoints, rest]: Shape) => {
		const made = settings(endpoints, rest);
		const [first, ...others] = made.endpoints.map((endpoint, i) => ({
			...endpoint,
			keys: [
				endpoint.baseUrl === KEPT && i === made.endpoints.length - 1 ? 'kept' : `other-${i}`,
			] as [string],
		}));
		return { ...made, endpoints: [first!, ...others] as const };
	};

	test.each([
		['billing', 60],
		['throttled', 5],
		['forbidden', 10],
	] as const)('what put a lane to rest: %s', async (kind, minutes) => {
		const world = poolWorld(({ lane }) => ({
			kind: lane === 'Endpoint 1 #1' && world.starts.length < 3 ? kind : 'images',
			ms: 10,
			...(kind === 'throttled' && { hintMs: 5 * MINUTE }),
		}));
		const first = world.join(world.open(settings([{ baseUrl: KEPT }, {}])));
		await world.time.run(Promise.all(many(2).map((each) => first.draw(request(each), keep))));
		first.leave();
		const second = world.join(world.open(settings([{ baseUrl: KEPT, weight: 3 }, {}])));
		await world.time.run(Promise.all(many(4).map((each) => second.draw(request(each), keep))));
		expect(world.lanes().slice(-4)).toEqual(Array(4).fill('Endpoint 2 #1'));
		await world.time.pass(minutes * MINUTE);
		await world.time.run(Promise.all(many(4).map((each) => second.draw(request(each), keep))));
		expect(world.lanes().slice(-4)).toContain('Endpoint 1 #1');
		second.leave();
	});
});

describe('a run that goes on while its credential is edited', () => {
	type Shape = Parameters<typeof settings>;
	const byKey = { rateLimitScope: 'key' } as const;
	const isOld = (prompt: string) => prompt.startsWith('old');
	test.each<[string, Shape, Shape, (start: { lane: string; prompt: string }) => unknown]>([
		['one of its keys is removed', [[{ keys: 2, rateLimit: 5 }]], [[{ rateLimit: 5 }]], () => ''],
		['a key is added', [[{ rateLimit: 5 }]], [[{ keys: 2, rateLimit: 5 }]], () => ''],
		[
			'a key of its own limit is removed',
			[[{ keys: 2, rateLimit: 5 }], byKey],
			[[{ rateLimit: 5 }], byKey],
			({ lane }) => lane,
		],
		[
			'its endpoint is moved',
			[[{ rateLimit: 5 }]],
			[[{ rateLimit: 5, baseUrl: 'https://moved.test' }]],
			({ prompt }) => isOld(prompt),
		],
	])('%s: the limit holds, for it and whoever comes', async (_name, before, after, limitOf) => {
		const world = poolWorld(() => ({ kind: 'images', ms: 100 }));
		const tenants = [world.join(world.open(settings(...before)))];
		const drawn = many(30).map((each) => tenants[0]!.draw(request(`old ${each}`), keep));
		await world.time.pass(2000);
		tenants.push(world.join(world.open(settings(...after))));
		drawn.push(...many(20).map((each) => tenants[1]!.draw(request(`new ${each}`), keep)));
		await world.time.run(Promise.all(drawn));
		for (const { at: from, ...first } of world.starts) {
			const within = world.starts.filter(
				({ at, ...start }) => at >= from && at < from + MINUTE && limitOf(start) === limitOf(first),
			);
			expect(within.length).toBeLessThanOrEqual(5);
		}
		for (const tenant of tenants) tenant.leave();
	});

	test('an endpoint whose keys were all replaced keeps the starts of its last minute', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		const one = settings([{ rateLimit: 5 }]);
		const [endpoint] = one.endpoints;
		const other = { ...one, endpoints: [{ ...endpoint, keys: ['another-secret'] }] } as const;
		for (const content of [one, other]) {
			const tenant = world.join(world.open(content));
			void Promise.all(many(5).map((each) => tenant.draw(request(each), keep)));
			await world.time.pass(1000);
			tenant.leave();
		}
		expect(world.starts).toHaveLength(5);
	});

	test('contents of one credential, as an expression makes them, each keep their limit', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		const pools = ['a', 'b'].map((name) =>
			world.open(settings([{ baseUrl: `https://${name}.test`, rateLimit: 5 }])),
		);
		const tenants = pools.map((pool) => world.join(pool));
		const drawn = tenants.flatMap((tenant) =>
			many(10).map((each) => tenant.draw(request(each), keep)),
		);
		await world.time.pass(MINUTE - 2000);
		expect(world.starts).toHaveLength(10);
		await world.time.run(Promise.all(drawn));
		for (const tenant of tenants) tenant.leave();
	});

	// Before, each looked at the starts of all lanes once for each lane: 74 s.
	test('a thousand keys that an expression takes from the rows share their limit', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		const [endpoint] = settings([{ rateLimit: 5 }]).endpoints;
		const tenants = many(1000).map((key) => {
			const endpoints = [{ ...endpoint, keys: [`secret-${key}`] }] as const;
			return world.join(world.open({ ...settings([{}]), endpoints }));
		});
		const drawn = tenants.map((tenant) => tenant.draw(request('p'), keep).catch(() => null));
		await world.time.pass(MINUTE - 2000);
		expect(world.starts).toHaveLength(5);
		for (const tenant of tenants) tenant.leave();
		await world.time.run(Promise.all(drawn));
	});

	test('of different numbers of processes the lowest share holds, as long as it is in use', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
		const four = world.join(world.open(settings([{ rateLimit: 20 }], { processes: 4 })));
		const few = Promise.all(many(2).map((each) => four.draw(request(each), keep)));
		const one = world.join(world.open(settings([{ rateLimit: 20 }])));
		const rest = Promise.all(many(20).map((each) => one.draw(request(each), keep)));
		await world.time.pass(1000);
		expect(world.starts).toHaveLength(5);
		four.leave();
		await few;
		await world.time.pass(1000);
		expect(world.starts).toHaveLength(20);
		await world.time.run(rest);
		one.leave();
	});
});

describe('what a person has mended', () => {
	const asked = async (
		kind: FaultKind,
		between: (world: ReturnType<typeof poolWorld>) => unknown,
	) => {
		const world = poolWorld(({ nth }) => ({ kind: nth === 0 ? kind : 'images', ms: 10 }));
		const pool = world.open(settings([{}]));
		const tenant = world.join(pool);
		const draw = async () => (await world.time.run(tenant.draw(request('p'), keep))).status;
		const before = [await draw(), await draw()];
		between(world);
		const after = await draw();
		tenant.leave();
		return [...before, after, world.starts.length];
	};
	test.each(['billing', 'badKey', 'dailyQuota', 'modelMissing', 'regionBlocked'] as const)(
		'%s: a lane that has passed a check is open at once, for an execution that goes on too',
		async (kind) => {
			const lanes = settings([{}]).endpoints.flatMap(addressesOf);
			expect(await asked(kind, ({ registry }) => registry.reopen(lanes))).toEqual([
				'failed',
				'failed',
				'ok',
				2,
			]);
			expect(await asked(kind, () => {})).toEqual(['failed', 'failed', 'failed', 1]);
		},
	);

	test('a key that has just made images is asked once more before an image is given up, also after an edit', async () => {
		const world = poolWorld(({ nth }) => ({ kind: nth === 1 ? 'badKey' : 'images', ms: 10 }));
		for (const weight of [1, 2]) {
			const tenant = world.join(world.open(settings([{ weight }])));
			expect((await world.time.run(tenant.draw(request('p'), keep))).status).toBe('ok');
			tenant.leave();
		}
		expect(world.starts).toHaveLength(3);
	});

	test.each(['billing', 'badKey', 'dailyQuota'] as const)(
		'%s: who waits for another lane goes to one that has passed a check, also who was turned down there',
		async (kind) => {
			const world = poolWorld(({ at, lane }) => {
				if (lane.endsWith('#2')) return { kind: 'throttled', ms: 100, hintMs: 5 * MINUTE };
				return { kind: at < MINUTE ? kind : 'images', ms: 1000 };
			});
			const content = settings([{ keys: 2 }]);
			const tenant = world.join(world.open(content));
			const all = Promise.all(many(20).map((each) => tenant.draw(request(each), keep)));
			await world.time.pass(MINUTE);
			world.registry.reopen(addressesOf(content.endpoints[0]).slice(0, 1));
			await world.time.run(all);
			expect((await all).map(({ status }) => status)).toEqual(Array(20).fill('ok'));
			expect(world.time.now()).toBeLessThan(2 * MINUTE);
			tenant.leave();
		},
	);

	test('each lane is asked once in half a minute, however many executions begin', async () => {
		const world = poolWorld(() => ({ kind: 'billing', ms: 10 }));
		const pool = world.open(settings([{ keys: 2 }]));
		for (const prompt of many(30)) {
			const tenant = world.join(pool);
			await world.time.run(tenant.draw(request(prompt), keep));
			tenant.leave();
			await world.time.pass(2000);
		}
		expect(world.starts.length).toBeGreaterThanOrEqual(4);
		expect(world.starts.length).toBeLessThanOrEqual(6);
	});

	test('one that was asked and had been mended may be asked at once when something else befalls it', async () => {
		const replies = ['badKey', 'images', 'billing', 'images'] as const;
		const world = poolWorld(({ nth }) => ({ kind: replies[nth]!, ms: 10 }));
		const draw = async (weight: number, prompt: string) => {
			const tenant = world.join(world.open(settings([{ weight }])));
			await world.time.pass(10);
			const { status } = await world.time.run(tenant.draw(request(prompt), keep));
			tenant.leave();
			await world.time.pass(10);
			return status;
		};
		expect([
			await draw(1, 'a'),
			await draw(2, 'b'),
			await draw(3, 'c'),
			await draw(4, 'd'),
		]).toEqual(['failed', 'ok', 'failed', 'ok']);
	});
});
