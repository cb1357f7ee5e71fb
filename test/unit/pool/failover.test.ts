import { keep, poolWorld, request, settings, type Reply } from '../../support/poolWorld';

const drawn = async (
	endpoints: Parameters<typeof settings>[0],
	replies: Record<string, readonly Reply['kind'][]>,
	options: { maxRetries?: number; items?: number } = {},
) => {
	const world = poolWorld(({ lane, nth }) => ({
		kind: replies[lane]?.[nth] ?? replies[lane]?.at(-1) ?? 'images',
	}));
	const tenant = world.join(world.open(settings(endpoints)), {
		maxRetries: options.maxRetries ?? 0,
	});
	const draws = Array.from({ length: options.items ?? 1 }, (_, i) =>
		tenant.draw(request(`p${i}`), keep),
	);
	const ended = await world.time.run(Promise.all(draws));
	tenant.leave();
	expect(world.time.timers).toBe(0);
	return { world, ended, lanes: world.lanes().map((lane) => lane.replace('Endpoint ', '')) };
};

const ONE = [{}];
const TWO = [{}, {}];
const TWO_KEYS = [{ keys: 2 }];

describe('where an item goes after a fault', () => {
	test.each([
		[
			'a server fault goes to the other endpoint at no cost',
			TWO,
			{ 'Endpoint 1 #1': ['serverFault'] },
			0,
			['1 #1', '2 #1'],
			'ok',
		],
		[
			'a server fault everywhere ends after one call each',
			TWO,
			{ 'Endpoint 1 #1': ['serverFault'], 'Endpoint 2 #1': ['serverFault'] },
			0,
			['1 #1', '2 #1'],
			'failed',
		],
		[
			'a server fault on the only lane, without retries',
			ONE,
			{ 'Endpoint 1 #1': ['serverFault'] },
			0,
			['1 #1'],
			'failed',
		],
		[
			'a server fault on the only lane, one retry',
			ONE,
			{ 'Endpoint 1 #1': ['serverFault', 'images'] },
			1,
			['1 #1', '1 #1'],
			'ok',
		],
		[
			'a second key serves where there is no second endpoint',
			TWO_KEYS,
			{ 'Endpoint 1 #1': ['serverFault'] },
			0,
			['1 #1', '1 #2'],
			'ok',
		],
		[
			'a bad key costs nothing',
			TWO_KEYS,
			{ 'Endpoint 1 #1': ['badKey'] },
			0,
			['1 #1', '1 #2'],
			'ok',
		],
		[
			'all keys bad: one call a key, whatever the retries',
			TWO_KEYS,
			{ 'Endpoint 1 #1': ['badKey'], 'Endpoint 1 #2': ['badKey'] },
			5,
			['1 #1', '1 #2'],
			'failed',
		],
		[
			'unreachable skips the other keys of the endpoint',
			[{ keys: 2 }, {}],
			{ 'Endpoint 1 #1': ['unreachable'], 'Endpoint 1 #2': ['unreachable'] },
			0,
			['1 #1', '2 #1'],
			'ok',
		],
		['a timeout without retries', TWO, { 'Endpoint 1 #1': ['timeout'] }, 0, ['1 #1'], 'failed'],
		[
			'a timeout with a retry goes elsewhere',
			TWO,
			{ 'Endpoint 1 #1': ['timeout'] },
			1,
			['1 #1', '2 #1'],
			'ok',
		],
		[
			'no image is worth a retry',
			ONE,
			{ 'Endpoint 1 #1': ['noImage', 'images'] },
			1,
			['1 #1', '1 #1'],
			'ok',
		],
		['a refusal is final', TWO, { 'Endpoint 1 #1': ['refused'] }, 5, ['1 #1'], 'refused'],
		[
			'a bad request is asked of another endpoint, once',
			TWO,
			{ 'Endpoint 1 #1': ['badRequest'] },
			0,
			['1 #1', '2 #1'],
			'ok',
		],
		[
			'a bad request is final where there is no other endpoint',
			TWO_KEYS,
			{ 'Endpoint 1 #1': ['badRequest'] },
			5,
			['1 #1'],
			'failed',
		],
		[
			'a throttled lane is left for another',
			TWO,
			{ 'Endpoint 1 #1': ['throttled'] },
			0,
			['1 #1', '2 #1'],
			'ok',
		],
		[
			'a throttled lane is waited for',
			ONE,
			{ 'Endpoint 1 #1': ['throttled', 'throttled', 'images'] },
			0,
			['1 #1', '1 #1', '1 #1'],
			'ok',
		],
	] as const)('%s', async (_name, endpoints, replies, maxRetries, lanes, status) => {
		const { ended, lanes: seen } = await drawn(endpoints, replies, { maxRetries });
		expect(seen).toEqual(lanes);
		expect(ended[0]!.status).toBe(status);
	});

	test('a lane that served a call is used up for the round, also when its breaker has opened and closed since', async () => {
		const replies = {
			'Endpoint 1 #1': [...Array<'serverFault'>(6).fill('serverFault'), 'images'],
		} as const;
		const { ended, lanes } = await drawn(ONE, replies, { items: 6 });
		expect(lanes).toHaveLength(6);
		expect(ended.map(({ status }) => status)).toEqual(Array(6).fill('failed'));
	});
});
