import { createCanvas } from '@napi-rs/canvas';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Execution, Job } from '../support/inProcess';
import { generations, rows, useWorkbench, KEY } from './workbench';

const workbench = useWorkbench();
const HOUR_MS = 60 * 60_000;

const many = (count: number) => rows(...Array.from({ length: count }, (_, at) => `row ${at + 1}`));
const created = () => requestsOf('batchCreate');
const requestsOf = (action: string) =>
	workbench.emulator.requests.filter((request) => request.action === action).length;

const batch = (job: Partial<Job>): Partial<Job> => ({
	...job,
	parameters: { operation: 'generateBatch', ...job.parameters },
});
const run = (job: Partial<Job>) => workbench.run(batch(job));
/** As an item comes back to the node through a Wait. */
const backOf = ({ outputs }: Execution): INodeExecutionData[] =>
	outputs[1]!.map(({ json, binary }) => ({ json, ...(binary && { binary }) }));
const statusesOf = (items: readonly INodeExecutionData[] = []) =>
	generations(items).map(({ status, code }) => [status, code].filter(Boolean).join(' '));

/** Each test has jobs of its own: the workflow is the same in all. */
let prompts = 0;
const fresh = (count: number): INodeExecutionData[] =>
	many(count).map(({ json }) => ({ json: { ...json, prompt: `${json.prompt} of ${prompts}` } }));
beforeEach(() => {
	prompts += 1;
});

