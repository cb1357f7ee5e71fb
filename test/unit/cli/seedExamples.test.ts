import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator, type Emulator } from '../../support/emulator/emulator';
import { buildCommandLine, type CommandLine } from './commandLine';

// Each test runs a process or several, and the computer may be busy.
jest.setTimeout(30_000);

/** The command lines of the tool this one continues, with its name changed and our own servers for its proxies. */
let commandLine: CommandLine;
let first: Emulator;
let second: Emulator;
let folder: string;

beforeAll(async () => {
	commandLine = await buildCommandLine();
});
beforeEach(async () => {
	first = await startEmulator({ imageSizePx: 16 });
	second = await startEmulator({ imageSizePx: 16 });
	folder = await commandLine.folder();
	const rows = Array.from({ length: 12 }, (_, index) =>
		JSON.stringify({ prompt: `prompt ${index}` }),
	);
	for (const name of ['prompts', 'large_prompts']) {
		writeFileSync(join(folder, `${name}.jsonl`), rows.join('\n'));
	}
});
afterEach(() => Promise.all([first.close(), second.close()]));
afterAll(() => commandLine.remove());

const T2I = ['t2i', '--backend', 'google_genai'];
const start = (args: readonly string[], variables: Record<string, string>) =>
	commandLine.start([...T2I, ...args], folder, {
		...(variables.DG_GEMINI_ENDPOINTS === undefined && { DG_GEMINI_BASE_URL: first.url }),
		...variables,
	});
const images = () => readdirSync(join(folder, 'output')).filter((name) => name.endsWith('.png'));
const countsByKey = ({ requests }: Emulator) =>
	requests.reduce<Record<string, number>>((counts, { key }) => {
		counts[key] = (counts[key] ?? 0) + 1;
		return counts;
	}, {});

describe('one prompt', () => {
	const key = { GEMINI_API_KEY: 'your_key' };

	test.each<[string[], Record<string, string>, string, string | undefined]>([
		[['--prompt', 'A futuristic city at sunset'], key, 'gemini-nano-banana-2.1', undefined],
		[
			['--model_name', 'gemini-2.5-flash-image', '--prompt', 'A city'],
			key,
			'gemini-2.5-flash-image',
			undefined,
		],
		[
			['--model_name', 'gemini-3-pro-image-preview', '--prompt', 'A serene mountain landscape'],
			key,
			'gemini-3-pro-image-preview',
			undefined,
		],
		[
			['--prompt', 'A panoramic ocean view'],
			{ ...key, DG_GEMINI_ASPECT_RATIO: '16:9' },
			'gemini-nano-banana-2.1',
			'16:9',
		],
		[['--prompt', 'A cat wearing a space suit'], key, 'gemini-nano-banana-2.1', undefined],
		[
			['--prompt', 'A cinematic landscape'],
			{ ...key, DG_GEMINI_ASPECT_RATIO: '16:9' },
			'gemini-nano-banana-2.1',
			'16:9',
		],
		[
			['--prompt', 'A tall skyscraper'],
			{ ...key, DG_GEMINI_ASPECT_RATIO: '9:16' },
			'gemini-nano-banana-2.1',
			'9:16',
		],
		[
			['--prompt', 'A profile picture'],
			{ ...key, DG_GEMINI_ASPECT_RATIO: '1:1' },
			'gemini-nano-banana-2.1',
			'1:1',
		],
	])('%j', async (args, variables, model, aspectRatio) => {
		const proxy = await startEmulator({
			imageSizePx: 16,
			extraModels: ['gemini-2.5-flash-image', 'gemini-3-pro-image-preview'],
		});
		const { code } = await start(args, { ...variables, DG_GEMINI_BASE_URL: proxy.url }).ended;
		expect(code).toBe(0);
		expect(proxy.requests).toMatchObject([{ model, prompt: args.at(-1), key: 'your_key' }]);
		expect(proxy.requests[0]?.body.generationConfig.imageConfig?.aspectRatio).toBe(aspectRatio);
		expect(images()).toEqual(['000000.png']);
		await proxy.close();
	});

	test('with timeout and retry', async () => {
		const settings = {
			DG_GEMINI_TIMEOUT: '120',
			DG_GEMINI_MAX_RETRIES: '3',
			DG_GEMINI_RETRY_DELAY: '0.2',
		};
		const { code } = await start(['--prompt', 'A detailed artwork [text] [once]'], {
			...key,
			...settings,
		}).ended;
		expect(code).toBe(0);
		expect(first.requests).toHaveLength(2);
	});
});

