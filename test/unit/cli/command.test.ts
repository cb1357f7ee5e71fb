import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Entry } from '../../../core/cli/entry';
import { startEmulator, type Emulator } from '../../support/emulator/emulator';
import { withCommandLine } from './commandLine';

// Each test runs a process or several, and the computer may be busy.
jest.setTimeout(30_000);

const world = withCommandLine();
const KEY = 'SECRET-KEY';
let second: Emulator;

beforeEach(async () => {
	second = await startEmulator({ imageSizePx: 16 });
});
afterEach(() => second.close());

type Variables = Record<string, string>;
const start = (args: readonly string[], variables: Variables = {}) =>
	world.commandLine.start(args, world.folder, {
		GEMINI_API_KEY: KEY,
		DG_GEMINI_BASE_URL: world.emulator.url,
		...variables,
	});
const run = (args: readonly string[], variables?: Variables) => start(args, variables).ended;
const prompts = (count: number): string => {
	const file = join(world.folder, 'prompts.txt');
	const lines = Array.from({ length: count }, (_, index) => `prompt ${index}`);
	writeFileSync(file, lines.join('\n'));
	return file;
};
const calls = ({ requests } = world.emulator) =>
	requests.filter(({ action }) => action === 'generateContent');
const files = (directory = 'output') => readdirSync(join(world.folder, directory)).sort();
const metadata = (): Entry[] =>
	readFileSync(join(world.folder, 'output/metadata.jsonl'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Entry);

describe('what reaches the API', () => {
	const imageConfig = 'generationConfig.imageConfig';

	test.each<[string, string[], Variables, object | [path: string, value: unknown]]>([
		['GEMINI_API_KEY', [], { GEMINI_API_KEY: 'other' }, { key: 'other' }],
		['the default model', [], {}, { model: 'gemini-nano-banana-2.1' }],
		['the usual API version', [], {}, { apiVersion: 'v1beta' }],
		['DG_GEMINI_API_VERSION', [], { DG_GEMINI_API_VERSION: 'v1' }, { apiVersion: 'v1' }],
		['--model_name', ['--model_name', 'gemini-3-pro-image'], {}, { model: 'gemini-3-pro-image' }],
		['no ratio unless asked', [], {}, [`body.${imageConfig}`, undefined]],
		[
			'DG_GEMINI_ASPECT_RATIO',
			[],
			{ DG_GEMINI_ASPECT_RATIO: '9:16' },
			[`body.${imageConfig}.aspectRatio`, '9:16'],
		],
		[
			'--aspect_ratio',
			['--aspect_ratio', '4:3'],
			{ DG_GEMINI_ASPECT_RATIO: '9:16' },
			[`body.${imageConfig}.aspectRatio`, '4:3'],
		],
		[
			'--width and --height',
			['--width', '1920', '--height', '1080'],
			{},
			[`body.${imageConfig}.aspectRatio`, '16:9'],
		],
		['--image_size', ['--image_size', '2K'], {}, [`body.${imageConfig}.imageSize`, '2K']],
	])('%s', async (_, args, variables, expected) => {
		const { code, stderr } = await run(['--prompt', 'a cat', ...args], variables);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		const [call] = calls();
		expect(call?.prompt).toBe('a cat');
		if (Array.isArray(expected)) {
			const [path, value] = expected as [string, unknown];
			const found = path.split('.').reduce<any>((part, name) => part?.[name], call);
			expect(found).toEqual(value);
		} else expect(call).toMatchObject(expected);
	});

	test('several endpoints: keys by pairs, images by weight', async () => {
		const { code } = await run(['--prompts_file', prompts(12), '--max_global_workers', '1'], {
			DG_GEMINI_ENDPOINTS: `${world.emulator.url},${second.url}/v1alpha`,
			DG_GEMINI_API_KEYS: 'k1,k2|k3',
			DG_GEMINI_WEIGHTS: '1,2',
		});
		expect(code).toBe(0);
		expect(calls().map(({ key }) => key)).toEqual(Array(4).fill('k1'));
		const keys = calls(second).map(({ key }) => key);
		expect(keys.sort()).toEqual([...Array(4).fill('k2'), ...Array(4).fill('k3')]);
		expect(calls(second)[0]?.apiVersion).toBe('v1alpha');
	});

	test.each<[Variables, number, number]>([
		[{ DG_GEMINI_RATE_LIMIT: '2' }, 2, 2],
		[{ DG_GEMINI_RATE_LIMITS: '1,3' }, 1, 3],
		[{ DG_GEMINI_RATE_LIMITS: '3', DG_GEMINI_RATE_LIMIT: '1' }, 3, 1],
	])('%j holds starts back', async (limits, first, other) => {
		const { child, ended } = start(['--prompts_file', prompts(9)], {
			DG_GEMINI_ENDPOINTS: `${world.emulator.url},${second.url}`,
			...limits,
		});
		while (calls().length < first || calls(second).length < other) await sleep(10);
		await sleep(300);
		child.kill('SIGINT');
		expect((await ended).code).toBe(1);
		expect([calls().length, calls(second).length]).toEqual([first, other]);
	});

	test.each<[string, string[], Variables, number]>([
		['DG_GEMINI_MAX_WORKERS', [], { DG_GEMINI_MAX_WORKERS: '3' }, 3],
		['--max_global_workers', ['--max_global_workers', '5'], { DG_GEMINI_MAX_WORKERS: '3' }, 5],
		['neither; processes change nothing', ['--num_processes', '8'], {}, 16],
	])('images at once: %s', async (_, args, variables, expected) => {
		world.emulator.faults.add({ reply: { delayMs: 150 } });
		const { code } = await run(['--prompts_file', prompts(24), ...args], variables);
		expect(code).toBe(0);
		expect(world.emulator.maxInFlight).toBe(expected);
	});

	test.each<[string, string[], Variables]>([
		['DG_GEMINI_TIMEOUT', [], { DG_GEMINI_TIMEOUT: '0.2' }],
		['--timeout', ['--timeout', '0.2'], { DG_GEMINI_TIMEOUT: '100' }],
	])('time for an attempt: %s', async (_, args, variables) => {
		const { code, stderr } = await run(['--prompt', 'a cat [hang]', ...args], variables);
		expect(code).toBe(1);
		expect(stderr).toMatch(/^000000 failed \(timeout\): /);
	});

	test.each<[string, string[], Variables, number]>([
		['none unless asked', [], {}, 1],
		['DG_GEMINI_MAX_RETRIES', [], { DG_GEMINI_MAX_RETRIES: '2', DG_GEMINI_RETRY_DELAY: '0' }, 3],
		[
			'--api_max_retries',
			['--api_max_retries', '1', '--retry_delay', '0'],
			{ DG_GEMINI_MAX_RETRIES: '2' },
			2,
		],
	])('retries: %s', async (_, args, variables, expected) => {
		const { code, stderr } = await run(['--prompt', 'a cat [text]', ...args], variables);
		expect(code).toBe(1);
		expect(stderr).toMatch(/^000000 failed \(noImage\): /);
		expect(calls()).toHaveLength(expected);
		expect(metadata()).toMatchObject([{ status: 'failed', attempts: expected, code: 'noImage' }]);
	});

	test.each<[string, string[], Variables]>([
		['DG_GEMINI_RETRY_DELAY', [], { DG_GEMINI_RETRY_DELAY: '0.8' }],
		['--retry_delay', ['--retry_delay', '0.8'], { DG_GEMINI_RETRY_DELAY: '0' }],
	])('rest before a retry: %s', async (_, args, variables) => {
		const options = ['--prompt', 'a cat [text] [once]', '--api_max_retries', '1'];
		expect((await run([...options, ...args], variables)).code).toBe(0);
		const [before, after] = calls();
		// Half of the delay is jitter.
		expect((after?.mono ?? 0) - (before?.ended ?? 0)).toBeGreaterThan(380);
	});
});

test.each([
	['HTTP_PROXY', 'http://'],
	['http_proxy', ''],
])('%s is honoured, written as %sHOST:PORT', async (name, scheme) => {
	const asked: string[] = [];
	const proxy = createServer().on('connect', (request, socket) => {
		asked.push(request.url ?? '');
		const server = connect(Number(new URL(world.emulator.url).port), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			server.pipe(socket).pipe(server);
		});
		for (const end of [socket, server]) end.on('error', () => {});
	});
	await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
	const { port } = proxy.address() as AddressInfo;
	const { code } = await run(['--prompt', 'a cat'], {
		[name]: `${scheme}127.0.0.1:${port}`,
		DG_GEMINI_BASE_URL: 'http://gemini.invalid',
	});
	proxy.close();
	expect(code).toBe(0);
	expect(asked).toEqual(['gemini.invalid:80']);
	expect(calls()).toHaveLength(1);
});

