import type { Drawn } from '../../../core/src/result';
import { createBudget } from '../../../core/src/pool/budget';
import { msToMidnightPacific } from '../../../core/src/pacific';
import {
	keep,
	poolWorld,
	request,
	settings,
	type Script,
	type Start,
} from '../../support/poolWorld';
import type { JoinOptions } from '../../../core/src/pool/terms';

const ENTERS_AT = 1000;
const MINUTE = 60_000;

interface Run {
	readonly pool: Parameters<typeof settings>;
	readonly script: Script;
	/** Items of each execution. */
	readonly items: readonly number[];
	readonly options?: Partial<JoinOptions>;
}

/** Plays a pipeline to its end. */
async function run({ pool: [endpoints, rest], script, items, options }: Run) {
	const world = poolWorld(script);
	const pool = world.open(settings(endpoints, rest));
	const tenants = items.map(() => world.join(pool, options));
	const draws = items.flatMap((count, t) =>
		Array.from({ length: count }, (_, i) => tenants[t]!.draw(request(`t${t} i${i}`), keep)),
	);
	const drawn = await world.time.run(Promise.all(draws));
	for (const tenant of tenants) tenant.leave();
	expect(world.time.timers).toBe(0);
	const count = (status: Drawn<null>['status']) =>
		drawn.filter((each) => each.status === status).length;
	return { world, pool, drawn, count, starts: world.starts };
}

const on = (endpoint: number) => (start: Start) => start.lane.startsWith(`Endpoint ${endpoint} `);

function mostInWindow(starts: readonly Start[], windowMs: number): number {
	const times = starts.map(({ at }) => at);
	return Math.max(
		0,
		...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length),
	);
}

