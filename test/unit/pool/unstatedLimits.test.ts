import {
	atOnce,
	keep,
	perMinute,
	play,
	poolWorld,
	request,
	SECOND,
	settings,
} from '../../support/play';

describe('limits of the server that nobody has configured', () => {
	test.each([
		[1, 100, 500],
		[4, 200, 250],
	])('%i keys that take two calls at once each, no hints', async (keys, items, ideal) => {
		const { made, seconds, calls } = await play({
			pool: [[{ keys }]],
			script: atOnce(2, 10_000),
			items: [items],
		});
		expect(made).toBe(items);
		expect(seconds).toBeLessThan(1.25 * ideal);
		expect(calls('throttled')).toBeLessThanOrEqual(items);
	});

	test('four keys held to 10 a minute each, no hints', async () => {
		const { made, seconds, calls } = await play({
			pool: [[{ keys: 4 }]],
			script: perMinute(10, 8000),
			items: [200],
		});
		expect(made).toBe(200);
		expect(seconds).toBeLessThan(1.35 * 248);
		expect(calls('throttled')).toBeLessThanOrEqual(100);
	});

	test('eight keys of one project: what one is told counts for the others', async () => {
		const { made, calls } = await play({
			pool: [[{ keys: 8 }]],
			script: perMinute(10, 8000, 'none', () => 'project'),
			items: [100],
		});
		expect(made).toBe(100);
		// One key of the same project: 98.
		expect(calls('throttled')).toBeLessThanOrEqual(200);
	});

	test('a call that never left, since its image to work from is gone, tells no pace', async () => {
		const script = atOnce(2, 10_000);
		const world = poolWorld((call) => {
			if (call.prompt.startsWith('gone')) throw new Error('The file is gone.');
			return script(call);
		});
		const pool = world.open(settings([{}]));
		const tenant = world.join(pool);
		const draw = (count: number, name: string) =>
			world.time.run(
				Promise.allSettled(
					Array.from({ length: count }, (_, i) => tenant.draw(request(`${name} ${i}`), keep)),
				),
			);
		await draw(10, 'learned');
		expect((await draw(20, 'gone')).map(({ status }) => status)).toEqual(
			Array(20).fill('rejected'),
		);
		await draw(40, 'after');
		expect(pool.status()[0]!.models[0]!.atOnce).toBe(2);
		tenant.leave();
	});

	test('two credentials with one key take turns: each hears of it when a call of the other has ended', async () => {
		const world = poolWorld(atOnce(1, 20_000));
		const [a, b] = [16, 15].map((most) =>
			world.join(world.open(settings([{}], { maxConcurrentRequests: most }), `most ${most}`)),
		);
		const drawn = Array.from({ length: 8 }, (_, i) => a!.draw(request(`a${i}`), keep));
		await world.time.pass(70_000);
		drawn.push(...[0, 1].map((i) => b!.draw(request(`b${i}`), keep)));
		await world.time.run(Promise.all(drawn));
		const served = world.starts.filter(({ kind }) => kind === 'images');
		expect(served.map(({ prompt }) => prompt[0]).join('')).toBe('aaaababaaa');
		expect(world.time.now() / SECOND).toBeLessThanOrEqual(1 + 10 * 20);
		for (const tenant of [a!, b!]) tenant.leave();
	});
});