describe('many prompts', () => {
	test('by arguments', async () => {
		const args = [
			'--timeout',
			'120',
			'--api_max_retries',
			'3',
			'--max_global_workers',
			'32',
			'--num_processes',
			'8',
		];
		first.faults.add({
			match: { prompt: /prompt 7$/ },
			times: 2,
			reply: { fixture: 'overloaded.json' },
		});
		first.faults.add({ times: 11, reply: { gather: 12 } });
		const { code } = await start([...args, '--prompts_file', 'prompts.jsonl'], {
			GEMINI_API_KEY: 'k',
		}).ended;
		expect(code).toBe(0);
		expect(first.maxInFlight).toBe(12);
		expect(images()).toHaveLength(12);
	});

	test('several keys share the load', async () => {
		const variables = { DG_GEMINI_API_KEYS: 'key1,key2,key3', DG_GEMINI_RATE_LIMIT: '60' };
		const { code } = await start(['--prompts_file', 'prompts.jsonl'], variables).ended;
		expect(code).toBe(0);
		expect(countsByKey(first)).toEqual({ key1: 4, key2: 4, key3: 4 });
	});

	test('one key, at most 60 starts a minute', async () => {
		const variables = { GEMINI_API_KEY: 'key', DG_GEMINI_RATE_LIMIT: '60' };
		const { code, stderr } = await start(['--prompts_file', 'large_prompts.jsonl'], variables)
			.ended;
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(countsByKey(first)).toEqual({ key: 12 });
	});

	test('several endpoints, each with its key, its limit and its weight', async () => {
		const { code } = await start(['--prompts_file', 'prompts.jsonl'], {
			DG_GEMINI_ENDPOINTS: `${first.url},${second.url}`,
			DG_GEMINI_API_KEYS: 'key1,key2',
			DG_GEMINI_RATE_LIMITS: '30,60',
			DG_GEMINI_WEIGHTS: '1,2',
		}).ended;
		expect(code).toBe(0);
		expect([countsByKey(first), countsByKey(second)]).toEqual([{ key1: 4 }, { key2: 8 }]);
	});

	test('weights alone, with one key for both', async () => {
		const { code } = await start(['--prompts_file', 'prompts.jsonl'], {
			GEMINI_API_KEY: 'key',
			DG_GEMINI_ENDPOINTS: `${first.url},${second.url}`,
			DG_GEMINI_WEIGHTS: '1,2',
		}).ended;
		expect(code).toBe(0);
		expect([countsByKey(first), countsByKey(second)]).toEqual([{ key: 4 }, { key: 8 }]);
	});

	test('high concurrency: eight at once, four images for each prompt', async () => {
		first.faults.add({ reply: { delayMs: 100 } });
		const args = ['--prompts_file', 'large_prompts.jsonl', '--num_images_per_prompt', '4'];
		const { code } = await start(args, {
			DG_GEMINI_API_KEYS: 'key1,key2,key3,key4',
			DG_GEMINI_MAX_WORKERS: '8',
		}).ended;
		expect(code).toBe(0);
		expect(first.maxInFlight).toBe(8);
		expect(countsByKey(first)).toEqual({ key1: 12, key2: 12, key3: 12, key4: 12 });
		expect(images()).toHaveLength(48);
	});

	test('limits of their own: the endpoint that is full leaves the rest to the other', async () => {
		const { child, ended } = start(['--prompts_file', 'large_prompts.jsonl'], {
			DG_GEMINI_ENDPOINTS: `${first.url},${second.url}`,
			DG_GEMINI_API_KEYS: 'key1,key2',
			DG_GEMINI_RATE_LIMITS: '2,3',
		});
		while (first.requests.length + second.requests.length < 5) await sleep(10);
		await sleep(300);
		child.kill('SIGINT');
		await ended;
		expect([first.requests.length, second.requests.length]).toEqual([2, 3]);
	});
});

test('an empty entry among the endpoints is Google', async () => {
	// Google's key is refused by the settings' own check, which names the endpoint: no call leaves this computer.
	const { code, stderr } = await start(['--prompts_file', 'prompts.jsonl'], {
		DG_GEMINI_ENDPOINTS: ',https://generativelanguage.googleapis.com',
		DG_GEMINI_API_KEYS: 'key1,key1',
	}).ended;
	expect(code).toBe(2);
	expect(stderr).toMatch(/Endpoint 2: key #1 is already in Endpoint 1 with the same URL/);
});
