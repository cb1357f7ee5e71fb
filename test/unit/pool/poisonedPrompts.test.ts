import { placeOf, play, seeded } from '../../support/play';

/** Prompts (or reference images) that the server answers with a 500 each time, side by side in a list. */
describe('a dozen prompts that always end in a 500, among 188 that do not', () => {
	test.each([
		[0, 1],
		[1, 1],
		[2, 1],
		[3, 1],
		[2, 2],
	])(
		'with %i retries and %i endpoints cost no other item its image',
		async (maxRetries, endpoints) => {
			for (const seed of [1, 2, 3]) {
				const random = seeded(seed * 77);
				const isPoison = (prompt: string) => placeOf(prompt) >= 60 && placeOf(prompt) < 72;
				const { made, seconds } = await play({
					seed,
					pool: [Array.from({ length: endpoints }, () => ({}))],
					script: ({ prompt }) =>
						isPoison(prompt)
							? { kind: 'serverFault', ms: 500 + random() * 1500 }
							: { kind: 'images', ms: 5000 + random() * 10_000 },
					items: [200],
					options: { maxRetries },
				});
				// 188 good items take about 120 s without the others.
				expect([seed, made]).toEqual([seed, 188]);
				expect(seconds).toBeLessThan(500);
			}
		},
	);
});

test('one in ten prompts always ends in a 500, three retries: the others get their images', async () => {
	const { made } = await play({
		pool: [[{}]],
		script: ({ prompt }) =>
			placeOf(prompt) % 10 === 3 ? { kind: 'serverFault', ms: 300 } : { kind: 'images', ms: 8000 },
		items: [200],
		options: { maxRetries: 3 },
	});
	expect(made).toBe(180);
});

test.each([
	[150, 110, 20, 1],
	[300, 0, 30, 0],
	[200, 150, 25, 2],
])(
	'of %i prompts, from %i on, %i always end in a 500, with %i retries: who finds out beside one of them is heard',
	async (items, from, count, maxRetries) => {
		const random = seeded(5);
		const isPoison = (prompt: string) => placeOf(prompt) >= from && placeOf(prompt) < from + count;
		const { made, seconds } = await play({
			pool: [[{}]],
			script: ({ prompt }) =>
				isPoison(prompt)
					? { kind: 'serverFault', ms: 500 + random() * 1500 }
					: { kind: 'images', ms: 5000 + random() * 10_000 },
			items: [items],
			options: { maxRetries },
		});
		const good = items - count;
		expect(made).toBe(good);
		expect(seconds).toBeLessThan(1.5 * ((good * 10) / 16) + 10);
	},
);