describe('what a pipeline may rely on', () => {
	test.each([
		['2:1', 2, 1],
		['1:2', 1, 2],
	])(
		'limits of 60 and 30 a minute hold, with weights %s, and cost no more time than they must',
		async (_, a, b) => {
			const latency = 800;
			const { starts, count } = await run({
				pool: [
					[
						{ rateLimit: 60, weight: a },
						{ rateLimit: 30, weight: b },
					],
				],
				script: () => ({ kind: 'images', ms: latency }),
				items: [75, 75],
			});
			expect(count('ok')).toBe(150);
			expect(mostInWindow(starts.filter(on(1)), MINUTE)).toBeLessThanOrEqual(60);
			expect(mostInWindow(starts.filter(on(2)), MINUTE)).toBeLessThanOrEqual(30);
			// The greedy schedule: 90 starts as 16 permits allow, the other 60 as windows of exactly 60 s reopen.
			const wave = (n: number) => Math.floor(n / 16) * latency;
			const ideal = Math.max(...Array.from({ length: 60 }, (_n, n) => MINUTE + wave(n)));
			const last = Math.max(...starts.map(({ at }) => at)) - ENTERS_AT;
			expect(ideal / last).toBeGreaterThanOrEqual(0.99);
		},
	);

	test('one bad key of 4: nothing fails, and no more is wasted than was in flight', async () => {
		const { count, starts } = await run({
			pool: [[{ keys: 4 }]],
			script: ({ lane }) => ({ kind: lane === 'Endpoint 1 #3' ? 'badKey' : 'images' }),
			items: [60],
		});
		expect(count('ok')).toBe(60);
		expect(starts.length - 60).toBeLessThanOrEqual(16 / 4);
	});

	test.each([
		['dead', 'unreachable' as const, 0],
		['hanging', 'timeout' as const, 1],
	])('one %s endpoint of 2: nothing is lost', async (_, kind, maxRetries) => {
		const { count, starts } = await run({
			pool: [[{}, {}]],
			script: ({ lane }) =>
				lane.startsWith('Endpoint 1') ? { kind, ms: 2000 } : { kind: 'images' },
			items: [40],
			options: { maxRetries },
		});
		expect(count('ok')).toBe(40);
		expect(starts.filter(on(1)).length).toBeLessThanOrEqual(16);
	});

	test('one key held to 10 a minute by the server, no limit configured: 200 items end with 200 images', async () => {
		const served: number[] = [];
		const { count, starts } = await run({
			pool: [[{}]],
			script: ({ at }) => {
				const recent = served.filter((time) => time > at - MINUTE);
				if (recent.length >= 10)
					return { kind: 'throttled', ms: 50, hintMs: recent.at(-10)! + MINUTE - at };
				served.push(at);
				return { kind: 'images', ms: 8000 };
			},
			items: [200],
		});
		expect(count('ok')).toBe(200);
		// Each minute one call finds out that the window is open, and fifteen follow: ten are served.
		expect(starts.length).toBeLessThanOrEqual(20 * 17);
	});

	test('all keys bad: every item says so, and each key was asked once', async () => {
		const { drawn, starts } = await run({
			pool: [[{ keys: 3 }]],
			script: () => ({ kind: 'badKey' }),
			items: [1],
			options: { maxRetries: 7 },
		});
		expect(starts).toHaveLength(3);
		const [only] = drawn;
		expect(only).toMatchObject({ status: 'failed', code: 'badKey' });
		expect(only!.status !== 'ok' && only!.message).toBe(
			'No API key can make this image now. Endpoint 1 #1: the API key is not accepted (“You sent [Endpoint 1 #1]”, tried again in 60 min); Endpoint 1 #2: the API key is not accepted (“You sent [Endpoint 1 #2]”, tried again in 60 min); Endpoint 1 #3: the API key is not accepted (“You sent [Endpoint 1 #3]”, tried again in 60 min). Put a valid API key in its place.',
		);
	});

	test('a daily quota is not asked again after its misleading hint, but within the hour, and after midnight', async () => {
		const world = poolWorld(({ at }) => ({
			kind: at < 3 * 60 * MINUTE ? 'dailyQuota' : 'images',
			hintMs: 36_000,
		}));
		const pool = world.open(settings([{}]));
		const tenant = world.join(pool);
		const ask = async () => (await world.time.run(tenant.draw(request('p'), keep))).status;
		expect(await ask()).toBe('failed');
		await world.time.pass(37_000);
		expect(await ask()).toBe('failed');
		expect(world.starts).toHaveLength(1);
		await world.time.pass(60 * MINUTE);
		expect(await ask()).toBe('failed');
		expect(world.starts).toHaveLength(2);
		await world.time.pass(3 * 60 * MINUTE);
		expect(await ask()).toBe('ok');
		tenant.leave();
	});

	test('a hint of 3.2 s is waited for with no retries allowed', async () => {
		const { drawn, starts } = await run({
			pool: [[{}]],
			script: ({ nth }) =>
				nth === 0 ? { kind: 'throttled', ms: 0, hintMs: 3200 } : { kind: 'images' },
			items: [1],
		});
		expect(drawn[0]!.status).toBe('ok');
		expect(starts.map(({ at }) => at - ENTERS_AT)).toEqual([0, 3200]);
	});

	test.each([
		['refused', ['Endpoint 1 #1']],
		// Another endpoint may take what one rejects.
		['badRequest', ['Endpoint 1 #1', 'Endpoint 2 #1']],
	] as const)('%s is sent to %j and no further', async (kind, lanes) => {
		const { starts } = await run({
			pool: [[{ keys: 3 }, {}, {}]],
			script: () => ({ kind }),
			items: [1],
			options: { maxRetries: 9 },
		});
		expect(starts.map(({ lane }) => lane)).toEqual(lanes);
	});

	test('sixteen throttled calls in flight are one strike', async () => {
		const world = poolWorld(({ at }) => ({ kind: at < 2000 ? 'throttled' : 'images', ms: 500 }));
		const pool = world.open(settings([{}]));
		const tenant = world.join(pool);
		const all = Promise.all(
			Array.from({ length: 16 }, (_, i) => tenant.draw(request(`${i}`), keep)),
		);
		await world.time.pass(600);
		expect(pool.status()).toMatchObject([{ state: 'cooling', backInMs: 1900 }]);
		await world.time.run(all);
		// After one strike of 2 s one call finds out, then the other fifteen follow.
		expect(world.starts.map(({ at }) => at - ENTERS_AT).slice(16)).toEqual([
			2500,
			...Array<number>(15).fill(3000),
		]);
		tenant.leave();
	});

	test('a limit per minute is shared out among processes', async () => {
		const { starts } = await run({
			pool: [[{ rateLimit: 5 }], { processes: 2 }],
			script: () => ({ kind: 'images' }),
			items: [8],
		});
		expect(mostInWindow(starts, MINUTE)).toBe(2);
	});

	test('one start a minute among 15 processes is one start in 15 minutes, and is waited for', async () => {
		const { starts, count } = await run({
			pool: [[{ rateLimit: 1 }], { processes: 15, maxConcurrentRequests: 15 }],
			script: () => ({ kind: 'images' }),
			items: [3],
		});
		expect(count('ok')).toBe(3);
		expect(starts.map(({ at }) => Math.round((at - ENTERS_AT) / MINUTE))).toEqual([0, 15, 30]);
	});

	test('a standby endpoint serves only while no other can', async () => {
		const { starts } = await run({
			pool: [[{ rateLimit: 4 }, { weight: 0 }]],
			script: () => ({ kind: 'images' }),
			items: [10],
		});
		expect(starts.map(({ lane }) => lane.slice(9, 10)).join('')).toBe('1111222222');
	});

	test('executions take turns, permit by permit, in their own order', async () => {
		const { starts } = await run({
			pool: [[{}], { maxConcurrentRequests: 1 }],
			script: () => ({ kind: 'images' }),
			items: [3, 3],
		});
		expect(starts.map(({ prompt }) => prompt)).toEqual([
			't0 i0',
			't1 i0',
			't0 i1',
			't1 i1',
			't0 i2',
			't1 i2',
		]);
	});

	test('an item that failed over keeps its place in the line', async () => {
		const { starts } = await run({
			pool: [[{ keys: 2 }], { maxConcurrentRequests: 1 }],
			script: ({ prompt, nth, lane }) => ({
				kind: lane.endsWith('#1') && nth === 0 && prompt === 't0 i0' ? 'throttled' : 'images',
			}),
			items: [3],
		});
		expect(starts.map(({ prompt }) => prompt)).toEqual(['t0 i0', 't0 i0', 't0 i1', 't0 i2']);
	});

	test('when nothing succeeds anywhere, an item gives up with the first call after ten minutes', async () => {
		const { world, drawn } = await run({
			pool: [[{}]],
			script: () => ({ kind: 'throttled', ms: 10 }),
			items: [2],
			options: { timeoutMs: 1000 },
		});
		expect(drawn.map((each) => each.status !== 'ok' && each.code)).toEqual([
			'deadline',
			'deadline',
		]);
		expect(world.time.now() - ENTERS_AT).toBeLessThanOrEqual(11 * MINUTE + 1000);
		expect(world.time.now() - ENTERS_AT).toBeGreaterThan(10 * MINUTE);
	});

	test('calls of an attempt have their full timeout, even if the deadline passes meanwhile', async () => {
		const { drawn } = await run({
			pool: [[{}, {}]],
			script: ({ lane }) =>
				lane.startsWith('Endpoint 1')
					? { kind: 'serverFault', ms: 900 }
					: { kind: 'images', ms: 950 },
			items: [1],
			options: { timeoutMs: 1000 },
		});
		expect(drawn[0]!.status).toBe('ok');
	});

	test('a rest that ends within a millisecond of the deadline leads to no other call', async () => {
		for (let retryDelayMs = 192; retryDelayMs < 400; retryDelayMs++) {
			const world = poolWorld(() => ({ kind: 'noImage', ms: 0 }));
			const tenant = world.join(world.open(settings([{}])), {
				maxRetries: 1,
				timeoutMs: 96,
				retryDelayMs,
			});
			await world.time.run(tenant.draw(request('p'), keep));
			tenant.leave();
			const deadline = world.starts[0]!.at + 2 * 96;
			for (const { at } of world.starts) expect(at).toBeLessThan(deadline);
		}
	});

	test('an attempt that takes too long is a timeout', async () => {
		const { drawn, world } = await run({
			pool: [[{}]],
			script: () => ({ kind: 'images', ms: 5000 }),
			items: [1],
			options: { timeoutMs: 2000 },
		});
		expect(drawn[0]).toMatchObject({
			code: 'timeout',
			account: { attempts: [{ durationMs: 2000 }] },
		});
		expect(world.time.now()).toBe(ENTERS_AT + 2000);
	});
});

