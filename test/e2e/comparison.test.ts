import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ICredentialType, INodeTypeDescription } from 'n8n-workflow';
import { builtIn } from '../../bench/n8n/contenders';
import { n8nRuntime } from '../support/n8n/runtime';
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

test('has no field for ratio, resolution, batch, cost or time, one number of images for Imagen alone, and one key', async () => {
	const { modules } = await n8nRuntime();
	const read = <T>(file: string) =>
		JSON.parse(
			readFileSync(path.join(modules, '@n8n/n8n-nodes-langchain/dist/types', file), 'utf8'),
		) as readonly T[];
	const { properties } = read<INodeTypeDescription>('nodes.json').find(
		({ name }) => name === 'googleGemini',
	)!;
	const fields = properties.filter(({ displayOptions: { show = {} } = {} }) =>
		Object.entries({ resource: 'image', operation: 'generate' }).every(
			([name, value]) => show[name]?.includes(value) ?? true,
		),
	);
	expect([...new Set(fields.map(({ name }) => name))]).toEqual([
		'resource',
		'operation',
		'modelId',
		'prompt',
		'options',
	]);
	const { options = [] } = fields.find(({ name }) => name === 'options')!;
	expect(options).toMatchObject([
		{
			name: 'sampleCount',
			displayOptions: { show: { '/modelId': [{ _cnd: { includes: 'imagen' } }] } },
		},
		{ name: 'binaryPropertyOutput' },
	]);
	const operations = fields.find(({ name }) => name === 'operation')!.options;
	expect(operations).toMatchObject([
		{ value: 'analyze' },
		{ value: 'generate' },
		{ value: 'edit' },
	]);
	const credential = read<ICredentialType>('credentials.json').find(
		({ name }) => name === 'googlePalmApi',
	)!;
	expect(credential.properties.map(({ name }) => name)).toEqual(['host', 'apiKey']);
});
