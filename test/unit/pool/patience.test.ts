import {
	MINUTE,
	on,
	play,
	SECOND,
	request,
	keep,
	poolWorld,
	settings,
	type Script,
} from '../../support/play';

describe('patience of ten minutes', () => {
	test.each([7, 8, 9])('an outage of %i minutes loses no item', async (minutes) => {
		const { made } = await play({
			pool: [[{}]],
			// The first calls are served, the others meet the outage.
			script: ({ at }) =>
				at > 20_000 && at < 20_000 + minutes * MINUTE
					? { kind: 'unreachable', ms: 20 }
					: { kind: 'images', ms: 45_000 },
			items: [100],
		});
		expect(made).toBe(100);
	});

	test('an address that has never answered is told within two minutes', async () => {
		const { made, seconds } = await play({
			pool: [[{}]],
			script: () => ({ kind: 'unreachable', ms: 50 }),
			items: [100],
		});
		expect(made).toBe(0);
		expect(seconds).toBeLessThanOrEqual(120);
	});

	test('nobody gives up while the call that finds out is in progress', async () => {
		const { made } = await play({
			pool: [[{}]],
			script: ({ nth }) =>
				nth < 16
					? { kind: 'throttled', ms: 100, hintMs: 590 * SECOND }
					: { kind: 'images', ms: 30_000 },
			items: [100],
		});
		expect(made).toBe(100);
	});

	test.each(['serverFault', 'unreachable'] as const)(
		'nor when another that found out beside it has failed: %s',
		async (kind) => {
			let back = 0;
			const { made } = await play({
				pool: [[{}]],
				script: ({ at }) => {
					if (at < 10_000) return { kind: 'images', ms: 5000 };
					// Ten minutes after the last image one is made again, slowly, while the next call still fails.
					if (at < 625_000 || ++back === 2) return { kind, ms: 100 };
					return { kind: 'images', ms: MINUTE };
				},
				items: [100],
				options: { maxRetries: 3, timeoutMs: 600_000 },
			});
			expect(made).toBe(100);
		},
	);

	test('nor before one was made: ten minutes of windows and three bad prompts are no outage', async () => {
		const { drawn } = await play({
			pool: [[{ rateLimit: 1 }]],
			script: ({ prompt }) => ({
				kind: prompt.endsWith(' i4') ? 'serverFault' : 'images',
				ms: 1000,
			}),
			items: [5, 5, 7],
			model: (execution) => (execution === 1 ? 'b' : 'a'),
			options: { concurrency: 1 },
		});
		const good = drawn.filter((_, place) => ![4, 9, 14].includes(place));
		expect(good.map(({ status }) => status)).toEqual(Array(14).fill('ok'));
	});

	test('a process that was frozen for an hour looks at its lanes before it gives up', async () => {
		const world = poolWorld(({ nth }) =>
			nth < 16 ? { kind: 'throttled', ms: 100, hintMs: 30_000 } : { kind: 'images', ms: 8000 },
		);
		const tenant = world.join(world.open(settings([{}])));
		const all = Promise.all(
			Array.from({ length: 50 }, (_, i) => tenant.draw(request(`${i}`), keep)),
		);
		await world.time.pass(12_000);
		world.time.set(world.time.now() + 60 * MINUTE);
		const drawn = await world.time.run(all);
		expect(drawn.filter(({ status }) => status === 'ok')).toHaveLength(50);
		tenant.leave();
	});

	test.each([
		[300, 10],
		[3600, 10],
	])(
		'is no longer for a timeout of %i s and %i retries: a mistyped address is told within a quarter of an hour',
		async (seconds, maxRetries) => {
			const { seconds: took } = await play({
				pool: [[{}]],
				script: () => ({ kind: 'unreachable', ms: 50 }),
				items: [3],
				options: { timeoutMs: seconds * SECOND, maxRetries },
			});
			expect(took).toBeLessThanOrEqual(15 * 60);
		},
	);
});

describe('an endpoint that fails now and then, beside one that is down', () => {
	test.each<[string, Script]>([
		['from the start', () => ({ kind: 'unreachable', ms: 50 })],
		['after a minute', ({ at }) => ({ kind: at < MINUTE ? 'images' : 'unreachable', ms: 50 })],
		['and hangs', () => ({ kind: 'images', ms: 1e8 })],
		['and answers 503', () => ({ kind: 'serverFault', ms: 50 })],
		['for ten minutes, as it says', () => ({ kind: 'throttled', ms: 50, hintMs: 590_000 })],
	])('%s: who has a retry left goes back', async (_name, down) => {
		const failed = new Set<string>();
		const { made } = await play({
			pool: [[{}, {}]],
			script: (call) => {
				if (on(2)(call)) return down(call);
				const fails = call.nth % 25 === 24 && !failed.has(call.prompt);
				if (fails) failed.add(call.prompt);
				return { kind: fails ? 'serverFault' : 'images', ms: 8000 };
			},
			items: [400],
			options: { maxRetries: 2, timeoutMs: 120_000 },
		});
		expect(made).toBe(400);
	});

	test('whose connection was lost once: who waits for the other goes back at no cost', async () => {
		const { made, seconds } = await play({
			pool: [[{}, {}]],
			script: (call) => ({
				kind: on(2)(call) || call.nth === 10 ? 'unreachable' : 'images',
				ms: 1000,
			}),
			items: [20],
			options: { concurrency: 1 },
		});
		expect(made).toBe(20);
		expect(seconds).toBeLessThan(60);
	});

	test('a server that has worked on an item is no mistyped address: its retries are used', async () => {
		const { starts, drawn } = await play({
			pool: [[{}]],
			script: ({ at }) => ({ kind: 'images', ms: at < 3 * MINUTE ? 1e8 : 8000 }),
			items: [5],
			options: { maxRetries: 3, timeoutMs: 120_000 },
		});
		expect(drawn.map(({ status }) => status)).toEqual(Array(5).fill('ok'));
		expect(starts.length).toBeLessThanOrEqual(20);
	});
});
