import { keep, on, play, poolWorld, request, seeded, settings } from '../../support/play';

test.each([['endpoints', [{}, {}] as const, on(2)]])(
	'a slow lane among two %s holds no more than its share of the permits',
	async (_, endpoints, isSlow) => {
		const { seconds } = await play({
			pool: [[...endpoints]],
			script: (call) => ({ kind: 'images', ms: isSlow(call) ? 20_000 : 2000 }),
			items: [100],
		});
		// The fast one alone: 14 s. Half of the permits each: 40 s. Half of the images each: 82 s.
		expect(seconds).toBeLessThanOrEqual(50);
	},
);

test.each([1, 4, 16])(
	'lanes of equal speed keep to their shares, %i at once',
	async (concurrency) => {
		const random = seeded(9);
		const { starts } = await play({
			pool: [[{ weight: 1 }, { weight: 2 }], { maxConcurrentRequests: concurrency }],
			script: () => ({ kind: 'images', ms: 5000 + random() * 10_000 }),
			items: [300],
		});
		expect(Math.abs(starts.filter(on(2)).length - 200)).toBeLessThanOrEqual(6);
	},
);

test('an execution of short calls beside one of long calls gets its share of the permits', async () => {
	const world = poolWorld(({ prompt }) => ({
		kind: 'images',
		ms: prompt.startsWith('long') ? 60_000 : 1000,
	}));
	const pool = world.open(settings([{}]));
	const [long, short] = [world.join(pool), world.join(pool)];
	const theirs = Promise.all(
		Array.from({ length: 200 }, (_, i) => long.draw(request(`long ${i}`), keep)),
	);
	await world.time.pass(120_001);
	const from = world.time.now();
	await world.time.run(
		Promise.all(Array.from({ length: 100 }, (_, i) => short.draw(request(`short ${i}`), keep))),
	);
	// Alone 7 s; with half of the permits, which the long calls free within a minute, 73 s.
	expect((world.time.now() - from) / 1000).toBeLessThan(120);
	long.stopStarting();
	await world.time.run(theirs);
	for (const each of [long, short]) each.leave();
});
