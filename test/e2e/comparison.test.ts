import { builtIn } from '../../bench/n8n/contenders';
import { calls, workbench } from './workbench';

/** What README says of n8n's own Google Gemini node, in the n8n under test: not a word of it may have become untrue. */
let bench: Awaited<ReturnType<typeof workbench>>;
beforeEach(async () => (bench = await workbench({ latencyMs: 100 })));
afterEach(() => bench.close());

const draw = async (...prompts: readonly string[]) =>
	await bench.n8n.run(await builtIn.workflow(bench.n8n, bench.emulator.url, prompts));

test('makes its images one after another, and the columns of the input are gone', async () => {
	const execution = await draw('a cup', 'a plate', 'a bowl');
	const made = execution.items(builtIn.last);
	expect(made).toHaveLength(3);
	expect(bench.emulator.maxInFlight).toBe(1);
	expect(made.filter(({ json }) => 'prompt' in json)).toEqual([]);
});

test('a declined prompt ends the run without a reason', async () => {
	const execution = await draw('a cup', 'a knife [refuse]', 'a bowl');
	expect(execution.status).toBe('error');
	expect(execution.error!.message).toContain('Cannot read properties of null');
	expect(execution.items(builtIn.last)).toEqual([]);
	expect(calls(bench.emulator)).toHaveLength(2);
});

test('a reply with text only becomes a file of 0 bytes', async () => {
	const execution = await draw('a jug [text]');
	expect(execution.status).toBe('success');
	const [file] = execution.items(builtIn.last).map(({ binary }) => Object.values(binary!)[0]!);
	expect(await bench.n8n.download(file!)).toHaveLength(0);
});
