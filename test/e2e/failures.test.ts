import { calls, endpoints, imageNode, secretKey, until, workbench, workflowFor } from './workbench';
import { freePort } from '../support/n8n/server';

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench({ keys: [secretKey] })));
afterEach(() => bench.close());

const rows = (...prompts: readonly string[]) => prompts.map((prompt) => ({ prompt }));

describe('with On Error "Stop", a run that cannot go on says what to change and names the item', () => {
	const cases: ReadonlyArray<{
		title: string;
		prompts: readonly string[];
		credential?: () => Promise<object>;
		says: RegExp;
		item: number;
	}> = [
		{
			title: 'a bad key',
			prompts: ['a cup'],
			credential: async () => ({
				endpoints: { endpoint1: { apiKeys: 'wrong', baseUrl: bench.emulator.url } },
			}),
			says: /Endpoint 1 #1.*key/i,
			item: 0,
		},
		{
			title: 'an unreachable endpoint',
			prompts: ['a cup'],
			credential: async () => endpoints(`http://127.0.0.1:${await freePort()}`),
			says: /Endpoint 1/,
			item: 0,
		},
		{ title: 'an empty prompt', prompts: ['a cup', ''], says: /prompt/i, item: 1 },
	];
	test.each(cases)('$title', async ({ prompts, credential, says, item }) => {
		const execution = await bench.draw(rows(...prompts), {}, await credential?.());
		expect(execution.status).toBe('error');
		const { message, description } = execution.error!;
		expect(`${message} ${description}`).toMatch(says);
		expect(execution.error).toMatchObject({ context: { itemIndex: item } });
		expect(`${message} ${description}`).toMatch(new RegExp(`item ${item}`, 'i'));
		expect(message).not.toMatch(/\n\s+at /);
		expect(execution.items(imageNode)).toEqual([]);
	});
});

test('of 8 items 3 come out of main and 5 of the error output, each paid for once', async () => {
	const execution = await bench.draw(
		[
			'a cup',
			'a knife [refuse]',
			'a plate',
			'a fork [bad-request]',
			'a spoon [500]',
			'a bowl',
			'a jug [text]',
			'a pan [cut]',
		].map((prompt, row) => ({ row, prompt })),
		{ onError: 'continueErrorOutput' },
	);
	expect(execution.status).toBe('success');
	const [made, missing] = [execution.items(imageNode, 0), execution.items(imageNode, 1)];
	expect(made.map(({ json }) => json.row)).toEqual([0, 2, 5]);
	expect(missing.map(({ json }) => json.row)).toEqual([1, 3, 4, 6, 7]);
	expect(missing.map(({ json }) => json.generation)).toEqual(
		['refused', 'failed', 'failed', 'failed', 'failed'].map((status) =>
			expect.objectContaining({ status, message: expect.stringMatching(/\w/) }),
		),
	);
	expect(missing.every(({ binary }) => !binary)).toBe(true);
	const calledOnce = calls(bench.emulator).map(({ prompt }) => prompt);
	expect(calledOnce).toHaveLength(new Set(calledOnce).size);
	expect(calledOnce).toHaveLength(8);
	expect(execution.text).not.toContain(secretKey);
});

test('with On Error "Stop" no call is started after the one that went wrong', async () => {
	const execution = await bench.draw(rows('one', 'two', 'three [bad-request]', 'four', 'five'), {
		parameters: { options: { concurrency: 1 } },
	});
	expect(execution.status).toBe('error');
	expect(calls(bench.emulator).map(({ prompt }) => prompt)).toEqual([
		'one',
		'two',
		'three [bad-request]',
	]);
	const { message, description } = execution.error!;
	expect(`${message} ${description}`).toMatch(/2 images/);
	expect(`${message} ${description}`).toContain('Continue (using error output)');
});

test("a prompt that Google blocks shows Google's own words", async () => {
	const execution = await bench.draw(rows('a knife [refuse]'));
	const { message, description } = execution.error!;
	expect(`${message} ${description}`).toContain('The image violated a safety policy');
});

test('a limit that nobody has configured is learned: 40 images from a server that takes 5 in any 3 s', async () => {
	bench.emulator.faults.add({ reply: { throttle: { perMinute: 5, windowMs: 3000 } } });
	const prompts = Array.from({ length: 40 }, (_, row) => `picture ${row}`);
	const execution = await bench.draw(rows(...prompts));
	expect(execution.status).toBe('success');
	expect(execution.items(imageNode).map(({ json }) => json.prompt)).toEqual(prompts);
	const refused = calls(bench.emulator).filter(({ status }) => status === 429);
	expect(refused.length).toBeGreaterThan(0);
	expect(refused.length).toBeLessThanOrEqual(40);
});

test('prompts that always end in a 500 cost their neighbours no image', async () => {
	const prompts = Array.from({ length: 100 }, (_, row) =>
		row >= 30 && row < 42 ? `picture ${row} [500]` : `picture ${row}`,
	);
	const execution = await bench.draw(rows(...prompts), { onError: 'continueErrorOutput' });
	const promptsOf = (output: number) =>
		execution.items(imageNode, output).map(({ json }) => json.prompt);
	expect(promptsOf(1)).toEqual(prompts.slice(30, 42));
	expect(promptsOf(0)).toEqual([...prompts.slice(0, 30), ...prompts.slice(42)]);
});

test('stopping the execution ends its calls, and the next one starts afresh', async () => {
	const credential = await bench.credential();
	const node = { parameters: { options: { concurrency: 2 } } };
	const prompts = rows('a [hang]', 'b [hang]', 'c', 'd');
	const { id } = await bench.n8n.saveWorkflow(workflowFor(credential, prompts, node));
	const executionId = await bench.n8n.start(id);
	await until(() => calls(bench.emulator).length === 2);
	await bench.n8n.stop(executionId);
	expect((await bench.n8n.finished(executionId)).status).toBe('canceled');

	const next = await bench.n8n.run(workflowFor(credential, rows('e', 'f'), node));
	expect(next.items(imageNode)).toHaveLength(2);
	const [first, second, ...later] = calls(bench.emulator);
	expect(later.map(({ prompt }) => prompt).sort()).toEqual(['e', 'f']);
	for (const { closedByClient, ended } of [first!, second!]) {
		expect(closedByClient).toBe(true);
		expect(ended).toBeLessThan(Math.min(...later.map(({ mono }) => mono)));
	}
});
