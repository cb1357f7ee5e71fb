import type { FaultKind } from '../../../core/src/outcome';
import { backoffMs } from '../../../core/src/pool/patience';
import { keep, poolWorld, request, settings, type Script } from '../../support/poolWorld';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Draws one after another, each `everyMs` after the last had begun at the earliest. */
async function inTurn(
	endpoints: Parameters<typeof settings>[0],
	script: Script,
	prompts: readonly string[],
	everyMs = 0,
) {
	const world = poolWorld(script);
	const pool = world.open(settings(endpoints));
	const tenant = world.join(pool);
	for (const prompt of prompts) {
		await world.time.run(tenant.draw(request(prompt), keep));
		if (everyMs > 0) await world.time.pass(everyMs);
	}
	tenant.leave();
	return { world, pool, lanes: world.lanes().map((lane) => lane.replace('Endpoint ', '')) };
}
const count = (length: number) => Array.from({ length }, (_, i) => `${i}`);

test('the keys of an endpoint take turns', async () => {
	const { lanes } = await inTurn([{ keys: 3 }], () => ({ kind: 'images' }), count(6));
	expect(lanes).toEqual(['1 #1', '1 #2', '1 #3', '1 #1', '1 #2', '1 #3']);
});

test('an endpoint that has just erred gets less than its share, and all of it again in time', async () => {
	const script: Script = ({ prompt, lane }) => ({
		kind: prompt === '0' && lane.startsWith('Endpoint 1') ? 'serverFault' : 'images',
		ms: 1,
	});
	const share = async (everyMs: number) => {
		const { lanes } = await inTurn([{}, {}], script, count(31), everyMs);
		return lanes.slice(2).filter((lane) => lane.startsWith('1')).length / 30;
	};
	// Each success halves what is left of the fault.
	expect(await share(0)).toBeLessThan(await share(10 * MINUTE));
});

test('sixteen faults leave a sixteenth of the share, not nothing', async () => {
	// Never three in a row, so that no breaker opens; what succeeds counts for less than what fails.
	const { lanes } = await inTurn(
		[{}, {}],
		({ lane, nth }) => ({
			kind: lane.startsWith('Endpoint 1') && nth % 3 !== 2 ? 'serverFault' : 'images',
			ms: 1,
		}),
		count(200),
	);
	const first = lanes.filter((lane) => lane.startsWith('1')).length;
	expect(first).toBeGreaterThan(200 / 32);
	expect(first).toBeLessThan(200 / 4);
});

describe('how long it rests', () => {
	const restsMs = async (kind: FaultKind, faults: number, hintMs?: number, perModel = false) => {
		const world = poolWorld(() => ({ kind, ms: 0, hintMs }));
		const pool = world.open(settings([{}]));
		const rests: number[] = [];
		for (let strike = 0; strike < faults; strike++) {
			const tenant = world.join(pool, { maxRetries: 0 });
			const drawn = tenant.draw(request('p'), keep);
			await world.time.pass(0);
			const [lane] = pool.status();
			const backInMs = Math.max(lane!.backInMs, ...lane!.models.map((model) => model.backInMs));
			rests.push(Math.round((perModel ? backInMs : lane!.backInMs) / SECOND));
			tenant.stopStarting();
			await drawn;
			tenant.leave();
			await world.time.pass(backInMs + 1);
		}
		return { rests, models: pool.status()[0]!.models };
	};

	test.each<[FaultKind, number, readonly number[]]>([
		['badKey', 2, [3600, 3600]],
		['billing', 2, [3600, 3600]],
		['regionBlocked', 2, [3600, 3600]],
		['wrongUrl', 2, [600, 600]],
		['throttled', 8, [2, 4, 8, 16, 32, 60, 60, 60]],
	])('after %s', async (kind, faults, rests) => {
		expect((await restsMs(kind, faults)).rests).toEqual(rests);
	});

	test.each<[FaultKind, number]>([
		['serverFault', 2],
		['gatewayTimeout', 2],
		['timeout', 2],
		['truncated', 2],
		['unreachable', 1],
	])('after %s: the breaker opens late, and for longer each time', async (kind, unnoticed) => {
		const { rests } = await restsMs(kind, unnoticed + 7, undefined, true);
		expect(rests.slice(0, unnoticed)).toEqual(Array(unnoticed).fill(0));
		for (const [strike, rest] of rests.slice(unnoticed).entries()) {
			const least = Math.min(60, 10 * 2 ** strike);
			expect(rest).toBeGreaterThanOrEqual(least);
			expect(rest).toBeLessThanOrEqual(least * 1.1 + 1);
		}
	});

	test('as long as the reply asks, where it asks', async () => {
		expect((await restsMs('throttled', 3, 45_000)).rests).toEqual([45, 45, 45]);
	});

	test.each<FaultKind>(['forbidden', 'modelMissing'])('%s concerns the one model', async (kind) => {
		const { rests, models } = await restsMs(kind, 1);
		expect(rests).toEqual([0]);
		expect(models).toHaveLength(1);
	});
});

