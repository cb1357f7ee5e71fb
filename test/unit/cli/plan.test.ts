import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Arguments } from '../../../core/cli/arguments';
import { namedStem } from '../../../core/cli/fileNames';
import { planImages } from '../../../core/cli/plan';
import { UsageInvalid } from '../../../core/cli/input';
import { takeShare } from '../../../core/cli/share';

const folder = mkdtempSync(join(tmpdir(), 'gemini-t2i-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Buffer): string => {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
};

const plan = (options: Partial<Arguments>, aspectRatio: string | null = null) =>
	planImages({ output_dir: 'out', num_images_per_prompt: 1, ...options }, aspectRatio, {
		stdin: null,
		fetch,
	});

const promptsOf = (path: string) =>
	plan({ prompts_file: path }).map(({ request }) => request.prompt);

describe('a file of prompts', () => {
	test.each<[string, string, string[]]>([
		['a.jsonl', '{"prompt":"a"}\n\n{"prompt":"b","more":1}\n"c"\n', ['a', 'b', 'c']],
		['crlf.jsonl', '\uFEFF{"prompt":"a"}\r\n{"prompt":"b"}', ['a', 'b']],
		['a.json', '[{"prompt":"a"}, "b"]', ['a', 'b']],
		['a.txt', '\uFEFFa\n\n  b, "with" commas  \n', ['a', 'b, "with" commas']],
		['A.TXT', 'a', ['a']],
		[
			'a.csv',
			'prompt,sku\n"a, with comma",1\nb\n\n"two\nlines",3\n',
			['a, with comma', 'b', 'two\nlines'],
		],
		['semicolon.csv', 'sku;prompt\n1;a, b\n', ['a, b']],
		['bom.csv', '\uFEFFprompt \na\n', ['a']],
		['a.tsv', 'sku\tprompt\n1\ta, "b"; c\n', ['a, "b"; c']],
		['sep.csv', 'sep=;\r\nsku;prompt\r\n1;"a, b"\r\n', ['a, b']],
		['tabs.csv', 'sku\tprompt\n1\ta, b\n', ['a, b']],
		['quoted.csv', '"size; cm, inch",prompt\n1,a\n', ['a']],
		['quoted2.csv', '"size, cm";prompt\n1;a\n', ['a']],
		['nameless.csv', 'prompt,,\na,,\nb,1,2\n', ['a', 'b']],
		['emptyCells.csv', 'prompt,sku\na,1\n,\nb,2\n', ['a', 'b']],
	])('%s', (name, content, prompts) => {
		expect(promptsOf(file(name, content))).toEqual(prompts);
	});

	test.each<[string, string, RegExp]>([
		['p.xlsx', '', /takes a \.jsonl, \.json, \.txt or \.csv file/],
		['empty.txt', '\n\n', /empty\.txt holds no prompt yet/],
		['broken.jsonl', '{"prompt":"a"}\n{"prompt":', /broken\.jsonl, line 2 is not valid JSON/],
		['number.jsonl', '{"prompt":"a"}\n7', /number\.jsonl, line 2 must be a text or an object/],
		['object.json', '{"prompt":"a"}', /object\.json must be an array/],
		['entry.json', '["a", ["b"]]', /entry\.json, entry 2 must be a text or an object/],
		['columns.csv', 'text,sku\na,1', /needs a column named prompt\. Its columns are text, sku/],
		[
			'fields.jsonl',
			'{"text":"a","id":1}',
			/fields\.jsonl, line 1 has no field named prompt\. Its fields are text, id\./,
		],
		[
			'twobad.jsonl',
			'{"prompt":\n7\n"a"\n{}',
			/line 1 is not valid[^]*line 2 must be[^]*line 4 has no field named prompt\. It has none at all/,
		],
		['utf16.csv', 'p\0r\0o\0m\0p\0t\0\n\0a\0', /is not in UTF-8: it looks like UTF-16/],
		['index.jsonl', '{"prompt":"a","index":"x"}', /index must be a whole number/],
		['quotes.csv', 'prompt\n"a', /cannot be read as CSV: Quote Not Closed/],
		['wide.csv', 'prompt\na,b', /cannot be read as CSV/],
	])('%s is refused', (name, content, sentence) => {
		const read = () => promptsOf(file(name, content));
		expect(read).toThrow(UsageInvalid);
		expect(read).toThrow(sentence);
	});

	test('that is not there is refused', () => {
		expect(() => promptsOf('missing.txt')).toThrow(/missing\.txt cannot be read \(ENOENT\)/);
	});
});

test.each<[string, Partial<Arguments>, string[]]>([
	['x.csv', { prompt_column: 'text' }, ['a', 'b']],
	['x.csv', { instruction_key: 'text' }, ['a', 'b']],
	['x.dat', { prompts_format: 'csv', prompt_column: 'text' }, ['a', 'b']],
	['x.dat', { prompts_format: 'txt' }, ['text,id', 'a,1', 'b,2']],
])('%s by %j', (name, options, prompts) => {
	const path = file(name, 'text,id\na,1\nb,2\n');
	const planned = plan({ prompts_file: path, ...options });
	expect(planned.map(({ request }) => request.prompt)).toEqual(prompts);
});

test.each<[string, Partial<Arguments>, string[]]>([
	['one\n\ntwo\n', {}, ['one', 'two']],
	['["one"]', {}, ['one']],
	['{"prompt":"one"}\n{"prompt":"two"}', {}, ['one', 'two']],
	['prompt\none\n', { prompts_format: 'csv' }, ['one']],
])('standard input %j', (text, options, prompts) => {
	const all = { output_dir: 'out', num_images_per_prompt: 1, prompts_file: '-', ...options };
	const planned = planImages(all, null, { stdin: Buffer.from(text), fetch });
	expect(planned.map(({ request }) => request.prompt)).toEqual(prompts);
});

test('what a row holds besides is carried along', () => {
	const path = file('carried.csv', 'id,prompt,width,height,sku\n7,a,9,16,x\n');
	expect(plan({ prompts_file: path })[0]?.columns).toEqual({ id: '7', sku: 'x' });
	expect(plan({ prompt: 'a' })[0]?.columns).toBeNull();
});

test.each([
	['image/heic', 'heic heix heim heis hevc hevx'],
	['image/heif', 'mif1 msf1'],
])('a photo to work from is %s by any of %s, as in the node', (mimeType, brands) => {
	const head = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}`);
	const paths = brands.split(' ').map((brand) => file(`${brand}.heic`, head(brand)));
	const [planned] = plan({ prompt: 'a', input_image: paths });
	expect(planned!.inputs.map((input) => input.mimeType)).toEqual(paths.map(() => mimeType));
});

describe('what a run makes of a list', () => {
	const ten = file('ten.txt', [...'abcdefghij'].join('\n'));
	test.each<[Partial<Arguments>, string, string]>([
		[{}, 'abcdefghij', ''],
		[{ filter_rows: '2:4' }, 'cd', ''],
		[{ filter_rows: '8:' }, 'ij', ''],
		[{ filter_rows: ':2,5, 7' }, 'abfh', ''],
		[{ num_nodes: 3, node_rank: 0 }, 'abcd', 'node0of3'],
		[{ num_nodes: 3, node_rank: 1 }, 'efg', 'node1of3'],
		[{ num_nodes: 3, node_rank: 2 }, 'hij', 'node2of3'],
		[{ num_nodes: 2, filter_rows: '0:4', node_rank: 1 }, 'cd', 'node1of2'],
	])('%j', (options, prompts, name) => {
		const all = { output_dir: 'out', num_images_per_prompt: 1, ...options };
		const share = takeShare(plan({ prompts_file: ten }), all);
		expect(share.wanted.map(({ request }) => request.prompt).join('')).toBe(prompts);
		expect(share.name).toBe(name);
	});

	test.each<[Partial<Arguments>, RegExp]>([
		[{ filter_rows: 'SECRET' }, /must be rows such as 0:100/],
		[{ filter_rows: '50:60' }, /No row of the list/],
		[{ node_rank: 2, num_nodes: 2 }, /below --num_nodes \(2\)/],
	])('%j is refused', (options, sentence) => {
		const all = { output_dir: 'out', num_images_per_prompt: 1, ...options };
		expect(() => takeShare(plan({ prompts_file: ten }), all)).toThrow(sentence);
	});
});

describe('what a row asks for', () => {
	const rowOf = (row: object, options: Partial<Arguments> = {}, aspectRatio?: string) =>
		plan(
			{ prompts_file: file('row.jsonl', JSON.stringify({ prompt: 'a', ...row })), ...options },
			aspectRatio,
		)[0]?.request;

	test.each<[string, object, Partial<Arguments>, string | undefined, object]>([
		[
			'nothing said',
			{},
			{},
			undefined,
			{ model: 'gemini-nano-banana-2.1', aspectRatio: null, imageSize: null },
		],
		['the variable', {}, {}, '16:9', { aspectRatio: '16:9' }],
		['the variable as a table has it', {}, {}, '16:09:00', { aspectRatio: '16:9' }],
		['a ratio with an x', { aspect_ratio: '16x9' }, {}, undefined, { aspectRatio: '16:9' }],
		['a ratio with its name', {}, { aspect_ratio: '16:9 (Wide)' }, '', { aspectRatio: '16:9' }],
		[
			'options’ size over the variable',
			{},
			{ width: 1920, height: 1080 },
			'1:1',
			{ aspectRatio: '16:9' },
		],
		[
			'option’s ratio over its size',
			{},
			{ width: 9, height: 16, aspect_ratio: '4:3' },
			'1:1',
			{ aspectRatio: '4:3' },
		],
		[
			'row’s size over the option',
			{ width: '1080', height: 1920 },
			{ aspect_ratio: '4:3' },
			'1:1',
			{ aspectRatio: '9:16' },
		],
		[
			'row’s width, option’s height',
			{ width: 500 },
			{ width: 100, height: 1000 },
			undefined,
			{ aspectRatio: '9:16' },
		],
		[
			'row’s ratio over its size',
			{ width: 9, height: 16, aspect_ratio: '21:9' },
			{},
			undefined,
			{ aspectRatio: '21:9' },
		],
		[
			'blank columns',
			{ aspect_ratio: '', width: null, model: ' ' },
			{ aspect_ratio: '3:2' },
			undefined,
			{ aspectRatio: '3:2' },
		],
		[
			'option’s model and size',
			{},
			{ model_name: 'gemini-3-pro-image', image_size: '2K' },
			undefined,
			{ model: 'gemini-3-pro-image', imageSize: '2K' },
		],
		[
			'row’s model and size',
			{ model: 'gemini-3-pro-image', image_size: '4K' },
			{ model_name: 'x', image_size: '1K' },
			undefined,
			{ model: 'gemini-3-pro-image', imageSize: '4K' },
		],
		[
			'option’s way to draw',
			{},
			{
				system_instruction: 'flat',
				google_search: true,
				include_text: true,
				thinking_level: 'high',
				additional_fields: { a: 1 },
			},
			undefined,
			{
				systemInstruction: 'flat',
				googleSearch: true,
				includeText: true,
				thinkingLevel: 'high',
				additionalFields: { a: 1 },
			},
		],
		[
			'row’s way to draw',
			{ system_instruction: 'round', thinking_level: 'minimal' },
			{ system_instruction: 'flat', thinking_level: 'high' },
			undefined,
			{ systemInstruction: 'round', thinkingLevel: 'minimal' },
		],
		[
			'a size given as a number',
			{ model: 'gemini-3.1-flash-image', image_size: 512 },
			{},
			undefined,
			{ imageSize: '512' },
		],
		[
			'the document’s models',
			{ model: 'gemini-2.5-flash-image' },
			{},
			undefined,
			{ model: 'gemini-2.5-flash-image' },
		],
		[
			'the document’s models',
			{ model: 'gemini-3-pro-image-preview' },
			{},
			undefined,
			{ model: 'gemini-3-pro-image-preview' },
		],
	])('%s %j', (_, row, options, aspectRatio, expected) => {
		expect(rowOf(row, options, aspectRatio)).toMatchObject(expected);
	});

	test.each<[object, RegExp]>([
		[{ prompt: ' ' }, /row\.jsonl, line 1: Write a prompt/],
		[{ prompt: ['a'] }, /line 1: prompt must be a text/],
		[{ aspect_ratio: '7:3' }, /line 1: .*7:3/],
		[{ width: 'wide', height: 1 }, /line 1: width must be a whole number/],
		[{ width: 100 }, /line 1: width and height go together/],
		[{ image_size: '3K' }, /line 1: .*3K/],
	])('%j is refused by its line', (row, sentence) => {
		expect(() => rowOf(row)).toThrow(UsageInvalid);
		expect(() => rowOf(row)).toThrow(sentence);
	});

	test('all bad rows are named at once, ten of them with their reason', () => {
		const rows = Array.from({ length: 14 }, (_, index) => ({
			prompt: index % 7 === 0 ? 'good' : '',
		}));
		const path = file('bad.json', JSON.stringify(rows));
		expect(() => promptsOf(path)).toThrow(
			/entry 2: [^]*entry 3: [^]*entry 12: [^]*\nAnd 2 more: entries 13-14\.$/,
		);
	});

	test.each<[Partial<Arguments>, RegExp]>([
		[{}, /Give --prompt "\.\.\." or --prompts_file/],
		[{ prompt: 'a', prompts_file: 'b' }, /either --prompt or --prompts_file/],
		[{ prompt: '' }, /--prompt: Write a prompt/],
		[{ prompt: 'a', output_name_column: 'sku' }, /No row has a column named sku/],
	])('%j is refused', (options, sentence) => {
		expect(() => plan(options)).toThrow(sentence);
	});
});

describe('what the files are called', () => {
	const stems = (options: Partial<Arguments>) => plan(options).map(({ stem }) => stem);
	const txt = file('two.txt', 'a\nb');
	const csv = file('names.csv', 'prompt,name\na,cats/tom.png\nb,\nc,"wh?t"\n');

	test.each<[string, Partial<Arguments>, string[]]>([
		['by row', { prompts_file: txt }, ['000000', '000001']],
		[
			'by row and image',
			{ prompts_file: txt, num_images_per_prompt: 2 },
			['000000_00', '000000_01', '000001_00', '000001_01'],
		],
		[
			'by a column',
			{ prompts_file: csv, output_name_column: 'name' },
			['cats/tom', '000001', 'wh_t'],
		],
		[
			'by a column and image',
			{ prompts_file: csv, output_name_column: 'name', num_images_per_prompt: 2 },
			['cats/tom_00', 'cats/tom_01', '000001_00', '000001_01', 'wh_t_00', 'wh_t_01'],
		],
	])('%s', (_, options, expected) => {
		expect(stems(options)).toEqual(expected);
	});

	test.each(['../cat', 'cats/../../cat', '/etc/cat', 'C:\\cat', '\\cat', '.', './'])(
		'%s leads out',
		(name) => {
			expect(() => namedStem(name, 'names.csv, line 2')).toThrow(
				/names\.csv, line 2: its name must lead/,
			);
		},
	);

	test.each(['Cat', 'cat.jpg', './cat', 'cat'])('cat and %s would replace each other', (name) => {
		const path = file(
			'twice.json',
			JSON.stringify([
				{ prompt: 'a', name: 'cat' },
				{ prompt: 'b', name },
			]),
		);
		expect(() => plan({ prompts_file: path, output_name_column: 'name' })).toThrow(
			/entry 2: its images would be called .*, as those of twice\.json, entry 1 are/,
		);
	});

	test('any name is refused or leads to a file inside the directory that every file system takes', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (name) => {
				let stem: string;
				try {
					stem = namedStem(name, 'here');
				} catch (reason) {
					expect(reason).toBeInstanceOf(UsageInvalid);
					return;
				}
				for (const part of stem.split('/')) {
					expect(part).not.toMatch(/^\.*$|[<>:"|?*\\\u0000-\u001f]|[. ]$/);
					expect(Buffer.byteLength(part)).toBeLessThanOrEqual(200);
				}
			}),
		);
	});
});