describe('what ends a run early', () => {
	test('nothing is started once stopped; calls in flight are finished without retry', async () => {
		const world = poolWorld(({ prompt }) => ({ kind: prompt === '1' ? 'serverFault' : 'images' }));
		const tenant = world.join(world.open(settings([{}, {}])), { concurrency: 3, maxRetries: 5 });
		const all = Promise.all(
			Array.from({ length: 6 }, (_, i) => tenant.draw(request(`${i}`), keep)),
		);
		await world.time.pass(500);
		tenant.stopStarting();
		const drawn = await world.time.run(all);
		tenant.leave();
		expect(drawn.map(({ status }) => status)).toEqual([
			'ok',
			'failed',
			'ok',
			'notStarted',
			'notStarted',
			'notStarted',
		]);
		expect(world.starts).toHaveLength(3);
	});

	test('nothing is started after the time that was set', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 1000 }));
		const tenant = world.join(world.open(settings([{}])), {
			concurrency: 2,
			stopStartingAt: world.time.now() + 1500,
		});
		const drawn = await world.time.run(
			Promise.all(Array.from({ length: 6 }, (_, i) => tenant.draw(request(`${i}`), keep))),
		);
		tenant.leave();
		expect(drawn.map(({ status }) => status)).toEqual([
			'ok',
			'ok',
			'ok',
			'ok',
			'notStarted',
			'notStarted',
		]);
		expect(world.time.timers).toBe(0);
	});

	test('a budget counts calls in flight, and gives back what was not spent', async () => {
		const world = poolWorld(({ prompt }) => ({ kind: prompt === '0' ? 'badRequest' : 'images' }));
		// 0.0336 an image: two fit, and the first of them is not charged.
		const budget = createBudget(0.07);
		const tenant = world.join(world.open(settings([{}])), { budget });
		const drawn = await world.time.run(
			Promise.all(Array.from({ length: 4 }, (_, i) => tenant.draw(request(`${i}`), keep))),
		);
		tenant.leave();
		expect(drawn.map(({ status }) => status)).toEqual(['failed', 'ok', 'ok', 'notStarted']);
		expect(budget.spentUsd).toBeCloseTo(0.0672);
		expect(world.starts).toHaveLength(3);
	});

	test.each([
		['what is asked for after it has left', 0, ['notStarted', 'notStarted']],
		['what was in flight as it left, without a failover', 500, ['failed', 'notStarted']],
		['what rested as it left', 1500, ['failed', 'notStarted']],
	])('a tenant that has left settles %s', async (_, leftAfterMs, statuses) => {
		const world = poolWorld(() => ({ kind: 'serverFault' }));
		const tenant = world.join(world.open(settings([{}])), { maxRetries: 5, retryDelayMs: 60_000 });
		const first = leftAfterMs > 0 && tenant.draw(request('1'), keep);
		await world.time.pass(leftAfterMs);
		tenant.leave();
		const drawn = [first || tenant.draw(request('1'), keep), tenant.draw(request('2'), keep)];
		const ends = await world.time.run(Promise.all(drawn));
		expect(ends.map(({ status }) => status)).toEqual(statuses);
		expect(world.starts).toHaveLength(leftAfterMs > 0 ? 1 : 0);
		expect(world.time.timers).toBe(0);
	});

	test('an image that had arrived is kept even where the run is cancelled meanwhile', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 100 }));
		const controller = new AbortController();
		const tenant = world.join(world.open(settings([{}])), { signal: controller.signal });
		const drawn = tenant.draw(request('p'), async () => {
			controller.abort(new Error('cancelled'));
			await world.time.sleep(50);
			return 'kept';
		});
		expect(await world.time.run(drawn)).toMatchObject({ status: 'ok', kept: 'kept' });
		tenant.leave();
	});
});

