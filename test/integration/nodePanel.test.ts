import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';
import { KEY, useWorkbench } from './workbench';

const workbench = useWorkbench({ keys: [KEY, 'good-key'] });

describe('the Test button', () => {
	const test1 = (data: IDataObject) => workbench.bench.testCredential(data as never);
	const slots = (...keys: string[]) => ({
		endpoints: Object.fromEntries(
			keys.map((apiKeys, index) => [
				`endpoint${index + 1}`,
				{ apiKeys, baseUrl: `${workbench.emulator.url}/${index}` },
			]),
		),
	});

	test('says OK where every key works', async () => {
		expect(await test1(slots(KEY))).toEqual({ status: 'OK', message: 'The API key works.' });
		expect(await test1(slots(KEY, `good-key\n${KEY}`))).toEqual({
			status: 'OK',
			message: 'All 3 API keys work.',
		});
		expect(workbench.asked).toEqual([]);
	});

	test('names each key that does not, and why, and holds none', async () => {
		const { status, message } = await test1({
			endpoints: {
				...slots(KEY, `good-key\nworn-out-key`).endpoints,
				endpoint4: { apiKeys: 'far-key', baseUrl: 'http://127.0.0.1:9' },
			},
		});
		expect(status).toBe('Error');
		expect(message).toMatch(
			/^Endpoint 2 #2: .*Replace the key.* Endpoint 4 #1: .*cannot be reached/,
		);
		expect(message).not.toMatch(/Endpoint 1|Endpoint 2 #1/);
		expect(message).not.toMatch(/worn-out-key|far-key|good-key/);
	});

	test('says what to change where the form cannot work', async () => {
		expect(await test1({ endpoints: {} })).toEqual({
			status: 'Error',
			message: 'There is no endpoint yet. Add Endpoint 1 and paste an API key into it.',
		});
	});
});

describe('the list of models', () => {
	const search = (filter?: string, credential = workbench.credential()) =>
		workbench.bench.searchModels(credential as ICredentialDataDecryptedObject, filter);
	const ids = ({ results }: INodeListSearchResult) => results.map(({ value }) => value);

	test('comes from the endpoint, image models first, with price and life', async () => {
		const list = await search();
		expect(ids(list).slice(0, 3)).toEqual([
			'gemini-nano-banana-2.1',
			'gemini-3-pro-image',
			'gemini-3.1-flash-lite-image',
		]);
		expect(ids(list)).toContain('gemini-3-pro');
		expect(ids(list).indexOf('gemini-3-pro')).toBeGreaterThan(
			ids(list).indexOf('gemini-2.5-flash-image'),
		);
		const about = (id: string) => list.results.find(({ value }) => value === id)!.description;
		expect(about('gemini-nano-banana-2.1')).toContain('$0.0336');
		expect(about('gemini-3.1-flash-image')).toMatch(
			/shut down since 2026-10-29; .*gemini-nano-banana-2\.1/,
		);
		expect(about('gemini-3-pro')).toMatch(/^Not known to make images/);
		// n8n shows the names only.
		const nameOf = (id: string) => list.results.find(({ value }) => value === id)!.name;
		expect(nameOf('gemini-nano-banana-2.1')).toBe('Nano Banana 2.1');
		expect(nameOf('gemini-3.1-flash-image')).toMatch(/ \(shut down at Google\)$/);
		expect(nameOf('gemini-3-pro')).toMatch(/ \(not known to make images\)$/);
	});

	test('can be searched', async () => {
		expect(ids(await search('banana pro'))).toEqual(['gemini-3-pro-image']);
		expect(ids(await search('nothing like it'))).toEqual([]);
	});

	test('is still of use where no endpoint answers', async () => {
		const list = await search('', {
			endpoints: { endpoint1: { apiKeys: 'k', baseUrl: 'http://127.0.0.1:9' } },
		});
		expect(ids(list)).toContain('gemini-nano-banana-2.1');
		expect(ids(await search('', { endpoints: {} }))).toEqual(ids(list));
	});
});

describe('the panel', () => {
	const properties = () => workbench.bench.node.description.properties;
	const field = (fields: readonly INodeProperties[], name: string) => {
		const found = fields.find((each) => each.name === name)!;
		return [name, found.displayName, found.default];
	};

	test('has every field under its name, label and default', () => {
		const fields = (names: string[]) => names.map((name) => field(properties(), name));
		const names = properties().map(({ name }) => name);
		expect(fields(names)).toEqual([
			['operation', 'Operation', 'generate'],
			[
				'model',
				'Model',
				expect.objectContaining({ mode: 'list', value: 'gemini-nano-banana-2.1' }),
			],
			['prompt', 'Prompt', ''],
			['aspectRatio', 'Aspect Ratio', 'auto'],
			['width', 'Width', 1024],
			['height', 'Height', 1024],
			['imageSize', 'Resolution', 'auto'],
			['numberOfImages', 'Number of Images', 1],
			['referenceImages', 'Input Data Field Name(s)', ''],
			['fileName', 'File Name', ''],
			['simplify', 'Simplify', true],
			['batch', 'Batch', '={{ $json.generation?.batch }}'],
			['submitAgain', 'Submit Again', false],
			['errorOutputNotice', expect.stringContaining('Continue (using error output)'), ''],
			['batchNotice', expect.stringContaining('Not Ready Yet'), ''],
			['options', 'Options', {}],
		]);
		const options = properties().find(({ name }) => name === 'options')!
			.options as INodeProperties[];
		expect(options.map(({ name }) => field(options, name))).toEqual([
			['additionalFields', 'Additional Request Fields (JSON)', '{}'],
			['googleSearch', 'Google Search', false],
			['concurrency', 'Images at Once', 16],
			['includeInputFields', 'Include Other Input Fields', true],
			['includeText', 'Include Text', false],
			['maxCost', 'Maximum Cost (USD)', 0],
			['binaryPropertyName', 'Put Output in Field', 'data'],
			['maxRetries', 'Retries per Image', 0],
			['retryDelay', 'Retry Delay (Seconds)', 1],
			['serviceTier', 'Service Tier', 'standard'],
			['output', 'Split Into Items', 'itemPerImage'],
			['stopStartingAfter', 'Stop Starting After (Minutes)', 0],
			['systemInstruction', 'System Instruction', ''],
			['thinkingLevel', 'Thinking', 'auto'],
			['timeout', 'Timeout (Seconds)', 300],
		]);
	});

	test('every field says in plain words what it is for', () => {
		const all = [
			...properties(),
			...(properties().find(({ name }) => name === 'options')!.options as INodeProperties[]),
		];
		for (const { name, type, description = '' } of all) {
			if (['notice', 'collection'].includes(type) || name === 'operation') continue;
			expect([name, description.length > 20]).toEqual([name, true]);
			expect(description).not.toMatch(/binary property|parameter|error|problem|failure/i);
		}
	});
});
