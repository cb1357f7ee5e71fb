import { keep, MINUTE, poolWorld, request, settings } from '../../support/play';

/** A person adds credit, moves the proxy, switches the API on, and runs the workflow again. */
test.each(['billing', 'regionBlocked', 'forbidden', 'modelMissing', 'wrongUrl', 'badKey'] as const)(
	'%s: once it is mended, a new run five minutes later finds out',
	async (kind) => {
		const world = poolWorld(({ at }) => ({ kind: at < MINUTE ? kind : 'images', ms: 100 }));
		const runs: string[] = [];
		for (const wait of [5, 0]) {
			const tenant = world.join(world.open(settings([{}])));
			runs.push((await world.time.run(tenant.draw(request('p'), keep))).status);
			tenant.leave();
			await world.time.pass(wait * MINUTE);
		}
		expect(runs).toEqual(['failed', 'ok']);
	},
);

test.each(['billing', 'badKey', 'throttled'] as const)(
	'%s: who finds out whether it is mended keeps to the limit',
	async (kind) => {
		const world = poolWorld(() => ({ kind, ms: 100, hintMs: 30 * MINUTE }));
		for (let run = 0; run < 3; run += 1) {
			const tenant = world.join(world.open(settings([{ rateLimit: 1 }])));
			void tenant.draw(request('p'), keep).catch(() => {});
			await world.time.pass(31_000);
			tenant.leave();
		}
		const times = world.starts.map(({ at }) => at);
		expect(times.length).toBeGreaterThan(0);
		for (const [i, at] of times.entries())
			if (i > 0) expect(at - times[i - 1]!).toBeGreaterThan(MINUTE);
	},
);
