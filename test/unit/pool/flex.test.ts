import { resolveRequest } from '../../../core/src/models/resolve';
import { keep, poolWorld, settings } from '../../support/poolWorld';

const draw = (prompt: string, serviceTier: string) =>
	resolveRequest({ model: 'gemini-3-pro-image', prompt, serviceTier });

test('flex that is turned away is waited for, and stands in nobody else’s way', async () => {
	let turnedAway = 0;
	const world = poolWorld(({ prompt }) =>
		prompt.startsWith('flex') && turnedAway++ < 5
			? { kind: 'throttled', perModel: true, ms: 10 }
			: { kind: 'images', ms: 1000 },
	);
	const tenant = world.join(world.open(settings([{ keys: 1 }])));
	const flex = ['flex 1', 'flex 2'].map((prompt) => tenant.draw(draw(prompt, 'flex'), keep));
	await world.time.pass(100);
	const since = world.time.now();
	const standard = await world.time.run(tenant.draw(draw('a cat', 'standard'), keep));
	expect(standard.status).toBe('ok');
	expect(world.time.now() - since).toBe(1000);
	const drawn = await world.time.run(Promise.all(flex));
	expect(drawn.map(({ status }) => status)).toEqual(['ok', 'ok']);
	expect(world.starts.filter(({ prompt }) => prompt.startsWith('flex'))).toHaveLength(7);
	tenant.leave();
});

test('where no time is set, an attempt of flex has 15 minutes, and one beside it 5', async () => {
	const world = poolWorld(() => ({ kind: 'images', ms: 24 * 60 * 60_000 }));
	const tenant = world.join(world.open(settings([{ keys: 1 }])), { timeoutMs: null });
	const all = ['standard', 'flex'].map((tier) => tenant.draw(draw(tier, tier), keep));
	await world.time.run(Promise.all(all));
	expect(world.starts.map(({ prompt, at, endedAt }) => [prompt, endedAt! - at])).toEqual([
		['standard', 300_000],
		['flex', 900_000],
	]);
	tenant.leave();
});

test.each([
	['flex', 2],
	['standard', 1],
])('a call of %s that comes to nothing after 6 minutes: %i in all', async (tier, calls) => {
	const world = poolWorld(() => ({ kind: 'serverFault', ms: 360_000 }));
	const pool = world.open(settings([{}, {}]));
	const tenant = world.join(pool, { timeoutMs: null });
	await world.time.run(tenant.draw(draw('a cat', tier), keep));
	expect(world.starts).toHaveLength(calls);
	tenant.leave();
});
