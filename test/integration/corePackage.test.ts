import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version } from '../../core/package.json';
import { readPicture } from '../../core/src/image/picture';
import { startEmulator, type Emulator } from '../support/emulator/emulator';
import { pack } from '../support/n8n/install';

const run = promisify(execFile);
const root = join(__dirname, '../..');

/** A folder with the packed core in its node_modules, inside the repository so that its dependencies are found. */
let folder: string;
let tarball: string;
let emulator: Emulator;

beforeAll(async () => {
	const cache = join(root, 'node_modules/.cache');
	await mkdir(cache, { recursive: true });
	folder = await mkdtemp(join(cache, 'core-package-'));
	const installed = join(folder, 'node_modules/gemini-t2i');
	await mkdir(installed, { recursive: true });
	tarball = await pack(join(root, 'core'), folder);
	await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
	emulator = await startEmulator({ imageSizePx: 16 });
}, 60_000);
afterAll(async () => {
	await emulator?.close();
	await rm(folder, { recursive: true, force: true });
});

const node = (...args: string[]) =>
	run(process.execPath, args, {
		cwd: folder,
		env: { PATH: process.env.PATH, GEMINI_API_KEY: 'k', GEMINI_BASE_URL: emulator.url },
	});

test('the example draws four images', async () => {
	await copyFile(join(root, 'examples/library.mjs'), join(folder, 'library.mjs'));
	const { stdout } = await node('library.mjs');
	expect(stdout.trim().split('\n').sort()).toEqual([
		'lighthouse-16x9.png: Endpoint 1 #1, $0.0336',
		'lighthouse-1x1.png: Endpoint 1 #1, $0.0336',
		'lighthouse-4x3.png: Endpoint 1 #1, $0.0336',
		'lighthouse-9x16.png: Endpoint 1 #1, $0.0336',
	]);
	expect((await readdir(folder)).filter((name) => name.endsWith('.png'))).toHaveLength(4);
});

const readme = () => readFile(join(folder, 'node_modules/gemini-t2i/README.md'), 'utf8');

test('the longer example of the README is that example', async () => {
	const example = await readFile(join(root, 'examples/library.mjs'), 'utf8');
	expect(await readme()).toContain(example.slice(example.indexOf('import ')));
});

describe('the first program of the README, as printed', () => {
	let program: string;
	beforeAll(async () => {
		program = /```js\n([^]*?)```/.exec(await readme())![1]!;
	});

	test('has 10 lines', () => {
		expect(program.trim().split('\n')).toHaveLength(10);
	});

	test('runs', async () => {
		await writeFile(join(folder, 'first.mjs'), program);
		await node('first.mjs');
		expect(readPicture(await readFile(join(folder, 'lighthouse.png')))).not.toBeNull();
	});

	test('is strict TypeScript, and runs as ES module and as CommonJS', async () => {
		for (const file of ['strict.mts', 'strict.cts']) await writeFile(join(folder, file), program);
		expect((await tsc('strict.mts', 'strict.cts')).stdout).toBe('');
		for (const file of ['strict.mjs', 'strict.cjs']) {
			await rm(join(folder, 'lighthouse.png'), { force: true });
			await node(file);
			expect(await readdir(folder)).toContain('lighthouse.png');
		}
	}, 60_000);
});

test('import and require give the same', async () => {
	const list = 'console.log(JSON.stringify(Object.keys(core).sort()))';
	for (const [tier, expected] of [
		['gemini-t2i', ['createGemini', 'ImageNotMade']],
		['gemini-t2i/pool', ['connectGemini', 'createRegistry', 'systemHost']],
	] as const) {
		await writeFile(join(folder, 'a.mjs'), `import * as core from '${tier}'; ${list}`);
		await writeFile(join(folder, 'a.cjs'), `const core = require('${tier}'); ${list}`);
		const [imported, required] = await Promise.all([node('a.mjs'), node('a.cjs')]);
		const names = JSON.parse(imported.stdout) as string[];
		expect(names).toEqual(expect.arrayContaining([...expected]));
		expect(JSON.parse(required.stdout)).toEqual(names);
	}
});

