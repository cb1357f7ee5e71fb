import type { Drawn } from '../../../core/src/result';
import { NO_USAGE } from '../../../core/src/image/image';
import { createBudget } from '../../../core/src/pool/budget';
import type { Tenant } from '../../../core/src/pool/tenant';
import { createRegistry } from '../../../core/src/pool/registry';
import { keep, poolWorld, request, seeded, settings } from '../../support/poolWorld';
import { virtualTime } from '../../support/virtualTime';

const ENTERS_AT = 1000;
const MINUTE = 60_000;

const codeOf = (drawn: Drawn<unknown>) => (drawn.status === 'ok' ? 'ok' : drawn.code);
const draws = (tenant: Tenant, prefix: string, count: number, model?: string) =>
	Array.from({ length: count }, (_, i) => tenant.draw(request(`${prefix}${i}`, model), keep));

describe('on a clock that goes on while the pool thinks, with timers that ring early', () => {
	// One in a hundred and fifty such waits hung for ever where starts and alarms were not looked at again.
	test('whoever waits is served', async () => {
		for (let seed = 0; seed < 1000; seed++) {
			const random = seeded(seed);
			const time = virtualTime({ restless: random });
			const clock = { now: time.now, wallClock: () => 1_795_000_000_000, random };
			let calls = 0;
			const registry = createRegistry(clock, () => ({
				async call() {
					await time.sleep(5);
					return calls++ === 0
						? {
								kind: 'throttled',
								detail: null,
								status: 429,
								message: '',
								hintMs: 3000,
								perModel: false,
								usage: NO_USAGE,
							}
						: { kind: 'refused', reason: 'X', text: '', usage: NO_USAGE, modelVersion: null };
				},
			}));
			const tenant = poolWorld(() => ({ kind: 'images' })).join(
				registry.open('x', settings([{}])),
				{ sleep: time.sleep },
			);
			expect(codeOf(await time.run(tenant.draw(request('p'), keep)))).toBe('X');
			tenant.leave();
		}
	});
});

describe('the deadline stands still', () => {
	test('while an item waits for a permit after its rest', async () => {
		const world = poolWorld(({ prompt, nth }) => {
			if (prompt === 'long') return { kind: 'images', ms: 60_000 };
			return { kind: nth === 0 ? 'noImage' : 'images' };
		});
		const pool = world.open(settings([{}], { maxConcurrentRequests: 1 }));
		const x = world.join(pool, { timeoutMs: 10_000, maxRetries: 1 });
		const y = world.join(pool);
		const long = [x.draw(request('x'), keep), y.draw(request('long'), keep)];
		expect((await world.time.run(Promise.all(long))).map(codeOf)).toEqual(['ok', 'ok']);
		for (const tenant of [x, y]) tenant.leave();
	});

	test('while items wait for permits that others took when a probe had succeeded', async () => {
		const world = poolWorld(({ lane, at, model }) => {
			if (model === 'y') {
				return lane.startsWith('Endpoint 2')
					? { kind: 'images', ms: 100_000 }
					: { kind: 'modelMissing', ms: 1 };
			}
			if (lane.startsWith('Endpoint 2')) return { kind: 'modelMissing', ms: 1 };
			return at < 5000 ? { kind: 'serverFault', ms: 100 } : { kind: 'images', ms: 3000 };
		});
		const pool = world.open(settings([{}, {}], { maxConcurrentRequests: 6 }));
		const x = world.join(pool, { timeoutMs: 10_000, maxRetries: 1, retryDelayMs: 100 });
		const own = draws(x, 'x', 6, 'x');
		while (!world.starts.some(({ at }) => at > 5000)) await world.time.pass(10);
		const others = Array.from({ length: 3 }, () => world.join(pool, { concurrency: 6 }));
		const theirs = others.flatMap((other, i) => draws(other, `y${i} `, 12, 'y'));
		expect((await world.time.run(Promise.all(own))).map(codeOf)).toEqual(Array(6).fill('ok'));
		await world.time.run(Promise.all(theirs));
		for (const tenant of [x, ...others]) tenant.leave();
	});

	test('while a lane is throttled', async () => {
		const world = poolWorld(({ nth }) => {
			if (nth === 0) return { kind: 'noImage' };
			return nth < 3 ? { kind: 'throttled', hintMs: 100_000 } : { kind: 'images' };
		});
		const tenant = world.join(world.open(settings([{}])), { timeoutMs: 10_000, maxRetries: 1 });
		const drawn = await world.time.run(tenant.draw(request('p'), keep));
		expect(codeOf(drawn)).toBe('ok');
		tenant.leave();
	});
});