test('a quota that counts per model leaves the lane to other models', async () => {
	const world = poolWorld(({ model }) => ({
		kind: model === 'a' ? 'throttled' : 'images',
		perModel: true,
		hintMs: 30_000,
		ms: 0,
	}));
	const tenant = world.join(world.open(settings([{}])));
	void tenant.draw(request('a', 'a'), keep).catch(() => {});
	await world.time.pass(1);
	await world.time.run(tenant.draw(request('b', 'b'), keep));
	expect(world.starts.map(({ model }) => model)).toEqual(['a', 'b']);
	tenant.stopStarting();
	tenant.leave();
});

test.each(['refused', 'noImage', 'badRequest'] as const)(
	'a server that answers is back, also where it answers with %s: the others follow at once',
	async (answer) => {
		const kinds = ['throttled', answer] as const;
		const world = poolWorld(({ nth }) => ({ kind: kinds[nth] ?? 'images' }));
		const pool = world.open(settings([{}], { maxConcurrentRequests: 4 }));
		const first = world.join(pool, { concurrency: 1 });
		const one = first.draw(request('0'), keep);
		await world.time.pass(1500);
		const herd = world.join(pool);
		const others = count(8).map((prompt) => herd.draw(request(`other ${prompt}`), keep));
		await world.time.run(Promise.all([one, ...others]));
		const [, finds, ...followers] = world.starts;
		expect(followers.slice(0, 4).map(({ at }) => at)).toEqual(Array(4).fill(finds!.endedAt));
		for (const each of [first, herd]) each.leave();
	},
);

test('while a call finds out, others follow slowly: one after 5 s, then two, then four', async () => {
	const world = poolWorld(({ nth }) =>
		nth === 0 ? { kind: 'throttled', ms: 0 } : { kind: 'images', ms: 60_000 },
	);
	const tenant = world.join(world.open(settings([{}])));
	await world.time.pass(0);
	const first = tenant.draw(request('0'), keep);
	await world.time.pass(10);
	const all = [first, ...count(20).map((prompt) => tenant.draw(request(prompt), keep))];
	await world.time.run(Promise.all(all));
	const finds = world.starts[1]!.at;
	const after = world.starts.slice(1, 17).map(({ at }) => (at - finds) / SECOND);
	expect(after).toEqual([0, 5, 10, 10, 15, 15, 15, 15, 20, 20, 20, 20, 20, 20, 20, 20]);
	tenant.leave();
});

test('a server fault goes to another endpoint before it goes to another key', async () => {
	const { lanes } = await inTurn(
		[{ keys: 2, weight: 50 }, {}],
		({ lane }) => ({ kind: lane === 'Endpoint 1 #1' ? 'serverFault' : 'images' }),
		['p'],
	);
	expect(lanes).toEqual(['1 #1', '2 #1']);
});

test('the first server fault at an endpoint is free once for an item, not once a round', async () => {
	const world = poolWorld(() => ({ kind: 'serverFault', ms: 10 }));
	const tenant = world.join(world.open(settings([{}, {}])), { maxRetries: 3 });
	await world.time.run(tenant.draw(request('p'), keep));
	expect(world.starts).toHaveLength(5);
	tenant.leave();
});

test('limits that apply to each key leave the others free', async () => {
	const world = poolWorld(() => ({ kind: 'images', ms: 10 }));
	const tenant = world.join(
		world.open(settings([{ keys: 3, rateLimit: 1 }], { rateLimitScope: 'key' })),
	);
	await world.time.run(Promise.all(count(3).map((prompt) => tenant.draw(request(prompt), keep))));
	expect(world.starts.map(({ at }) => at)).toEqual([1000, 1000, 1000]);
	tenant.leave();
});

describe('backoffMs', () => {
	test.each([
		['doubles', 3, 1000, null, 0, 2000],
		['is jittered by half', 3, 1000, null, 0.999999, 4000],
		['is at most a minute', 20, 1000, null, 0.999999, 60_000],
		['never undercuts a hint', 1, 1000, 45_000, 0, 45_000],
		['is nothing for a delay of nothing', 5, 0, null, 0.5, 0],
	] as const)('%s', (_name, k, first, hint, random, expected) => {
		expect(Math.round(backoffMs(k, first, hint, () => random))).toBe(expected);
	});

	test('a rest before a retry lasts as long as the reply asks', async () => {
		const world = poolWorld(({ nth }) =>
			nth === 0 ? { kind: 'serverFault', hintMs: 20_000, ms: 0 } : { kind: 'images' },
		);
		const tenant = world.join(world.open(settings([{}])), { maxRetries: 1 });
		await world.time.run(tenant.draw(request('p'), keep));
		expect(world.starts.map(({ at }) => at)).toEqual([1000, 21_000]);
		tenant.leave();
	});
});
