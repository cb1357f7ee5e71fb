import { createHash } from 'node:crypto';
import type { Emulator } from '../support/emulator/emulator';
import type { Execution } from '../support/n8n/execution';
import { calls, imageNode, until, workbench, workflowFor } from './workbench';

let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench()));
afterEach(() => bench.close());

const prompts = Array.from({ length: 20 }, (_, row) => `picture ${row}`);
const sent = ({ requests }: Emulator) =>
	Object.fromEntries(
		requests.flatMap(({ prompt, images }) => images.map(({ sha256 }) => [prompt, sha256])),
	);
const pictures = async (execution: Execution) =>
	await Promise.all(
		execution.items(imageNode).map(async ({ binary }) =>
			createHash('sha256')
				.update(await bench.n8n.download(binary!.data!))
				.digest('hex'),
		),
	);

/** Four at once: once the sixteenth is asked for, twelve are answered and stored. */
const answersThenHangs = () => {
	bench.emulator.faults.add({ match: {}, times: 12, reply: {} });
	bench.emulator.faults.add({ match: {}, reply: { hang: true } });
};

test.each<[string, object, (executionId: string) => Promise<unknown>]>([
	['stopped', {}, async (executionId) => await bench.n8n.stop(executionId)],
	['ended by the workflow’s time limit', { executionTimeout: 5 }, async () => undefined],
])('what a run has paid for that was %s comes out of the next one', async (_, settings, end) => {
	const workflow = workflowFor(
		await bench.credential(),
		prompts.map((prompt) => ({ prompt })),
		{ parameters: { options: { concurrency: 4 } } },
	);
	const { id } = await bench.n8n.saveWorkflow({
		...workflow,
		settings: { ...workflow.settings, ...settings },
	});
	answersThenHangs();
	const first = await bench.n8n.start(id);
	await until(() => calls(bench.emulator).length === 16);
	await end(first);
	expect((await bench.n8n.finished(first)).status).toBe('canceled');
	await until(() => calls(bench.emulator).every(({ ended }) => ended !== null));
	const paid = sent(bench.emulator);
	expect(Object.keys(paid)).toHaveLength(12);
	bench.emulator.faults.clear();
	bench.emulator.requests.length = 0;

	const second = await bench.n8n.finished(await bench.n8n.start(id));
	expect(second.status).toBe('success');
	expect(calls(bench.emulator).map(({ prompt }) => prompt)).toHaveLength(8);
	await bench.n8n.call('POST', '/rest/executions/delete', { ids: [first] });
	const all: Record<string, string> = { ...paid, ...sent(bench.emulator) };
	expect(await pictures(second)).toEqual(prompts.map((prompt) => all[prompt]));
	expect(second.text).toContain('8 images made, 12 taken over from an earlier run');
});
