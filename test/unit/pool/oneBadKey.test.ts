import { play } from '../../support/play';

/** One key of an endpoint goes wrong in a way that is no 4xx: its project hangs, breaks off, or answers 5xx. */
describe('one key of four goes wrong, the others are sound', () => {
	const on1 = ({ lane }: { lane: string }) => lane.endsWith('#1');
	const bad = (kind: 'serverFault' | 'truncated' | 'hangs') => async (maxRetries: number) =>
		await play({
			pool: [[{ keys: 4 }]],
			script: (call) => {
				if (!on1(call)) return { kind: 'images', ms: 8000 };
				return kind === 'hangs' ? { kind: 'images', ms: 10_000_000 } : { kind, ms: 4000 };
			},
			items: [400],
			options: { maxRetries, timeoutMs: 120_000 },
		});

	test.each(['serverFault', 'truncated', 'hangs'] as const)(
		'%s: it is left out after a few calls, as a whole endpoint would be',
		async (kind) => {
			const { starts } = await bad(kind)(0);
			// A separate endpoint gets 9 to 18 calls before its breaker leaves it out.
			expect(starts.filter(on1).length).toBeLessThanOrEqual(30);
		},
	);
	test.each(['truncated', 'hangs'] as const)(
		'%s, two retries: no item is lost, and the run takes at most three times as long',
		async (kind) => {
			const { made, seconds } = await bad(kind)(2);
			expect(made).toBe(400);
			expect(seconds).toBeLessThan(600);
		},
	);
});

test.each([
	[1, 2, 1],
	[3, 4, 1],
	[6, 8, 2],
	[7, 8, 2],
])(
	'%i of %i keys hang: none is blamed on the others, and one call at a time finds out (%i retries)',
	async (bad, keys, maxRetries) => {
		const isBad = ({ lane }: { lane: string }) => Number(lane.split('#')[1]) <= bad;
		const { made, seconds } = await play({
			pool: [[{ keys }]],
			script: (call) => ({ kind: 'images', ms: isBad(call) ? 1e8 : 8000 }),
			items: [300],
			options: { maxRetries, timeoutMs: 90_000 },
		});
		expect(made).toBe(300);
		// Half of the time 16 calls make images, else those that hang hold their permits until they have timed out.
		expect(seconds).toBeLessThan(2 * (150 + 90));
	},
);
