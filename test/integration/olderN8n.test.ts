import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { version as newest } from 'n8n-core/package.json';
import { startEmulator, type Emulator } from '../support/emulator/emulator';
import { installNode, pack } from '../support/n8n/install';
import { n8nCores, projectFolder, type N8nCores } from '../support/n8n/runtime';

const run = promisify(execFile);
const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WHALE_MB = 8;
const KEY = 'AIzaSyOnlyForTests-0123456789_abcdefgh1';

const rows = (...prompts: string[]) =>
	prompts.map((prompt, index) => ({ json: { row: index + 1, prompt } }));
const THREE = rows('a cat', 'a dog [refuse]', 'a cow');
const retry = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };

/** What is run in each n8n; each step has prompts of its own where what was asked is counted. */
const STEPS = {
	image: { items: rows('a bird') },
	stop: { items: THREE, settings: { onError: 'stopWorkflow' } },
	continue: { items: THREE, settings: { onError: 'continueRegularOutput' } },
	errorOutput: { items: THREE, settings: { onError: 'continueErrorOutput' } },
	retry: {
		items: rows('a fox', 'a hen [text] [once]'),
		settings: { onError: 'stopWorkflow', ...retry },
	},
	reference: {
		items: [
			{
				json: { row: 1, prompt: 'like this' },
				binary: { data: { data: PNG, mimeType: 'image/png', fileName: 'like.png' } },
			},
		],
		parameters: { referenceImages: 'data' },
	},
	cancel: { items: rows('a pig [hang]'), cancelAfterMs: 500 },
	// These take longest, and come last.
	memory: {
		items: rows('a whale {time}', 'a cod [refuse]'),
		parameters: { options: { concurrency: 1 } },
		settings: { onError: 'stopWorkflow' },
		times: 11,
	},
	memoryOfRetries: {
		items: rows('a whale {time}', 'a ray [refuse]'),
		parameters: { options: { concurrency: 1 } },
		settings: { onError: 'stopWorkflow', ...retry },
		times: 11,
	},
};

interface Told {
	columns: { row: number; prompt: string };
	status: string;
	bytes: number;
	error?: unknown;
}
interface Executed {
	message: string;
	main: Told[];
	failed: Told[];
	usedMb: number[];
}
type Results = Record<keyof typeof STEPS, Executed> & { credentialTest: object };

let folder: string;
let home: string;
let cores: N8nCores;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'gemini-t2i-older-'));
	await installNode(await pack(projectFolder, folder), folder);
	home = path.join(folder, '.n8n/nodes/node_modules/n8n-nodes-gemini-t2i');
	cores = await n8nCores();
	// A first run fetches the engines, which takes a minute or two.
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** n8n, its engine, and the Node it runs on: the oldest takes Node 18. The newest is this project's own. */
const VERSIONS = [
	['1.70', '1.70.0', 'node18'],
	['1.85', '1.84.0', 'this'],
	['1.119', '1.118.1', 'this'],
	['1.123', '1.122.28', 'this'],
	['2.0', '2.0.0', 'this'],
	['newest', newest, 'this'],
] as const;

describe.each(VERSIONS)('n8n %s', (version, core, node) => {
	let emulator: Emulator;
	let engine: string;
	let results: Results;
	beforeAll(async () => {
		emulator = await startEmulator({ imageSizePx: 16 });
		emulator.faults.add({ match: { prompt: 'a whale' }, reply: { megabytes: WHALE_MB } });
		const own = path.join(folder, version);
		await mkdir(own);
		const job = {
			package: home,
			folder: own,
			credential: { endpoints: { endpoint1: { apiKeys: KEY, baseUrl: emulator.url } } },
			steps: STEPS,
		};
		const script = path.join(projectFolder, 'test/support/n8n/coreOf.cjs');
		const binary = node === 'node18' ? (cores.node18 ?? process.execPath) : process.execPath;
		const modules = cores.modules[version] ?? path.join(projectFolder, 'node_modules');
		const { stdout } = await run(binary, ['--expose-gc', script, JSON.stringify(job)], {
			env: { PATH: process.env.PATH, NODE_PATH: modules },
			maxBuffer: 16 * 1024 ** 2,
		});
		expect(stdout).not.toContain(KEY);
		({ engine, results } = JSON.parse(stdout) as { engine: string; results: Results });
	}, 120_000);
	afterAll(() => emulator?.close());

	/** Row, status and whether it has a file. */
	const seen = (items: readonly Told[]) =>
		items.map(({ columns, status, bytes }) => [columns.row, status, bytes > 0]);
	const asked = (word: string) =>
		emulator.requests.filter(({ prompt }) => prompt.includes(word)).length;

	test('loads, and makes an image', () => {
		expect(engine).toBe(core);
		expect(seen(results.image.main)).toEqual([[1, 'ok', true]]);
		expect(results.image.failed).toEqual([]);
	});

	test('On Error "Stop": says which item came to nothing and why, and hands nothing on', () => {
		const { message, main, failed } = results.stop;
		expect(message).toMatch(/IMAGE_SAFETY|declined/);
		expect([main, failed]).toEqual([[], []]);
	});

	test('On Error "Continue": every row, in order, each image with its row', () => {
		expect(seen(results.continue.main)).toEqual([
			[1, 'ok', true],
			[2, 'refused', false],
			[3, 'ok', true],
		]);
	});

	test('On Error "Continue (using error output)": images at the first output, the row without at the second', () => {
		const { main, failed } = results.errorOutput;
		expect(seen(main)).toEqual([
			[1, 'ok', true],
			[3, 'ok', true],
		]);
		expect(seen(failed)).toEqual([[2, 'refused', false]]);
		expect(failed[0]!.columns.prompt).toBe('a dog [refuse]');
	});

	test('Retry On Fail pays only for what is missing', () => {
		expect(seen(results.retry.main)).toEqual([
			[1, 'ok', true],
			[2, 'ok', true],
		]);
		expect([asked('a fox'), asked('a hen')]).toEqual([1, 2]);
	});

	test.each(['memory', 'memoryOfRetries'] as const)(
		'what was made and not handed on is not in memory after the execution (%s)',
		(step) => {
			const { message, usedMb } = results[step];
			expect(message).toMatch(/1 image was made/);
			expect(usedMb).toHaveLength(11);
			// Eight executions lie between: what the last of them used may not be let go yet, but the half of all must be.
			const least = (some: readonly number[]) => Math.min(...some);
			expect(least(usedMb.slice(-3)) - least(usedMb.slice(0, 3))).toBeLessThan(4 * WHALE_MB);
		},
	);

	test('a reference image is sent', () => {
		expect(seen(results.reference.main)).toEqual([[1, 'ok', true]]);
		const request = emulator.requests.find(({ prompt }) => prompt === 'like this')!;
		expect(JSON.stringify(request.body)).toContain(PNG);
	});

	test('a stop ends the call, long before its engine ends', () => {
		const call = emulator.requests.find(({ prompt }) => prompt.includes('a pig'))!;
		expect(call.closedByClient).toBe(true);
		const later = emulator.requests.filter(({ prompt }) => prompt.includes('a whale'));
		expect(later.length).toBeGreaterThan(2);
		expect(call.ended).toBeLessThan(later[1]!.mono);
	});

	test('the credential test asks the key', () => {
		expect(results.credentialTest).toEqual({ status: 'OK', message: 'The API key works.' });
	});
});
