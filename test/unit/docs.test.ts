import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CATALOGUE } from 'gemini-t2i/pool';
import { namesOf } from '../../core/src/names';
import { NAMES } from '../../nodes/GeminiT2I/n8n/host';

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const within = (folder: string, ending: string) =>
	readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith(ending))
		.map((file) => path.join(folder, file));

const documents = [
	...readdirSync(root).filter((file) => file.endsWith('.md')),
	'core/README.md',
	...within('docs', '.md'),
];

test.each(documents)('%s: every link leads somewhere', (file) => {
	const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
	const missing = links
		.filter((link) => !/^https?:/.test(link))
		.filter((link) => {
			const [target = '', anchor] = link.split('#');
			const place = path.join(path.dirname(file), target);
			if (target !== '' && !existsSync(path.join(root, place))) return true;
			return anchor !== undefined && !anchorsOf(target === '' ? file : place).includes(anchor);
		});
	expect(missing).toEqual([]);
});

/** Files and folders with their path, and source files by their name alone. */
const NAMED =
	/`(?:((?:core|nodes|credentials|test|docs|examples|scripts|build|bench|tools)\/[\w./-]*)|([\w.]+\.ts))`/g;
const sourceNames = new Set(
	['core/src', 'core/cli', 'nodes', 'credentials', 'test', 'bench', 'build']
		.flatMap((folder) => within(folder, '.ts'))
		.map((file) => path.basename(file)),
);

// CHANGELOG tells what was.
test.each(documents.filter((file) => file !== 'CHANGELOG.md'))(
	'%s names files and folders that are there',
	(file) => {
		const missing = [...read(file).matchAll(NAMED)]
			.filter(([, place, name]) =>
				place === undefined ? !sourceNames.has(name!) : !existsSync(path.join(root, place)),
			)
			.map(([words]) => words);
		expect(missing).toEqual([]);
	},
);

test('what names of files are looked for is found', () => {
	const named = (file: string) => [...read(file).matchAll(NAMED)].length;
	expect(named('ARCHITECTURE.md')).toBeGreaterThan(20);
	expect(named('CONTRIBUTING.md')).toBeGreaterThan(20);
});

/** As GitHub makes them of headings. */
const anchorsOf = (file: string) =>
	[...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
		heading!
			.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
			.toLowerCase()
			.replace(/[^\p{L}\p{N} -]/gu, '')
			.replaceAll(' ', '-'),
	);

test('every message that troubleshooting explains is one that a user can meet', () => {
	const names: Partial<Record<string, string>> = { ...namesOf(NAMES) };
	const sources = ['core/src', 'core/cli', 'nodes']
		.flatMap((folder) => within(folder, '.ts'))
		.map(read)
		.join('\n')
		.replace(/\$?\{(?:names\.)?(\w+)\}/g, (hole, name: string) => names[name] ?? hole);
	const messages = [...read('docs/troubleshooting.md').matchAll(/^\| `([^`]+)`/gm)];
	expect(messages.length).toBeGreaterThan(20);
	expect(messages.map(([, words]) => words!).filter((words) => !sources.includes(words))).toEqual(
		[],
	);
});

test('the costs are those of the catalogue', () => {
	const lines = read('docs/long-lists.md').split('\n');
	const told = CATALOGUE.filter(({ id }) => id !== 'gemini-3-pro-image-preview').map(({ id }) =>
		lines
			.find((line) => line.includes(`\`${id}\``))!
			.match(/\b0\.\d+/g)!
			.map(Number),
	);
	const priced = CATALOGUE.filter(({ id }) => id !== 'gemini-3-pro-image-preview').map(
		({ priceUsd: { default: usual, ...sizes } }) =>
			Object.keys(sizes).length > 0 ? Object.values(sizes) : [usual],
	);
	expect(told).toEqual(priced);
});

/** `0.134 (1K, 2K), 0.24 (4K)`. */
const pricesBySize = ({ default: usual, ...sizes }: Readonly<Record<string, number>>): string =>
	[...new Set(Object.values(sizes))]
		.map((price) => {
			const same = Object.keys(sizes).filter((size) => sizes[size] === price);
			return `${price} (${same.join(', ')})`;
		})
		.join(', ') || String(usual);

test('README tells the prices of the catalogue', () => {
	const told = [
		...read('README.md').matchAll(/^\| (Nano Banana[^|(]*?) (?:\(.*?\))? *\| ([^|]*?) *\|$/gm),
	];
	const priced = CATALOGUE.filter(
		({ name, life }) => life === 'current' || told.some(([, model]) => model === name),
	).map(({ name, priceUsd }) => `${name}: ${pricesBySize(priceUsd)}`);
	expect(told.map(([, model, prices]) => `${model}: ${prices}`)).toEqual(priced);
});

test('the document on batches names the models of today', () => {
	const current = CATALOGUE.filter(({ life }) => life === 'current');
	const short = (models: typeof current) =>
		`Nano Banana ${models.map(({ name }) => name.replace(/^Nano Banana (?:2 )?/, '')).join(', ')}`;
	const [, cells] = /^\| models +\|(.*)\|$/m.exec(read('docs/batch.md'))!;
	expect(cells!.split('|').map((cell) => cell.trim())).toEqual([
		'all',
		short(current),
		short(current.filter(({ flex }) => flex)),
	]);
});

test('README compares by the figures of the benchmarks', () => {
	const seconds = (contender: string) => {
		const row = read('docs/benchmarks.md')
			.split('\n')
			.find((line) => line.startsWith(`| ${contender} `))!;
		const [, items, execution] = /\| +\d+ \| +(\d+) \| ([\d.]+) /.exec(row)!;
		return { items, seconds: `${Number(execution).toPrecision(3)} s` };
	};
	const [theirs, ours] = [seconds("n8n's own Google Gemini node"), seconds('this node')];
	const [, items, them, us] = /^\| (\d+) items, 1 s each +\| ([\d.]+ s), .*\| ([\d.]+ s), /m.exec(
		read('README.md'),
	)!;
	expect({ items, them, us }).toEqual({
		items: theirs.items,
		them: theirs.seconds,
		us: ours.seconds,
	});
});

test('the map for those who come from the former tool names every variable and argument', () => {
	const map = read('docs/migration.md');
	const variables = read('core/cli/helpText.ts').match(/\b(?:DG_)?GEMINI_[A-Z_]+/g)!;
	const options = read('core/cli/arguments.ts').match(/'--[a-z_]+(?= <|')/g)!;
	const named = new Set([...variables, ...options.map((option) => option.slice(1))]);
	expect(named.size).toBeGreaterThan(25);
	expect([...named].filter((name) => !map.includes(name))).toEqual([]);
});
