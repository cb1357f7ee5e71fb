import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { withCommandLine } from './commandLine';

// Each test runs a process or several, and the computer may be busy.
jest.setTimeout(60_000);

const world = withCommandLine();
const KEY = 'AIzaSECRET-0123456789-0123456789-012345';

const start = (args: readonly string[], variables: Record<string, string> = {}) =>
	world.commandLine.start(args, world.folder, {
		GEMINI_API_KEY: KEY,
		DG_GEMINI_BASE_URL: world.emulator.url,
		...variables,
	});
const run = (args: readonly string[], variables?: Record<string, string>) =>
	start(args, variables).ended;
const images = () => world.emulator.requests.filter(({ action }) => action === 'generateContent');
/** A port that was free a moment ago. */
const deadPort = async (): Promise<number> => {
	const server = createServer();
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as AddressInfo;
	await new Promise((closed) => server.close(closed));
	return port;
};

describe('--check', () => {
	test('asks each key once and draws nothing', async () => {
		world.emulator.faults.add({
			match: { key: 'bad-key-1', action: 'models' },
			reply: { fixture: 'bad-key.json' },
		});
		const { code, stdout } = await run(['--check'], { DG_GEMINI_API_KEYS: 'good-key-1,bad-key-1' });
		expect(code).toBe(1);
		expect(stdout).toMatch(
			/^Endpoint 1 #1: The key works\.\nEndpoint 1 #2: The endpoint does not accept this key\./,
		);
		expect(images()).toEqual([]);
		expect(readdirSync(world.folder)).toEqual([]);
	});

	test('names the variables in which an address stands', async () => {
		world.emulator.faults.add({ match: { action: 'models' }, reply: { status: 404, body: 'no' } });
		const { stdout } = await run(['--check']);
		expect(stdout).toContain('Check Base URL (DG_GEMINI_BASE_URL) and API version');
	});

	test('all work: exit code 0; --json: a line a key', async () => {
		const { code, stdout } = await run(['--check', '--json']);
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({ lane: 'Endpoint 1 #1', ok: true, status: 200 });
	});
});

describe('--list_models', () => {
	test('those that make images first, with their price', async () => {
		const { code, stdout } = await run(['--list_models']);
		expect(code).toBe(0);
		expect(stdout).toMatch(/^gemini-nano-banana-2\.1: Nano Banana 2\.1, about \$0\.\d+ an image\n/);
		expect(images()).toEqual([]);
	});

	test('where nobody answers, it says so', async () => {
		const { code, stdout } = await run(['--list_models'], {
			DG_GEMINI_BASE_URL: `http://127.0.0.1:${await deadPort()}`,
		});
		expect({ code, stdout }).toEqual({
			code: 1,
			stdout: 'No endpoint has a list of models to show. --check tells why.\n',
		});
	});
});

describe('standard input', () => {
	test.each<[string[], string, string[]]>([
		[['--prompts_file', '-'], 'a\nb\n', ['a', 'b']],
		[['--prompts_file', '-', '--prompts_format', 'csv'], 'prompt\n"c, d"\n', ['c, d']],
		[['--prompt', '-'], 'one prompt\nof two lines\n', ['one prompt\nof two lines']],
	])('%j', async (args, text, prompts) => {
		const variables = { GEMINI_API_KEY: KEY, DG_GEMINI_BASE_URL: world.emulator.url };
		const { code } = await world.commandLine.start(args, world.folder, variables, undefined, text)
			.ended;
		expect(code).toBe(0);
		expect(
			images()
				.map(({ prompt }) => prompt)
				.sort(),
		).toEqual(prompts);
	});
});

test('nodes share a list and its directory, and neither makes what the other does', async () => {
	writeFileSync(
		join(world.folder, 'p.txt'),
		Array.from({ length: 11 }, (_, n) => `prompt ${n}.`).join('\n'),
	);
	world.emulator.faults.add({ reply: { delayMs: 50 } });
	const ends = await Promise.all(
		[0, 1].map((rank) =>
			run(['--prompts_file', 'p.txt', '--num_nodes', '2', '--node_rank', String(rank)]),
		),
	);
	expect(ends.map(({ code, stdout }) => [code, /\d+ images asked for/.exec(stdout)?.[0]])).toEqual([
		[0, '6 images asked for'],
		[0, '5 images asked for'],
	]);
	expect(images()).toHaveLength(11);
	const files = readdirSync(join(world.folder, 'output'));
	expect(files.filter((name) => name.endsWith('.png'))).toHaveLength(11);
	expect(files.filter((name) => name.endsWith('.jsonl'))).toEqual([
		'metadata_node0of2.jsonl',
		'metadata_node1of2.jsonl',
	]);
	// Whoever goes on alone knows of both.
	expect((await run(['--prompts_file', 'p.txt'])).stdout).toContain('11 there already');
	expect(images()).toHaveLength(11);
});