describe('a credential that is edited', () => {
	test('keeps the starts of its last minute, and shares the concurrency with its former self', async () => {
		const world = poolWorld(() => ({ kind: 'images', ms: 10_000 }));
		const before = world.open(settings([{ rateLimit: 3 }], { maxConcurrentRequests: 4 }));
		const after = world.open(settings([{ rateLimit: 5 }], { maxConcurrentRequests: 4 }));
		expect(after).not.toBe(before);
		const [old, young] = [world.join(before), world.join(after)];
		const all = Promise.all([
			...Array.from({ length: 3 }, (_, i) => old.draw(request(`old ${i}`), keep)),
			...Array.from({ length: 3 }, (_, i) => young.draw(request(`young ${i}`), keep)),
		]);
		await world.time.pass(0);
		expect(world.starts).toHaveLength(4);
		await world.time.run(all);
		expect(world.starts.filter(({ at }) => at < ENTERS_AT + MINUTE)).toHaveLength(5);
		old.leave();
		young.leave();
	});

	test('with the same content is the same pool, whoever asks, until it has been idle for ten minutes', async () => {
		const world = poolWorld(() => ({ kind: 'images' }));
		const first = world.open(settings([{}]), 'a');
		expect(world.open(settings([{}]), 'b')).toBe(first);
		const tenant = world.join(first);
		await world.time.pass(20 * MINUTE);
		expect(world.open(settings([{}]), 'a')).toBe(first);
		tenant.leave();
		await world.time.pass(9 * MINUTE);
		expect(world.open(settings([{}]), 'a')).toBe(first);
		await world.time.pass(10 * MINUTE);
		expect(world.open(settings([{}]), 'a')).not.toBe(first);
	});
});

test.each([
	['a winter evening', '2026-11-22T04:30:00Z', 3.5],
	['a summer noon', '2026-07-01T19:00:00Z', 12],
	['midnight itself', '2026-11-22T08:00:00Z', 24],
	['the night that loses an hour', '2026-03-08T08:30:00Z', 22.5],
	['the night that gains an hour', '2026-11-01T07:30:00Z', 24.5],
])('midnight in California, from %s', (_, from, hours) => {
	expect(msToMidnightPacific(Date.parse(from)) / 3_600_000).toBe(hours);
});
