import { MINUTE, on, perMinute, play } from '../../support/play';

test('calls that hang while they find out whether a lane is back end no other item', async () => {
	let n = 0;
	const { made } = await play({
		pool: [[{}]],
		script: () => {
			n += 1;
			if (n <= 16) return { kind: 'throttled', ms: 100, hintMs: 5000 };
			return { kind: 'images', ms: n <= 18 ? 10 * MINUTE : 5000 };
		},
		items: [100],
		options: { timeoutMs: 300_000 },
	});
	expect(made).toBeGreaterThanOrEqual(98);
});

test.each([20, 60])(
	'one key held to 10 a minute, images of %i s, exact hints: 200 images take little longer than they must',
	async (latency) => {
		const { made, seconds } = await play({
			pool: [[{}]],
			script: perMinute(10, latency * 1000, 'exact'),
			items: [200],
		});
		expect(made).toBe(200);
		expect(seconds).toBeLessThan(1.15 * (19 * 60 + latency));
	},
);

test('two minutes of 503 and two retries: no item is used up to find out whether it is over', async () => {
	const { made } = await play({
		pool: [[{}]],
		script: ({ at }) =>
			at > 31_000 && at < 151_000
				? { kind: 'serverFault', ms: 1000 }
				: { kind: 'images', ms: 8000 },
		items: [300],
		options: { maxRetries: 2 },
	});
	expect(made).toBe(300);
});

test('an endpoint that hangs, beside a sound one, without retries: only calls before its detection are lost', async () => {
	const { made, starts } = await play({
		pool: [[{}, {}]],
		script: (call) => ({ kind: 'images', ms: on(1)(call) ? 10_000_000 : 10_000 }),
		items: [2000],
		options: { timeoutMs: 300_000 },
	});
	const before = starts.filter((start) => on(1)(start) && start.at < 300_000).length;
	expect(2000 - made).toBeLessThanOrEqual(before);
});