test('what the tool before this one takes and this backend does not is told in one line', async () => {
	const args = ['t2i', '--seed', '7', '--device', 'cuda', '--negative_prompt', 'ugly', '--resume'];
	const { code, stderr } = await run([...args, '--prompt', 'a']);
	expect({ code, stderr }).toEqual({
		code: 0,
		stderr: 'Taken and without meaning for this backend: --seed, --negative_prompt, --device.\n',
	});
});

test('what else a row holds, and text that was asked for, are in its metadata', async () => {
	writeFileSync(join(world.folder, 'p.csv'), 'id,prompt\nA-7,a cat\n');
	await run(['--prompts_file', 'p.csv', '--include_text']);
	const [line] = readFileSync(join(world.folder, 'output/metadata.jsonl'), 'utf8').split('\n');
	expect(JSON.parse(line!)).toMatchObject({ columns: { id: 'A-7' }, file: '000000.png' });
	expect(images()[0]?.body.generationConfig.responseModalities).toEqual(['TEXT', 'IMAGE']);
});

describe('a key that stands where none belongs is refused and not repeated', () => {
	test.each([
		['--model_name', KEY],
		['--prompt', `draw ${KEY}`],
		['--output_dir', KEY],
		['--prompts_file', KEY],
		['--image_size', KEY],
		['--aspect_ratio', KEY],
		['--additional_fields', `{"key":"${KEY}"}`],
		['--model_name', 'AIzaAnotherKey0123456789-0123456789-0123'],
	])('%s', async (option, value) => {
		const others = option === '--prompt' ? [] : ['--prompt', 'a'];
		const { code, stdout, stderr } = await run([option, value, ...others]);
		expect(code).toBe(2);
		expect(stderr).toMatch(/holds an API key\. Keys belong into GEMINI_API_KEY/);
		expect(stdout + stderr).not.toContain(value);
		expect(world.emulator.requests).toEqual([]);
		expect(readdirSync(world.folder)).toEqual([]);
	});
});

describe('the surroundings', () => {
	test('an empty --output_dir', async () => {
		const { code, stderr } = await run(['--prompt', 'a', '--output_dir', '']);
		expect(code).toBe(2);
		expect(stderr).toMatch(/^--output_dir is empty\./);
	});

	test.each([[], ['--dry_run']])('a file in place of the directory %j', async (...options) => {
		writeFileSync(join(world.folder, 'output'), 'a file');
		const { code, stderr } = await run(['--prompt', 'a', ...options]);
		expect(code).toBe(2);
		expect(stderr).toMatch(/output cannot be written \(E[A-Z]+\)/);
		expect(world.emulator.requests).toEqual([]);
	});

	test('a directory that only looks like one', async () => {
		mkdirSync(join(world.folder, 'output/metadata.jsonl'), { recursive: true });
		const { code, stderr } = await run(['--prompt', 'a']);
		expect(code).toBe(2);
		expect(stderr).toMatch(/cannot be written \(EISDIR\)/);
		expect(world.emulator.requests).toEqual([]);
	});

	test.each(['http', 'https'])(
		'a dead %s proxy is named as such, with no word of its password',
		async (scheme) => {
			const port = await deadPort();
			const { code, stdout, stderr } = await run(['--check'], {
				HTTP_PROXY: `${scheme === 'http' ? '' : 'http://'}127.0.0.1:${port}`,
				DG_GEMINI_BASE_URL: 'http://gemini.invalid',
			});
			expect(code).toBe(1);
			expect(stdout).toContain(
				`the proxy 127.0.0.1:${port} of HTTPS_PROXY or HTTP_PROXY cannot be reached`,
			);
			expect(stderr).toBe('');
		},
	);

	test('a proxy that lets nobody through', async () => {
		const proxy = createServer().on('connect', (_, socket) => {
			socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
		});
		await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
		const { port } = proxy.address() as AddressInfo;
		const { stdout } = await run(['--check'], {
			HTTP_PROXY: `http://user:SECRET@127.0.0.1:${port}`,
			DG_GEMINI_BASE_URL: 'http://gemini.invalid',
		});
		proxy.close();
		expect(stdout).toContain(
			`the proxy 127.0.0.1:${port} of HTTPS_PROXY or HTTP_PROXY lets no call through (407)`,
		);
		expect(stdout).not.toContain('SECRET');
	});
});