test('a key that is not accepted is left out, by its label', async () => {
	world.emulator.faults.add({ match: { key: 'bad' }, reply: { fixture: 'bad-key.json' } });
	const { code, stdout } = await run(['--prompts_file', prompts(4)], {
		DG_GEMINI_API_KEYS: 'bad,good',
	});
	expect(code).toBe(0);
	expect(stdout).toMatch(/4 images asked for: 4 made\.[^]*Endpoint 1 #1 was left out: /);
});

describe('what is left behind', () => {
	test('images by row and image, facts of each, and a second run pays for nothing', async () => {
		const args = ['t2i', '--backend', 'google_genai', '--prompts_file', prompts(2)];
		const first = await run([...args, '--num_images_per_prompt', '2']);
		expect(first).toMatchObject({ code: 0, stderr: '' });
		expect(first.stdout).toMatch(/000001_01\.png made by Endpoint 1 #1 in \d/);
		expect(first.stdout).toMatch(/4 images asked for: 4 made\./);
		const images = ['000000_00.png', '000000_01.png', '000001_00.png', '000001_01.png'];
		expect(files()).toEqual([...images, 'metadata.jsonl']);
		expect(
			metadata()
				.map(({ file }) => file)
				.sort(),
		).toEqual(images);
		expect(metadata().find(({ row }) => row === 0)).toEqual({
			row: 0,
			image: expect.any(Number) as number,
			status: 'ok',
			file: expect.stringMatching(/^000000_0\d\.png$/) as string,
			extra: false,
			prompt: 'prompt 0',
			model: 'gemini-nano-banana-2.1',
			aspect_ratio: null,
			image_size: null,
			model_version: 'gemini-nano-banana-2.1',
			lane: 'Endpoint 1 #1',
			attempts: 1,
			duration_ms: expect.any(Number) as number,
			tokens: { prompt: 2, image: 1120, thought: null, total: 1122 },
			cost_usd: 0.033603,
			mime_type: 'image/png',
			width: 16,
			height: 16,
			bytes: expect.any(Number) as number,
			code: '',
			message: '',
			time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
		});
		const again = await run([...args, '--num_images_per_prompt', '2']);
		expect(again.code).toBe(0);
		expect(again.stdout).toMatch(/4 images asked for: 0 made, 4 there already\./);
		expect(calls()).toHaveLength(4);
	});

	test('--no_resume draws again and keeps what was there', async () => {
		await run(['--prompt', 'a cat']);
		const { code } = await run(['--prompt', 'a cat', '--no_resume']);
		expect(code).toBe(0);
		expect(calls()).toHaveLength(2);
		expect(files()).toEqual(['000000.png', 'metadata.jsonl', 'replaced']);
		expect(files('output/replaced')).toEqual(['000000.png']);
	});

	test('another prompt is drawn, and the former image is kept', async () => {
		await run(['--prompt', 'a cat']);
		await run(['--prompt', 'a dog']);
		expect(calls().map(({ prompt }) => prompt)).toEqual(['a cat', 'a dog']);
		expect(files('output/replaced')).toEqual(['000000.png']);
	});

	test('--output_dir and --output_name_column; the bytes decide the extension', async () => {
		world.emulator.faults.add({ match: { prompt: 'dog' }, reply: { format: 'jpeg' } });
		writeFileSync(join(world.folder, 'p.csv'), 'prompt,sku\ncat,A/1.png\ndog,B\nhen,\n');
		const args = ['--prompts_file', 'p.csv', '--output_name_column', 'sku', '--output_dir', 'a/b'];
		expect((await run(args)).code).toBe(0);
		expect(files('a/b')).toEqual(['000002.png', 'A', 'B.jpg', 'metadata.jsonl']);
		expect(files('a/b/A')).toEqual(['1.png']);
	});

	test('every image of a reply with more than was asked for', async () => {
		const { code } = await run(['--prompt', 'a cat [two]']);
		expect(code).toBe(0);
		expect(files()).toEqual(['000000-2.png', '000000.png', 'metadata.jsonl']);
		expect(metadata()).toMatchObject([
			{ file: '000000-2.png', extra: true, cost_usd: 0 },
			{ file: '000000.png', extra: false, cost_usd: 0.0672045 },
		]);
	});

	test('--json: one line an image on standard output, one for all, and nothing else there', async () => {
		writeFileSync(join(world.folder, 'p.txt'), 'a cat\na dog [refuse]\n');
		const { code, stdout, stderr } = await run(['--prompts_file', 'p.txt', '--json']);
		expect(code).toBe(1);
		const lines = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Entry);
		const summary = lines.pop();
		expect(lines.sort((a, b) => a.row - b.row)).toMatchObject([
			{ status: 'ok', file: '000000.png' },
			{ status: 'refused', file: null, code: 'IMAGE_SAFETY', prompt: 'a dog [refuse]' },
		]);
		expect(summary).toMatchObject({ status: 'summary', asked: 2, made: 1, refused: 1, open: 0 });
		expect(stderr).toMatch(
			/000001 refused \(IMAGE_SAFETY\)[^]*2 images asked for: 1 made, 1 refused/,
		);
		const again = await run(['--prompts_file', 'p.txt', '--json']);
		expect(again.stdout).toMatch(/"status":"skipped","file":"000000.png"/);
	});

	test('a refused prompt is not asked again for its other images', async () => {
		const args = ['--prompt', 'a cat [refuse]', '--num_images_per_prompt', '20'];
		const { code, stdout } = await run([...args, '--max_global_workers', '1']);
		expect(code).toBe(1);
		expect(calls().length).toBeLessThan(6);
		expect(stdout).toMatch(/20 images asked for: 0 made, \d refused, 1\d not started/);
	});

	test('a disk that takes no more ends the run before further images are paid for', async () => {
		world.emulator.faults.add({ reply: { megabytes: 0.1 } });
		// The shell's limit on the size of a file stands in for a full disk.
		const { code, stderr } = await world.commandLine.start(
			['--prompts_file', prompts(200), '--max_global_workers', '2'],
			world.folder,
			{ GEMINI_API_KEY: KEY, DG_GEMINI_BASE_URL: world.emulator.url },
			64,
		).ended;
		expect(code).toBe(1);
		expect(stderr).toMatch(/output\/0000\d\d\.png cannot be written \(EFBIG\)/);
		expect(files()).toEqual(['metadata.jsonl']);
		expect(calls().length).toBeLessThan(10);
	});
});

describe('what comes before the first call', () => {
	test.each<[string, string[], Variables, RegExp]>([
		['nothing to draw', [], {}, /^There is nothing to draw yet/],
		['an unknown option', ['--promt', 'a'], {}, /^unknown option '--promt'/],
		[
			'a word for a number',
			['--prompt', 'a'],
			{ DG_GEMINI_RATE_LIMIT: 'x' },
			/^DG_GEMINI_RATE_LIMIT/,
		],
		['no key', ['--prompt', 'a'], { GEMINI_API_KEY: '' }, /^There is no API key yet/],
		[
			'an address that is none',
			['--prompt', 'a'],
			{ DG_GEMINI_BASE_URL: 'proxy' },
			/^Endpoint 1: its Base URL[^]*DG_GEMINI_BASE_URL/,
		],
		[
			'a file where the directory should be',
			['--prompt', 'a', '--output_dir', process.execPath],
			{},
			/cannot be written \(E[A-Z]+\)/,
		],
		['a ratio that is none', ['--prompt', 'a', '--aspect_ratio', '7:3'], {}, /^--prompt: .*7:3/],
		[
			'a word for a ratio',
			['--prompt', 'a', '--aspect_ratio', 'fromSize', '--width', '9', '--height', '9'],
			{},
			/^--aspect_ratio must be a ratio/,
		],
		[
			'a word for the usual ratio',
			['--prompt', 'a'],
			{ DG_GEMINI_ASPECT_RATIO: 'wide' },
			/^DG_GEMINI_ASPECT_RATIO must be a ratio/,
		],
		[
			'a proxy that is none',
			['--prompt', 'a'],
			{ HTTPS_PROXY: 'http://user:SECRET@[::1:3128' },
			/^HTTPS_PROXY must be the address of a proxy(?![^]*SECRET)/,
		],
		...[
			'ht!tp://x',
			'http://u:SECRET%zz@127.0.0.1:1',
			'http://127.0.0.1:1/path',
			'"http://x:1"',
		].map((proxy): [string, string[], Variables, RegExp] => [
			`a proxy that cannot be: ${proxy}`,
			['--prompt', 'a'],
			{ HTTP_PROXY: proxy },
			/^HTTP_PROXY must be the address of a proxy(?![^]*SECRET)/,
		]),
		[
			'more images than anyone means',
			['--prompt', 'a', '--num_images_per_prompt', '5000000000'],
			{},
			/^--num_images_per_prompt must be a whole number from 1 to 1000/,
		],
		[
			'two keys for all endpoints',
			['--prompt', 'a'],
			{ DG_GEMINI_ENDPOINTS: 'http://a.test,http://b.test', DG_GEMINI_API_KEYS: 'k1|k2' },
			/^DG_GEMINI_API_KEYS has 1 entries and DG_GEMINI_ENDPOINTS has 2/,
		],
	])('%s', async (_, args, variables, sentence) => {
		const { code, stdout, stderr } = await run(args, variables);
		expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
		expect(stderr).toMatch(sentence);
		expect(stderr).not.toMatch(/\berror|problem|failure|mistake|at .*\(/i);
		expect(world.emulator.requests).toEqual([]);
	});

	test.each<[string, Buffer, RegExp]>([
		['latin1.csv', Buffer.from('prompt\ncaf\xe9 au lait\n', 'latin1'), /not in UTF-8/],
		['utf16.txt', Buffer.from('\ufeffa cat', 'utf16le'), /not in UTF-8/],
		['twice.csv', Buffer.from('prompt,prompt\na,b\n'), /two columns named prompt/],
	])('a prompts file such as %s', async (name, bytes, sentence) => {
		writeFileSync(join(world.folder, name), bytes);
		const { code, stderr } = await run(['--prompts_file', name]);
		expect(code).toBe(2);
		expect(stderr).toMatch(sentence);
		expect(calls()).toEqual([]);
	});

	test('another run at work in the directory', async () => {
		world.emulator.faults.add({ match: { prompt: 'slow' }, reply: { delayMs: 1500 } });
		const first = start(['--prompt', 'slow']);
		while (calls().length === 0) await sleep(10);
		const { code, stderr } = await run(['--prompt', 'other']);
		expect(code).toBe(2);
		expect(stderr).toMatch(/^Another run \(process \d+\) is at work in \.\/output\./);
		expect((await first.ended).code).toBe(0);
		expect((await run(['--prompt', 'other'])).code).toBe(0);
		expect(calls().map(({ prompt }) => prompt)).toEqual(['slow', 'other']);
	});

	test.each(['--help', '-h', '--version', '-V'])('%s', async (option) => {
		expect(await run(['t2i', option], { GEMINI_API_KEY: '' })).toMatchObject({
			code: 0,
			stderr: '',
		});
	});
});

test.each(['bad-key', 'leaked-key', 'billing', 'daily-quota', 'bad-request', 'html', 'reset'])(
	'no key in any output: %s',
	async (word) => {
		const { code, stdout, stderr } = await run([
			'--prompt',
			`a cat [${word}]`,
			'--json',
			'--timeout',
			'1',
		]);
		expect(code).toBe(1);
		const written = readFileSync(join(world.folder, 'output/metadata.jsonl'), 'utf8');
		expect(stdout + stderr + written).not.toContain(KEY);
		expect(written).toContain('"status":"failed"');
	},
);