test('no call is started past the deadline, even by a process that was held up', async () => {
	const world = poolWorld(({ at }) => ({
		kind: at < 20_000 ? 'serverFault' : 'images',
		ms: 100,
	}));
	const tenant = world.join(world.open(settings([{}])), {
		timeoutMs: 10_000,
		maxRetries: 1,
		retryDelayMs: 100,
	});
	const all = Promise.all(draws(tenant, 'p', 6));
	await world.time.pass(3000);
	world.time.set(ENTERS_AT + MINUTE);
	await world.time.run(all);
	expect(world.starts.filter(({ at }) => at >= ENTERS_AT + MINUTE)).toEqual([]);
	tenant.leave();
});

test.each([2, 16, 40])(
	'an endpoint that cannot be reached for 3 s loses none of %i items, with no retries allowed',
	async (items) => {
		const world = poolWorld(({ at }) => ({ kind: at < 4000 ? 'unreachable' : 'images', ms: 20 }));
		const tenant = world.join(world.open(settings([{}])));
		const drawn = await world.time.run(Promise.all(draws(tenant, 'p', items)));
		expect(drawn.map(codeOf)).toEqual(Array(items).fill('ok'));
		tenant.leave();
	},
);

test('an item gives up by the lanes it may use: what succeeds elsewhere is no hope for it', async () => {
	const world = poolWorld(({ lane, model }) => {
		if (lane.startsWith('Endpoint 1')) {
			return model === 'b' ? { kind: 'throttled', perModel: true } : { kind: 'forbidden' };
		}
		return model === 'b' ? { kind: 'modelMissing' } : { kind: 'images', ms: MINUTE };
	});
	const tenant = world.join(world.open(settings([{}, {}])), { concurrency: 2 });
	const hopeless = tenant.draw(request('b', 'b'), keep);
	let endedAt = 0;
	void hopeless.then(() => (endedAt = world.time.now()));
	await world.time.run(Promise.all(draws(tenant, 'a', 40)));
	expect(endedAt).toBeGreaterThan(0);
	// With the first call after ten minutes that brings nothing.
	expect(endedAt).toBeLessThanOrEqual(ENTERS_AT + 11 * MINUTE + 1000);
	tenant.leave();
});

test('where everything comes back too late, an item ends at once', async () => {
	const world = poolWorld(() => ({ kind: 'throttled', hintMs: 11 * MINUTE }));
	const tenant = world.join(world.open(settings([{}])));
	const drawn = await world.time.run(tenant.draw(request('p'), keep));
	expect(codeOf(drawn)).toBe('deadline');
	expect(world.time.now()).toBeLessThan(ENTERS_AT + 2000);
	tenant.leave();
});

test('who joins brings an HTTP client, timers, a signal and how many calls at once: no more is needed', async () => {
	const world = poolWorld(() => ({ kind: 'serverFault' }));
	const tenant = world.open(settings([{}])).join({
		fetch: () => Promise.reject(new Error('scripted endpoints use no network')),
		sleep: world.time.sleep,
		signal: new AbortController().signal,
		concurrency: 4,
	});
	expect(codeOf(await world.time.run(tenant.draw(request('p'), keep)))).toBe('serverFault');
	expect(world.starts.length).toBe(1);
	tenant.leave();
});

test.each([{ concurrency: 0 }, { concurrency: NaN }, { timeoutMs: 0 }, { maxRetries: -1 }])(
	'options that could not work are refused: %j',
	(options) => {
		const world = poolWorld(() => ({ kind: 'images' }));
		expect(() => world.join(world.open(settings([{}])), options)).toThrow(RangeError);
	},
);

test('a timeout beyond what timers can count is none', async () => {
	const world = poolWorld(() => ({ kind: 'images', ms: MINUTE }));
	const sleep = (ms: number, signal?: AbortSignal) =>
		world.time.sleep(ms > 2 ** 31 - 1 ? 1 : ms, signal);
	const tenant = world.join(world.open(settings([{}])), { timeoutMs: Infinity, sleep });
	expect(codeOf(await world.time.run(tenant.draw(request('p'), keep)))).toBe('ok');
	tenant.leave();
});

