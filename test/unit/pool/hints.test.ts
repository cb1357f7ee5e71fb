import { MINUTE, play, perMinute, poolWorld, settings, request, keep } from '../../support/play';

describe('a hint that proves wrong again and again', () => {
	test.each([4, 100, 1000])(
		'of %i ms does not keep the pool calling: it waits longer each time',
		async (hint) => {
			const { starts } = await play({
				pool: [[{}]],
				script: () => ({ kind: 'throttled', ms: 50, hintMs: hint }),
				items: [20],
			});
			// Without a hint: 29 calls until it gives up after 9 minutes.
			expect(starts.length).toBeLessThanOrEqual(60);
		},
	);

	test('of a second, as many proxies send it always: 100 images at 10 a minute waste at most two calls an image', async () => {
		const { made, calls } = await play({
			pool: [[{}]],
			script: perMinute(10, 8000, 1000),
			items: [100],
		});
		expect(made).toBe(100);
		expect(calls('throttled')).toBeLessThanOrEqual(200);
	});
});

describe('a hint of ten hours', () => {
	test('is told with the lane and the time, to the items that come later too', async () => {
		const world = poolWorld(() => ({ kind: 'throttled', ms: 50, hintMs: 600 * MINUTE }));
		const pool = world.open(settings([{}]));
		const tenant = world.join(pool);
		const said = async () => {
			const drawn = await world.time.run(tenant.draw(request('p'), keep));
			return drawn.status === 'ok' ? '' : drawn.message;
		};
		expect(await said()).toMatch(/Endpoint 1 #1.*10 h/);
		await world.time.pass(5 * MINUTE);
		expect(await said()).toMatch(/Endpoint 1 #1.*10 h/);
		tenant.leave();
	});

	test('is checked within the hour, as a daily quota is', async () => {
		const world = poolWorld(({ at }) =>
			at < 2 * MINUTE
				? { kind: 'throttled', ms: 50, hintMs: 600 * MINUTE }
				: { kind: 'images', ms: 100 },
		);
		const tenant = world.join(world.open(settings([{}])));
		await world.time.run(tenant.draw(request('p'), keep));
		await world.time.pass(65 * MINUTE);
		expect((await world.time.run(tenant.draw(request('p'), keep))).status).toBe('ok');
		tenant.leave();
	});
});
