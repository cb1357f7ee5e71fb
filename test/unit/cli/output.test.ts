import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdirSync } from 'node:fs';
import type { Entry } from '../../../core/cli/entry';
import { openOutput, OutputInvalid } from '../../../core/cli/output';
import { planImages } from '../../../core/cli/plan';
import type { Image } from 'gemini-t2i/pool';

const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const image = (data = GIF): Image => ({
	data,
	mimeType: 'image/gif',
	extension: 'gif',
	width: 1,
	height: 1,
});

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'gemini-t2i-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const put = (file: string, content: string | Buffer = GIF) => {
	mkdirSync(dirname(join(directory, file)), { recursive: true });
	writeFileSync(join(directory, file), content);
};
const noted = (file: string, prompt: string, bytes: number) =>
	`${JSON.stringify({ status: 'ok', file, prompt, bytes } satisfies Partial<Entry>)}\n`;
const open = async (count = 1) => {
	const wanted = planImages(
		{ prompt: 'a cat', output_dir: directory, num_images_per_prompt: count },
		null,
		{ stdin: null, fetch },
	);
	const output = await openOutput(directory, wanted);
	return { ...output, found: () => Promise.all(wanted.map((each) => output.find(each))) };
};
const files = () => readdirSync(directory, { recursive: true }).sort();

describe('what counts as made', () => {
	test.each<[string, Record<string, string | Buffer>, number, (string | null)[]]>([
		['a whole image', { '000000.gif': GIF }, 1, ['000000.gif']],
		['whatever its extension', { '000000.PNG': GIF }, 1, ['000000.PNG']],
		['not an empty file', { '000000.gif': '' }, 1, [null]],
		['not a torn one', { '000000.gif': GIF.subarray(0, 30) }, 1, [null]],
		['not a text', { '000000.txt': 'a cat' }, 1, [null]],
		['each image by itself', { '000000_01.gif': GIF }, 3, [null, '000000_01.gif', null]],
		['the one of one is the first of several', { '000000.gif': GIF }, 2, ['000000.gif', null]],
		['the first of several is the one of one', { '000000_00.gif': GIF }, 1, ['000000_00.gif']],
		[
			'the prompt it was made from',
			{ '000000.gif': GIF, 'metadata.jsonl': noted('000000.gif', 'a cat', GIF.length) },
			1,
			['000000.gif'],
		],
		[
			'not another prompt',
			{ '000000.gif': GIF, 'metadata.jsonl': noted('000000.gif', 'a dog', GIF.length) },
			1,
			[null],
		],
		[
			'the last that was noted',
			{
				'000000.gif': GIF,
				'metadata.jsonl':
					noted('000000.gif', 'a dog', 1) + noted('000000.gif', 'a cat', GIF.length) + '{"torn',
			},
			1,
			['000000.gif'],
		],
		[
			'bytes as noted, though their end is unknown to us',
			{ '000000.gif': 'GIF89a..', 'metadata.jsonl': noted('000000.gif', 'a cat', 8) },
			1,
			['000000.gif'],
		],
		[
			'not as many bytes as noted that are no image',
			{ '000000.gif': '........', 'metadata.jsonl': noted('000000.gif', 'a cat', 8) },
			1,
			[null],
		],
		[
			'not what was noted and then torn',
			{ '000000.gif': 'GIF89a', 'metadata.jsonl': noted('000000.gif', 'a cat', GIF.length) },
			1,
			[null],
		],
		[
			'an image that was edited since',
			{ '000000.gif': GIF, 'metadata.jsonl': noted('000000.gif', 'a cat', 7) },
			1,
			['000000.gif'],
		],
	])('%s', async (_, contents, count, expected) => {
		for (const [file, content] of Object.entries(contents)) put(file, content);
		expect(await (await open(count)).found()).toEqual(expected);
	});

	test('not a name that leads nowhere', async () => {
		symlinkSync('/nonexistent', join(directory, '000000.gif'));
		const { found, write } = await open();
		expect(await found()).toEqual([null]);
		expect(await write('000000', image())).toBe('000000.gif');
	});

	test('another row’s image is not taken for the first of several', async () => {
		put(
			'prompts.json',
			JSON.stringify([
				{ prompt: 'a', name: 'cat_00' },
				{ prompt: 'b', name: 'cat' },
			]),
		);
		put('out/cat_00.gif');
		const wanted = planImages(
			{
				prompts_file: join(directory, 'prompts.json'),
				output_name_column: 'name',
				output_dir: 'out',
				num_images_per_prompt: 1,
			},
			null,
			{ stdin: null, fetch },
		);
		const output = await openOutput(join(directory, 'out'), wanted);
		expect(await Promise.all(wanted.map((each) => output.find(each)))).toEqual([
			'cat_00.gif',
			null,
		]);
	});
});

