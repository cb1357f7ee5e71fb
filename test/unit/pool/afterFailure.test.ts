import type { JoinOptions } from '../../../core/src/pool/joinOptions';
import type { Tenant } from '../../../core/src/pool/pool';
import { keep, poolWorld, request, settings } from '../../support/poolWorld';

/** One call at a time, so that every request but the first waits when that one comes to nothing. */
async function draw(
	prompts: readonly string[],
	onFailure: (tenant: Tenant, failed: Parameters<NonNullable<JoinOptions['onFailure']>>) => void,
) {
	const world = poolWorld(({ prompt }) => ({ kind: prompt === 'bad' ? 'refused' : 'images' }));
	const pool = world.open(settings([{}], { maxConcurrentRequests: 1 }));
	const tenant = world.join(pool, { onFailure: (...failed) => onFailure(tenant, failed) });
	const requests = new Map(prompts.map((prompt) => [prompt, request(prompt)]));
	const draws = prompts.map((prompt) => tenant.draw(requests.get(prompt)!, keep));
	const ended = await world.time.run(Promise.all(draws));
	tenant.leave();
	return {
		asked: world.starts.map(({ prompt }) => prompt),
		ended: ended.map((each) => (each.status === 'ok' ? 'ok' : each.failure.facts.code)),
	};
}

test('what the failure tells the tenant to stop is not started in its wake', async () => {
	expect(await draw(['a', 'bad', 'b', 'c'], (tenant) => tenant.stopStarting())).toEqual({
		asked: ['a', 'bad'],
		ended: ['ok', 'IMAGE_SAFETY', 'stopped', 'stopped'],
	});
});

test('a request that is withdrawn is not started again; the others go on', async () => {
	const withdraw = (
		tenant: Tenant,
		[failed]: readonly [Parameters<Tenant['withdraw']>[0], ...unknown[]],
	) => tenant.withdraw(failed);
	expect(await draw(['bad', 'bad', 'a', 'bad', 'b'], withdraw)).toEqual({
		asked: ['bad', 'a', 'b'],
		ended: ['IMAGE_SAFETY', 'withdrawn', 'ok', 'withdrawn', 'ok'],
	});
});

test('what is not started is no failure', async () => {
	let told = 0;
	await draw(['bad', 'a', 'b'], (tenant) => {
		told += 1;
		tenant.stopStarting();
	});
	expect(told).toBe(1);
});
