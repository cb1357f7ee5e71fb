import { createBudget } from '../../../core/src/pool/budget';
import type { JoinOptions } from '../../../core/src/pool/terms';
import { keep, poolWorld, request, settings, type Reply } from '../../support/poolWorld';

/** One call at a time, so that every request but the first waits when that one comes to nothing. */
async function draw(
	prompts: readonly string[],
	options: Partial<JoinOptions>,
	kind: Reply['kind'] = 'refused',
) {
	const world = poolWorld(({ prompt }) => ({ kind: prompt === 'bad' ? kind : 'images' }));
	const pool = world.open(settings([{}], { maxConcurrentRequests: 1 }));
	const tenant = world.join(pool, options);
	const requests = new Map(prompts.map((prompt) => [prompt, request(prompt)]));
	const draws = prompts.map((prompt) => tenant.draw(requests.get(prompt)!, keep));
	const ended = await world.time.run(Promise.all(draws));
	tenant.leave();
	return {
		asked: world.starts.map(({ prompt }) => prompt),
		ended: ended.map((each) => (each.status === 'ok' ? 'ok' : each.code)),
	};
}

test('a run that stops on a failure starts nothing in its wake', async () => {
	expect(await draw(['a', 'bad', 'b', 'c'], { stopOnFailure: true })).toEqual({
		asked: ['a', 'bad'],
		ended: ['ok', 'IMAGE_SAFETY', 'stopped', 'stopped'],
	});
});

test.each(['badRequest', 'serverFault', 'noImage', 'billing'] as const)(
	'nor after %s, where there is nowhere else to go',
	async (kind) => {
		const { asked } = await draw(['a', 'bad', 'b', 'c'], { stopOnFailure: true }, kind);
		expect(asked).toEqual(['a', 'bad']);
	},
);

test('a request that is refused is not started again; the others go on', async () => {
	expect(await draw(['bad', 'bad', 'a', 'bad', 'b'], {})).toEqual({
		asked: ['bad', 'a', 'b'],
		ended: ['IMAGE_SAFETY', 'withdrawn', 'ok', 'withdrawn', 'ok'],
	});
});

test('what is not started is no failure: a run that stops on failures goes on after it', async () => {
	const pro = 'gemini-3-pro-image';
	const world = poolWorld(() => ({ kind: 'images' }));
	const tenant = world.join(world.open(settings([{}])), {
		stopOnFailure: true,
		budget: createBudget(0.1),
	});
	const wishes = [request('dear', pro), request('a'), request('b')];
	const ended = await world.time.run(Promise.all(wishes.map((each) => tenant.draw(each, keep))));
	expect(ended.map((each) => (each.status === 'ok' ? 'ok' : each.code))).toEqual([
		'maxCost',
		'ok',
		'ok',
	]);
});