describe('what is written', () => {
	test('is there under its name, with the extension of its bytes', async () => {
		const { write } = await open();
		expect(await write('000000', image())).toBe('000000.gif');
		expect(readFileSync(join(directory, '000000.gif'))).toEqual(GIF);
		expect(files()).toEqual(['000000.gif', 'metadata.jsonl']);
	});

	test('takes no other row’s name for an image that came along', async () => {
		put(
			'prompts.json',
			JSON.stringify(['cat-2', 'cat', 'cat-3'].map((name) => ({ prompt: name, name }))),
		);
		const wanted = planImages(
			{
				prompts_file: join(directory, 'prompts.json'),
				output_name_column: 'name',
				output_dir: directory,
				num_images_per_prompt: 1,
			},
			null,
			{ stdin: null, fetch },
		);
		const output = await openOutput(directory, wanted);
		expect(await output.writeExtra('cat', image())).toBe('cat-4.gif');
		expect(await output.writeExtra('cat', image())).toBe('cat-5.gif');
	});

	test('never overwrites an image', async () => {
		put('000000.png', 'first');
		put('replaced/000000.png', 'zeroth');
		await (await open()).write('000000', image(Buffer.from('second')));
		await (await open()).write('000000', image(Buffer.from('third')));
		const contents = files()
			.filter((file) => /\.(png|gif)$/.test(String(file)))
			.map((file) => [file, readFileSync(join(directory, String(file)), 'utf8')]);
		expect(contents).toEqual([
			['000000.gif', 'third'],
			['replaced/000000-2.png', 'first'],
			['replaced/000000.gif', 'second'],
			['replaced/000000.png', 'zeroth'],
		]);
	});

	test('and half of what a killed run left goes; what was whole and noted gets its name', async () => {
		put('.000000.gif.999999999.partial', GIF.subarray(0, 20));
		put(`.000001.gif.${process.pid}.partial`);
		put('.000002.gif.7.partial');
		put('metadata.jsonl', noted('000002.gif', 'c', GIF.length));
		await open();
		expect(files()).toEqual(['000002.gif', 'metadata.jsonl']);
	});

	test('or is there though it could not be noted', async () => {
		const { write, refusal } = await open();
		rmSync(join(directory, 'metadata.jsonl'));
		mkdirSync(join(directory, 'metadata.jsonl'));
		expect(await write('000000', image(), (file) => ({ file }) as Entry)).toBe('000000.gif');
		expect(readFileSync(join(directory, '000000.gif'))).toEqual(GIF);
		expect(refusal()?.message).toMatch(/metadata\.jsonl cannot be written \(EISDIR\)/);
	});

	test('begins on a line of its own', async () => {
		put('metadata.jsonl', '{"whole":1}\n{"torn":');
		(await open()).note({ status: 'failed' } as Entry);
		expect(readFileSync(join(directory, 'metadata.jsonl'), 'utf8')).toBe(
			'{"whole":1}\n{"torn":\n{"status":"failed"}\n',
		);
	});

	test('or the run ends with a sentence', async () => {
		put('out', 'a file where the directory should be');
		const refused = openOutput(join(directory, 'out'), []);
		await expect(refused).rejects.toThrow(OutputInvalid);
		await expect(refused).rejects.toThrow(/out cannot be written \(E[A-Z]+\)/);
	});
});
