import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { withCommandLine } from './commandLine';

// Each test runs several processes, and the computer may be busy.
jest.setTimeout(60_000);

const world = withCommandLine();
const run = (...args: string[]) =>
	world.commandLine.start(args, world.folder, {
		GEMINI_API_KEY: 'k',
		DG_GEMINI_BASE_URL: world.emulator.url,
	}).ended;
const put = (file: string, content: string | Buffer) => {
	mkdirSync(join(world.folder, 'output'), { recursive: true });
	writeFileSync(join(world.folder, file), content);
};
const list = (...prompts: string[]) => put('p.txt', prompts.join('\n'));
const runList = (...options: string[]) => run('--prompts_file', 'p.txt', ...options);
const files = (under = 'output') =>
	readdirSync(join(world.folder, under))
		.filter((name) => /\.(png|gif)$/.test(name))
		.sort();
const hashOf = (file: string) =>
	createHash('sha256')
		.update(readFileSync(join(world.folder, 'output', file)))
		.digest('hex');
/** The prompt that a file was made from, by its very bytes. */
const shows = (file: string) =>
	world.emulator.requests.find(({ images: [image] }) => image?.sha256 === hashOf(file))?.prompt;
const contents = () => Object.fromEntries(files().map((file) => [file, shows(file)]));
const asked = () => world.emulator.requests.map(({ prompt }) => prompt);
const noted = () =>
	readFileSync(join(world.folder, 'output/metadata.jsonl'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('what was made is found by its prompt, wherever its row stands', () => {
	test.each<[string, before: string, after: string, paid: string]>([
		['a row on top', 'a b c', 'new a b c', 'new'],
		['another order', 'a b c d', 'd b a c', ''],
		['a row taken out', 'a b c', 'b c', ''],
		['a row in the middle, and one taken out', 'a b c', 'a x c', 'x'],
		['the same prompt three times, then twice more', 'a a a', 'a b a a a a', 'b a a'],
		['a blank line between', 'a b', 'a  b', ''],
	])('%s', async (_, before, after, paid) => {
		const name = (text: string) => text.split(' ').map((each) => each && `prompt ${each}.`);
		list(...name(before));
		expect((await runList()).code).toBe(0);
		const already = asked().length;
		list(...name(after));
		const { code, stdout } = await runList();
		expect(code).toBe(0);
		expect(asked().slice(already).sort()).toEqual(name(paid).filter(Boolean).sort());
		expect(contents()).toMatchObject(
			Object.fromEntries(
				name(after).flatMap((prompt, row) =>
					prompt ? [[`${String(row).padStart(6, '0')}.png`, prompt]] : [],
				),
			),
		);
		expect(stdout).toMatch(/images asked for: \d made/);
	});

	test('three single prompts in one folder: none is paid for again', async () => {
		for (const prompt of ['one', 'two', 'three', 'one', 'two', 'one']) {
			expect((await run('--prompt', prompt)).code).toBe(0);
			expect(shows('000000.png')).toBe(prompt);
		}
		expect(asked()).toEqual(['one', 'two', 'three']);
		expect(files('output/replaced')).toHaveLength(2);
		expect(noted().filter(({ status }) => status === 'moved').length).toBeGreaterThan(4);
	});

	test('what is moved is said and written down', async () => {
		list('a', 'b');
		await runList();
		list('b');
		const { stderr } = await runList();
		expect(stderr).toMatch(
			/1 image renamed after their rows of now\.\n1 image of no row any more moved to replaced\//,
		);
		expect(noted().slice(-2)).toMatchObject([
			{ status: 'moved', from: '000000.png', file: 'replaced/000000.png' },
			{ status: 'moved', from: '000001.png', file: '000000.png' },
		]);
	});

	test('what gives way to another prompt is said before that is paid for', async () => {
		await run('--prompt', 'a');
		expect((await run('--prompt', 'b')).stderr).toBe(
			'1 image to be moved to replaced/ as others are made in their place.\n',
		);
	});

	test('nodes with another list of the folder: what each has moved and made is known to all', async () => {
		const asNode = async (node: number, nodes: number) =>
			await runList('--num_nodes', String(nodes), '--node_rank', String(node));
		list('a', 'b', 'c', 'd');
		for (const node of [0, 1, 2]) await asNode(node, 3);
		list('new', 'a', 'b', 'c', 'd');
		for (const node of [0, 1]) await asNode(node, 2);
		await runList();
		expect(asked().slice(4)).toEqual(['new']);
		expect(['new', 'a', 'b', 'c', 'd'].map((_, row) => shows(`00000${row}.png`))).toEqual([
			'new',
			'a',
			'b',
			'c',
			'd',
		]);
	});

	test('what was drawn again on purpose does not come back', async () => {
		await run('--prompt', 'a');
		await run('--prompt', 'a', '--no_resume');
		await run('--prompt', 'a', '--num_images_per_prompt', '2');
		expect(asked()).toEqual(['a', 'a', 'a']);
	});

	test('2,000 rows with one more on top: one call', async () => {
		list(...Array.from({ length: 2000 }, (_, n) => `prompt ${n}.`));
		await runList('--max_global_workers', '64');
		list('new', ...Array.from({ length: 2000 }, (_, n) => `prompt ${n}.`));
		const { code } = await runList();
		expect(code).toBe(0);
		expect(asked().slice(2000)).toEqual(['new']);
		expect(shows('002000.png')).toBe('prompt 1999.');
	});
});

describe('rows are numbered as by the tool before this one', () => {
	test.each<[string, string, string[]]>([
		['p.txt', 'a\n\nb\n', ['000000.png', '000002.png']],
		['p.jsonl', '\n{"prompt":"a"}\n\n"b"\n', ['000001.png', '000003.png']],
		[
			'p.jsonl',
			'{"prompt":"a","index":7}\n{"prompt":"b","index":"12"}',
			['000007.png', '000012.png'],
		],
		['p.json', '["a",{"prompt":"b","index":40}]', ['000000.png', '000040.png']],
		['p.csv', 'prompt\na\n\nb\n', ['000000.png', '000001.png']],
		['p.csv', 'index,prompt\n3,a\n9,b\n', ['000003.png', '000009.png']],
	])('%s %j', async (name, content, expected) => {
		put(name, content);
		expect((await run('--prompts_file', name)).code).toBe(0);
		expect(files()).toEqual(expected);
	});

	const png = createCanvas(4, 4).toBuffer('image/png');

	test('so its world.folder is understood, and what was taken by name alone is said before paying', async () => {
		put('output/000000.png', png);
		put('output/000002.png', png);
		list('a', '', 'b', 'c');
		const { code, stderr } = await runList();
		expect(code).toBe(0);
		expect(asked()).toEqual(['c']);
		expect(stderr).toMatch(
			/^2 images taken for made by name alone, since metadata\.jsonl does not tell/,
		);
	});

	test('and images that belong to no row are named before paying', async () => {
		put('output/cat.png', png);
		list('a');
		expect((await runList()).stderr).toMatch(
			/^1 image there of no row of this list, of which metadata\.jsonl does not tell: cat\.png\./,
		);
	});
});

describe('--dry_run', () => {
	test('tells what would be made, reused, moved and paid; calls nobody and changes nothing', async () => {
		list('a', 'b', 'c [refuse]', 'd');
		await runList();
		const [before, paid] = [readdirSync(join(world.folder, 'output')), asked().length];
		list('new', 'a', 'd', 'c [refuse]');
		const { code, stdout } = await runList('--dry_run', '--skip_refused');
		expect(code).toBe(0);
		expect(stdout).toBe(
			[
				'4 images asked for: 1 would be made for about $0.03, 2 there already.',
				'1 image left out, since the prompt was refused before.',
				'2 images would be renamed after their rows of now.',
				'1 image would be moved to replaced/.',
				'Nothing was called, changed or paid.\n',
			].join('\n'),
		);
		expect(readdirSync(join(world.folder, 'output'))).toEqual(before);
		expect(asked()).toHaveLength(paid);
		expect(JSON.parse((await runList('--dry_run', '--json')).stdout)).toMatchObject({
			status: 'dry_run',
			asked: 4,
			to_make: 2,
			there: 2,
			renamed: 2,
		});
	});

	test('does not even make the directory', async () => {
		expect((await run('--prompt', 'a', '--dry_run')).code).toBe(0);
		expect(readdirSync(world.folder)).toEqual([]);
	});
});

test('--max_cost starts nothing that would cost more', async () => {
	list(...'abcdefghij');
	const { code, stdout, stderr } = await runList('--max_cost', '0.2');
	expect(code).toBe(1);
	expect(asked().length).toBeLessThanOrEqual(5);
	expect(asked().length).toBeGreaterThan(2);
	expect(stdout).toMatch(
		/not started, since --max_cost would have been exceeded\. Raise it and run/,
	);
	expect(stdout).not.toContain('to make what is missing');
	expect(stderr).toBe('');
	expect(noted()).toHaveLength(asked().length);
});

describe('what was refused', () => {
	test('spares the other images of its prompt, and the same prompt elsewhere', async () => {
		list('a [refuse]', 'b', 'a [refuse]', 'a [refuse]');
		const { stdout } = await runList('--num_images_per_prompt', '5', '--max_global_workers', '1');
		expect(asked().filter((prompt) => prompt !== 'b')).toEqual(['a [refuse]']);
		expect(stdout).toMatch(/20 images asked for: 5 made, 1 refused, 14 not started/);
		expect(stdout).not.toContain('Run the same command again');
	});

	test('is asked again, unless --skip_refused leaves it out', async () => {
		list('a [refuse]', 'b');
		await runList();
		const { code, stdout, stderr } = await runList('--skip_refused');
		expect({ code, calls: asked().length }).toEqual({ code: 1, calls: 2 });
		expect(stderr).toMatch(/^000000 refused \(refusedBefore\): /);
		expect(stdout).toMatch(/2 images asked for: 0 made, 1 there already, 1 refused\./);
		await runList();
		expect(asked().slice(2)).toEqual(['a [refuse]']);
	});
});

test.each<[string, string, boolean]>([
	['a [bad-request]', 'Change the request', false],
	['a [bad-key]', 'Mend what is named above, then run the same command again.', false],
	['a [overloaded]', 'Run the same command again to make what is missing.', true],
])('"run the same command again" only where that helps: %s', async (prompt, advice, helps) => {
	const { stdout, stderr } = await run('--prompt', prompt, '--timeout', '5');
	expect(stdout + stderr).toContain(advice);
	expect(stdout.includes('Run the same command again')).toBe(helps);
});

test('what is paid for and cannot be written is named and counted', async () => {
	world.emulator.faults.add({ match: { prompt: /b|c/ }, reply: { megabytes: 0.2, delayMs: 100 } });
	world.emulator.faults.add({ match: { prompt: 'a' }, reply: { delayMs: 100 } });
	list('a', 'b', 'c', ...'defghij');
	const { code, stdout, stderr } = await world.commandLine.start(
		['--prompts_file', 'p.txt', '--max_global_workers', '3'],
		world.folder,
		{ GEMINI_API_KEY: 'k', DG_GEMINI_BASE_URL: world.emulator.url },
		64,
	).ended;
	expect(code).toBe(1);
	expect(stderr).toMatch(
		/^000001 failed \(notWritten\): Made and paid for, but lost: .*000001\.png cannot be written \(EFBIG\)\.$/m,
	);
	expect(stdout).toMatch(
		/2 images made and paid for, about \$0\.07, could not be written and are lost: 00000[12], 00000[12]\. Make room/,
	);
	expect(files()).toContain('000000.png');
	expect(asked().length).toBeLessThanOrEqual(6);
	expect(noted().filter(({ code: reason }) => reason === 'notWritten')).toHaveLength(2);
});

test('a world.folder that goes away in mid-run: what was paid and lost is named and counted', async () => {
	world.emulator.faults.add({ reply: { delayMs: 300 } });
	list(...'abcdefgh');
	const { ended } = world.commandLine.start(
		['--prompts_file', 'p.txt', '--max_global_workers', '2'],
		world.folder,
		{
			GEMINI_API_KEY: 'k',
			DG_GEMINI_BASE_URL: world.emulator.url,
		},
	);
	while (asked().length < 2) await new Promise((tick) => setTimeout(tick, 10));
	rmSync(join(world.folder, 'output'), { recursive: true });
	const { code, stdout, stderr } = await ended;
	expect(code).toBe(1);
	expect(stdout).toMatch(
		/2 images made and paid for, about \$0\.07, could not be written and are lost/,
	);
	expect(stderr).toMatch(/cannot be written \(ENOENT\)/);
	expect(asked()).toHaveLength(2);
});
