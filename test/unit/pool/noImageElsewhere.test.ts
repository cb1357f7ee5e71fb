import { on, play } from '../../support/play';

test('a reply without an image is tried again at another endpoint', async () => {
	const { made } = await play({
		pool: [[{}, {}]],
		script: (call) => (on(1)(call) ? { kind: 'noImage', ms: 2000 } : { kind: 'images', ms: 8000 }),
		items: [200],
		options: { maxRetries: 1 },
	});
	expect(made).toBe(200);
});

test('an endpoint that rejects what another one serves costs no image', async () => {
	const { made } = await play({
		pool: [[{}, {}]],
		script: (call) =>
			on(1)(call) ? { kind: 'badRequest', ms: 300 } : { kind: 'images', ms: 8000 },
		items: [100],
	});
	// At most what was in flight before the other endpoint had shown that it takes such requests.
	expect(made).toBeGreaterThanOrEqual(84);
});

test.each(['serverFault', 'truncated', 'noImage'] as const)(
	'who was rejected and then met %s elsewhere goes there again, and not to who has rejected it',
	async (kind) => {
		const { made, starts } = await play({
			pool: [[{}, {}]],
			script: (call) => {
				if (on(1)(call)) return { kind: 'badRequest', ms: 300 };
				return { kind: call.nth === 0 ? kind : 'images', ms: 8000 };
			},
			items: [1],
			options: { maxRetries: 1 },
		});
		expect(made).toBe(1);
		expect(starts.map(({ lane }) => lane)).toEqual([
			'Endpoint 1 #1',
			'Endpoint 2 #1',
			'Endpoint 2 #1',
		]);
	},
);