describe('Generate Image in Batch', () => {
	test('45 rows: 3 batches, then 45 images in input order, columns and cost with each', async () => {
		const items = fresh(45);
		const first = await run({ items, parameters: { imageSize: '1K' } });
		expect(first.outputs[0]).toEqual([]);
		expect(generations(first.outputs[1]!)).toEqual(
			items.map(() =>
				expect.objectContaining({
					status: 'pending',
					code: 'submitted',
					message: expect.stringContaining('batch'),
					batch: expect.stringMatching(/^batches\/[^#]+#[0-9a-f]+-1$/),
					estimatedCostUsd: 0.0168,
				}),
			),
		);
		expect(first.outputs[1]!.map(({ json }) => json.row)).toEqual(
			items.map(({ json }) => json.row),
		);
		expect(first.hints.join()).toContain('45 not ready yet');

		workbench.emulator.batches.turn(HOUR_MS);
		const second = await run({ items: backOf(first), parameters: { imageSize: '1K' } });
		expect(second.outputs[0]!.map(({ json }) => json.prompt)).toEqual(
			items.map(({ json }) => json.prompt),
		);
		expect(second.outputs[1]).toEqual([]);
		const told = generations(second.outputs[0]!);
		expect(new Set(told.map(({ fileName }) => fileName)).size).toBe(45);
		expect(told[0]).toMatchObject({ status: 'ok', batch: '', width: expect.any(Number) });
		const usd = told.reduce((sum, { estimatedCostUsd }) => sum + Number(estimatedCostUsd), 0);
		expect(Math.abs(usd / (45 * 0.0168) - 1)).toBeLessThan(0.01);
		expect([created(), workbench.asked]).toEqual([3, []]);
	});

	test('the error output is the third one', async () => {
		const settings = { onError: 'continueErrorOutput' as const };
		const items = fresh(3);
		items[1]!.json.prompt += ' [refuse]';
		items[2]!.json.prompt = '';
		const first = await run({ items, settings });
		expect(first.outputs.map((each) => statusesOf(each))).toEqual([
			[],
			['pending submitted', 'pending submitted'],
			['failed badRequest'],
		]);
		workbench.emulator.batches.turn(HOUR_MS);
		const second = await run({ items: backOf(first), settings });
		expect(second.outputs.map((each) => statusesOf(each))).toEqual([
			['ok'],
			[],
			['refused IMAGE_SAFETY'],
		]);
		expect(second.outputs[2]![0]!.json.row).toBe(2);
	});

	test('Retry On Fail and a new execution hand nothing in twice', async () => {
		const items = fresh(21);
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const bad = { json: { prompt: `bad of ${prompts}`, model: 'gemini-3-pro' } };
		const parameters = { model: '={{ $json.model ?? "gemini-nano-banana-2.1" }}' };
		const failed = await run({ items: [...items, bad], settings, parameters });
		expect(failed.error?.message).toMatch(/^(?!Item).*does not support batch/);
		const jobs = () =>
			workbench.emulator.batches.jobs.filter(({ displayName }) =>
				displayName.startsWith('gemini-t2i w1 '),
			);
		const before = jobs().length;
		const next = await run({ items, parameters });
		expect(statusesOf(next.outputs[1])).toEqual(Array(21).fill('pending waiting'));
		expect(jobs()).toHaveLength(before);
	});

	test('two executions at once hand a set in once', async () => {
		const items = fresh(3);
		const [one, other] = await Promise.all([run({ items }), run({ items })]);
		expect(generations(one.outputs[1]!).map((each) => each.batch)).toEqual(
			generations(other.outputs[1]!).map((each) => each.batch),
		);
		expect(created()).toBe(1);
	});

	test('Submit Again pays once more', async () => {
		const items = fresh(2);
		await run({ items });
		await run({ items, parameters: { submitAgain: true } });
		expect(created()).toBe(2);
	});

	test('Submit Again may differ by item, and fails no other where it leads nowhere', async () => {
		const items = fresh(1);
		await run({ items });
		const both = [...items, ...items].map((item, again) => ({ json: { ...item.json, again } }));
		const { outputs } = await run({
			items: [...both, { json: { prompt: 'nobody' } }],
			parameters: {
				submitAgain: '={{ $json.prompt === "nobody" ? $("Nowhere").item : $json.again === 1 }}',
			},
			settings: { onError: 'continueErrorOutput' },
		});
		expect(outputs.map((each) => statusesOf(each))).toEqual([
			[],
			['pending waiting', 'pending submitted'],
			['failed badRequest'],
		]);
		expect(created()).toBe(2);
	});

	test.each<[string, Partial<Job>, string]>([
		[
			'its prompt leads nowhere',
			{ parameters: { prompt: '={{ $("Nowhere").item }}' } },
			'badRequest',
		],
		['the run as a whole', { parameters: { options: { maxCost: 'x' } } }, 'badRequest'],
		[
			'the credential has no key',
			{ credential: { endpoints: { endpoint1: { apiKeys: '' } } } },
			'badRequest',
		],
	])('what fails before it is looked up keeps its ticket: %s', async (_, broken, code) => {
		const settings = { onError: 'continueErrorOutput' as const };
		const first = await run({ items: fresh(1), settings });
		const { outputs } = await run({ items: backOf(first), settings, ...broken });
		const { batch: ticket } = generations(first.outputs[1]!)[0]!;
		expect(generations(outputs[2]!)).toEqual([expect.objectContaining({ code, batch: ticket })]);
		workbench.emulator.batches.turn(HOUR_MS);
		const repaired = await run({
			items: outputs[2]!.map(({ json }) => ({ json })),
			settings,
		});
		expect([statusesOf(repaired.outputs[0]), created()]).toEqual([['ok'], 1]);
	});

	test.each([
		['a page', '<html>Not Found</html>'],
		['Google’s form', { error: { code: 404, status: 'NOT_FOUND', message: 'Not found.' } }],
	])('where nobody has a Batch API, no batch is gone: 404 with %s', async (_, body) => {
		const settings = { onError: 'continueErrorOutput' as const };
		const first = await run({ items: fresh(1), settings });
		for (const action of ['batchList', 'batchGet'] as const) {
			workbench.emulator.faults.add({ match: { action }, reply: { status: 404, body } });
		}
		const { outputs } = await run({ items: backOf(first), settings });
		expect(generations(outputs[2]!)[0]).toMatchObject({
			code: 'batchOfOtherProject',
			message: expect.stringMatching(/no Batch API.*Put a key of that project back/),
			batch: generations(first.outputs[1]!)[0]!.batch,
		});
	});

	test('what is in a batch already is collected, whatever Maximum Cost says of the rest', async () => {
		const settings = { onError: 'continueErrorOutput' as const };
		const parameters = { imageSize: '1K', numberOfImages: 22 };
		workbench.emulator.faults.add({
			match: { action: 'batchCreate' },
			every: 2,
			reply: { fixture: 'throttled-bare.json' },
		});
		const first = await run({ items: fresh(1), parameters, settings });
		expect(statusesOf(first.outputs[1])).toEqual(['pending throttled']);
		workbench.emulator.faults.clear();
		const poor = { ...parameters, options: { maxCost: 0.01 } };
		const second = await run({ items: backOf(first), parameters: poor, settings });
		expect(statusesOf(second.outputs[1])).toEqual(['pending waiting']);
		workbench.emulator.batches.turn(HOUR_MS);
		const third = await run({ items: backOf(second), parameters: poor, settings });
		expect(third.outputs.map((each) => each.length)).toEqual([20, 0, 2]);
		expect(statusesOf(third.outputs[2])).toEqual(['notStarted maxCost', 'notStarted maxCost']);
	});

	test('Retry On Fail pays for the rest of an item within the limit, and counts nothing twice', async () => {
		const parameters = {
			imageSize: '1K',
			numberOfImages: '={{ $json.count ?? 1 }}',
			model: '={{ $json.model ?? "gemini-nano-banana-2.1" }}',
			options: { maxCost: 22 * 0.0168 + 0.067 },
		};
		const items = fresh(1).map(({ json }) => ({ json: { ...json, count: 22 } }));
		const bad = { json: { prompt: 'bad', model: 'gemini-3-pro-image' } };
		workbench.emulator.faults.add({
			match: { action: 'batchCreate', model: 'gemini-3-pro-image' },
			times: 1,
			reply: { fixture: 'bad-request.json' },
		});
		workbench.emulator.faults.add({
			match: { action: 'batchCreate', model: 'gemini-nano-banana-2.1' },
			every: 2,
			times: 1,
			reply: { fixture: 'throttled-bare.json' },
		});
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const { outputs, hints } = await run({ items: [...items, bad], parameters, settings });
		expect(statusesOf(outputs[1])).toEqual(['pending submitted', 'pending submitted']);
		expect(hints.join()).toContain('$0.4366');
	});

	test('a run that stops tells of what it has handed in and paid for', async () => {
		const items = fresh(3);
		items[2]!.json.model = 'gemini-3-pro';
		const parameters = { model: '={{ $json.model ?? "gemini-nano-banana-2.1" }}' };
		const { error } = await run({ items, parameters });
		expect(error?.message).toMatch(/2 items are in a batch; On Error "Continue/);
		expect(error?.description).toMatch(/run the same rows again/);
		const again = await run({ items: items.slice(0, 2), parameters });
		expect([statusesOf(again.outputs[1]), created()]).toEqual([
			['pending waiting', 'pending waiting'],
			2,
		]);
	});

	test('Maximum Cost holds at half price, and what is above it leaves by the error output', async () => {
		const { outputs } = await run({
			items: fresh(4),
			parameters: { imageSize: '1K', options: { maxCost: 0.04 } },
			settings: { onError: 'continueErrorOutput' },
		});
		expect(outputs.map((each) => each.length)).toEqual([0, 2, 2]);
		expect(statusesOf(outputs[2])).toEqual(['notStarted maxCost', 'notStarted maxCost']);
	});

	test('images to work from are sent, and not needed any more when the item is collected', async () => {
		const photo = createCanvas(8, 8).toBuffer('image/png').toString('base64');
		const binary = { photo: { data: photo, mimeType: 'image/png' } };
		const parameters = { referenceImages: 'photo' };
		const items = fresh(1).map((item) => ({ ...item, binary }));
		const first = await run({ items, parameters });
		const [sent] = workbench.emulator.batches.jobs.at(-1)!.requests;
		expect(sent.request.contents[0].parts[0].inlineData.data).toBe(photo);
		expect(Object.keys(first.outputs[1]![0]!.binary!)).toEqual(['photo']);
		workbench.emulator.batches.turn(HOUR_MS);
		const bare = backOf(first).map(({ json }) => ({ json }));
		expect(statusesOf((await run({ items: bare, parameters })).outputs[0])).toEqual(['ok']);
	});

	test('several images of an item, their names, and one item for all of them', async () => {
		const parameters = {
			numberOfImages: 3,
			fileName: 'cat',
			options: { output: 'itemPerPrompt', includeInputFields: false },
		};
		const first = await run({ items: fresh(1), parameters });
		expect(first.outputs[1]![0]!.json.row).toBe(1);
		workbench.emulator.batches.turn(HOUR_MS);
		const { outputs } = await run({ items: backOf(first), parameters });
		expect(outputs[0]).toHaveLength(1);
		expect(Object.values(outputs[0]![0]!.binary!).map(({ fileName }) => fileName)).toEqual([
			'cat-1.png',
			'cat-2.png',
			'cat-3.png',
		]);
	});

	test('a name is not used up by a pass that brought nothing', async () => {
		const parameters = { fileName: 'cat' };
		const items = fresh(1);
		const executionId = `names-${prompts}`;
		const first = await run({ items: [items, items], parameters, executionId });
		workbench.emulator.batches.turn(HOUR_MS);
		const second = await run({ items: backOf(first), parameters, executionId });
		expect(second.outputs[0]![0]!.binary!.data!.fileName).toBe('cat.png');
	});

	test('a prompt that was changed since keeps its ticket', async () => {
		const first = await run({ items: fresh(1) });
		const items = backOf(first).map(({ json }) => ({ json: { ...json, prompt: 'another one' } }));
		const { outputs } = await run({ items, settings: { onError: 'continueErrorOutput' } });
		expect(generations(outputs[2]!)[0]).toMatchObject({
			code: 'batchChanged',
			batch: (first.outputs[1]![0]!.json.generation as IDataObject).batch,
		});
	});

	test('a stop ends the run, and what was handed in is found again', async () => {
		const items = fresh(21);
		workbench.emulator.faults.add({
			match: { action: 'batchCreate' },
			times: 1,
			reply: { delayMs: 300, takesEffect: true, hang: true },
		});
		const running = workbench.bench.start(workbench.job(batch({ items })));
		while (created() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
		running.cancel();
		await running.promise;
		workbench.emulator.faults.clear();
		const before = created();
		const { outputs } = await run({ items });
		expect(outputs[1]).toHaveLength(21);
		expect(created() - before).toBe(1);
	});

	test('is not for agents', async () => {
		const { parameters, credential } = workbench.job(batch({}));
		const answers = await workbench.bench
			.runAsTool({ parameters: parameters!, credential }, [{ prompt: 'a cat' }])
			.catch((reason: Error) => reason.message);
		expect(JSON.stringify(answers)).toMatch(/agent cannot wait for a batch/);
		expect(created()).toBe(0);
	});

	test('Check API Keys tells which lane has batches', async () => {
		const { main } = await workbench.run({ parameters: { operation: 'checkEndpoints' } });
		expect(main[0]!.json.message).toBe('The key works. It can also make images in batch.');
		workbench.emulator.faults.add({
			match: { action: 'batchList' },
			reply: { status: 404, body: {} },
		});
		const without = await workbench.run({ parameters: { operation: 'checkEndpoints' } });
		expect(without.main[0]!.json).toMatchObject({
			ok: true,
			message: expect.stringMatching(/no Batch API/),
		});
		expect(without.text).not.toContain(KEY);
	});

	test('Check API Keys says nothing of batches where that is not known', async () => {
		workbench.emulator.faults.add({
			match: { action: 'batchList' },
			reply: { status: 503, body: 'busy' },
		});
		const { main } = await workbench.run({ parameters: { operation: 'checkEndpoints' } });
		expect(main[0]!.json).toMatchObject({ ok: true, message: 'The key works.' });
	});

	test('Check API Keys asks a lane for batches only where its key works', async () => {
		workbench.emulator.faults.add({
			match: { action: 'models' },
			reply: { fixture: 'bad-key.json' },
		});
		const { main } = await workbench.run({ parameters: { operation: 'checkEndpoints' } });
		expect(main[0]!.json).toMatchObject({ ok: false });
		const actions = workbench.emulator.requests.map(({ action }) => action);
		expect(actions).toContain('models');
		expect(actions).not.toContain('batchList');
	});
});
