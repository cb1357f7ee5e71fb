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