test('however it is loaded, it is the same one: limits are kept once', async () => {
	await writeFile(
		join(folder, 'same.mjs'),
		`import { createRequire } from 'node:module';
		import { RequestInvalid } from 'gemini-t2i';
		import { RequestInvalid as ofPool } from 'gemini-t2i/pool';
		const require = createRequire(import.meta.url);
		console.log(RequestInvalid === ofPool, RequestInvalid === require('gemini-t2i').RequestInvalid);`,
	);
	expect((await node('same.mjs')).stdout.trim()).toBe('true true');
});

test('its types hold for both', async () => {
	const use = `
		const prompt: ImageRequest = resolveRequest({ model: DEFAULT_MODEL, prompt: 'a' });
		const host: Host = systemHost(new AbortController().signal);
		// @ts-expect-error a request has a prompt
		resolveRequest({ model: DEFAULT_MODEL });
		void [prompt, host];`;
	const names = 'DEFAULT_MODEL, resolveRequest, systemHost, type Host, type ImageRequest';
	const client = `
		import { createGemini, ImageNotMade, type Generated } from 'gemini-t2i';
		import { fetch } from 'undici';
		const gemini = createGemini({ apiKeys: ['k'], fetch, maxCostUsd: undefined });
		export const made: Promise<Generated<number>> = gemini.generateImage(
			{ prompt: 'a', referenceImages: [new Uint8Array()] },
			{ save: ({ data }) => data.length },
		);
		void made.then(({ saved: [bytes], lane, costUsd }) => [bytes.toFixed(), lane?.trim(), costUsd]);
		void made.catch((reason) => reason instanceof ImageNotMade && reason.account.attempts);
		// @ts-expect-error an image has a prompt
		void gemini.generateImage({});`;
	for (const kind of ['mts', 'cts']) {
		await writeFile(
			join(folder, `types.${kind}`),
			`import { ${names} } from 'gemini-t2i/pool';${use}`,
		);
		await writeFile(join(folder, `client.${kind}`), client);
	}
	const files = ['types.mts', 'types.cts', 'client.mts', 'client.cts'];
	expect((await tsc(...files)).stdout).toBe('');
}, 60_000);

/** Strict, and with no look at the inside of declaration files spared. */
const tsc = (...files: string[]) =>
	node(
		join(root, 'node_modules/typescript/bin/tsc'),
		...['--strict', '--exactOptionalPropertyTypes', '--module', 'node16', '--target', 'es2022'],
		...['--types', 'node', ...files],
	).catch(({ stdout }: { stdout: string }) => ({ stdout }));

test('installed alone it brings one package, and works', async () => {
	const alone = await mkdtemp(join(tmpdir(), 'gemini-t2i-'));
	await run('npm', ['install', '--offline', '--prefix', alone, tarball]);
	expect((await readdir(join(alone, 'node_modules'))).filter((name) => name[0] !== '.')).toEqual([
		'gemini-t2i',
	]);
	const bin = join(alone, 'node_modules/.bin/gemini-t2i');
	expect((await node(bin, '--version')).stdout.trim()).toBe(version);
	await writeFile(join(alone, 'a.cjs'), "console.log(typeof require('gemini-t2i').createGemini)");
	expect((await node(join(alone, 'a.cjs'))).stdout.trim()).toBe('function');
	await rm(alone, { recursive: true });
});

test('its command runs, and says so where it is not built', async () => {
	const bin = 'node_modules/gemini-t2i/bin/gemini-t2i.js';
	expect((await node(bin, '--version')).stdout.trim()).toBe(version);
	const bare = await mkdtemp(join(tmpdir(), 'gemini-t2i-'));
	await mkdir(join(bare, 'bin'));
	await writeFile(join(bare, 'package.json'), '{"type":"module"}');
	await copyFile(join(folder, bin), join(bare, 'bin/gemini-t2i.js'));
	await expect(run(process.execPath, [join(bare, 'bin/gemini-t2i.js')])).rejects.toMatchObject({
		code: 2,
		stderr: expect.stringContaining('Run "npm run build"') as string,
	});
	await rm(bare, { recursive: true });
});
