import { MINUTE, play, SECOND, request, keep, poolWorld, settings } from '../../support/play';

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