test('Stop Starting After ends who waits at its time, also while others hold every permit', async () => {
	const world = poolWorld(({ prompt }) => ({
		kind: 'images',
		ms: prompt === 'long' ? 200_000 : 10,
	}));
	const pool = world.open(settings([{}], { maxConcurrentRequests: 1 }));
	const other = world.join(pool);
	const long = other.draw(request('long'), keep);
	await world.time.pass(10);
	const tenant = world.join(pool, { stopStartingAt: world.time.now() + 1000 });
	const drawn = await world.time.run(tenant.draw(request('p'), keep));
	expect(codeOf(drawn)).toBe('stopStartingAfter');
	expect(world.time.now()).toBe(ENTERS_AT + 1010);
	await world.time.run(long);
	for (const one of [other, tenant]) one.leave();
});

describe('a budget', () => {
	test('that two pools share: what one frees the other may spend at once', async () => {
		const world = poolWorld(({ prompt }) => ({ kind: prompt === 'a' ? 'badRequest' : 'images' }));
		const budget = createBudget(0.04);
		const [a, b] = ['a', 'b'].map((name) =>
			world.join(world.open(settings([{ baseUrl: `https://${name}.test` }]), name), { budget }),
		) as [Tenant, Tenant];
		const first = a.draw(request('a'), keep);
		await world.time.pass(10);
		const second = b.draw(request('b'), keep);
		expect((await world.time.run(Promise.all([first, second]))).map(codeOf)).toEqual([
			'badRequest',
			'ok',
		]);
		for (const tenant of [a, b]) tenant.leave();
	});

	const fourK = { generationConfig: { imageConfig: { imageSize: '4K' } } };
	test.each<[string, Partial<ReturnType<typeof request>>]>([
		['by its size', { imageSize: '4K' }],
		['by a size among its additional fields', { additionalFields: fourK }],
	])('holds no cheap image up behind one, dear %s, that waits for money', async (_name, dear) => {
		const world = poolWorld(({ prompt }) => ({
			kind: 'images',
			ms: prompt === 'long' ? 100_000 : 10,
		}));
		const tenant = world.join(world.open(settings([{}])), { budget: createBudget(0.14) });
		const wished = [request('long'), { ...request('dear'), ...dear }, request('cheap')].map(
			(wish) => tenant.draw(wish, keep),
		);
		await world.time.pass(100);
		expect(world.starts.map(({ prompt }) => prompt)).toEqual(['long', 'cheap']);
		await world.time.run(Promise.all(wished));
		tenant.leave();
	});

	test('that is used up ends an item that was called for by what came of its call', async () => {
		const world = poolWorld(({ prompt }) => ({ kind: prompt === 'x' ? 'noImage' : 'images' }));
		const tenant = world.join(world.open(settings([{}])), {
			budget: createBudget(0.04),
			maxRetries: 3,
			retryDelayMs: 5000,
		});
		const served = tenant.draw(request('x'), keep);
		await world.time.pass(1500);
		const other = tenant.draw(request('y'), keep);
		const drawn = await world.time.run(Promise.all([served, other]));
		expect(drawn.map(codeOf)).toEqual(['noImage', 'ok']);
		tenant.leave();
	});
});

describe('a request that Google declines is not sent again by its siblings', () => {
	test.each([
		['that were throttled', 'throttled', 5000],
		['that rest before a retry', 'noImage', undefined],
	] as const)('%s', async (_name, kind, hintMs) => {
		const world = poolWorld(({ nth }) =>
			nth === 0 ? { kind, ms: 10, hintMs } : { kind: 'refused' },
		);
		const wish = request('p');
		const tenant: Tenant = world.join(world.open(settings([{}])), {
			maxRetries: 3,
			retryDelayMs: 3000,
		});
		const drawn = await world.time.run(
			Promise.all([tenant.draw(wish, keep), tenant.draw(wish, keep)]),
		);
		expect(drawn.map(codeOf)).toEqual([kind === 'throttled' ? 'withdrawn' : kind, 'IMAGE_SAFETY']);
		expect(codeOf(await world.time.run(tenant.draw(wish, keep)))).toBe('withdrawn');
		expect(world.starts).toHaveLength(2);
		tenant.leave();
	});

	test('whose calls are in progress', async () => {
		const world = poolWorld(({ nth }) => ({
			kind: nth === 0 ? 'refused' : 'serverFault',
			ms: nth === 0 ? 10 : 1000,
		}));
		const wish = request('p');
		const tenant: Tenant = world.join(world.open(settings([{}, {}])), {
			maxRetries: 3,
		});
		await world.time.run(Promise.all([tenant.draw(wish, keep), tenant.draw(wish, keep)]));
		expect(world.starts).toHaveLength(2);
		tenant.leave();
	});
});
