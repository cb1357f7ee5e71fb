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
