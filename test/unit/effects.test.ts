import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { effectsIn } from '../support/effects';

const ROOT = resolve(__dirname, '../..');
const CORE = join(ROOT, 'core/src');

const sources = (folder: string) =>
	readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => join(folder, name));

const pureFiles = sources(CORE).filter((file) => file !== join(CORE, 'system.ts'));

describe('effects', () => {
	const snippets: Array<[string, string[]]> = [
		['setTimeout(() => {}, 1);', ['setTimeout:1']],
		['const now = () => Date.now();', ['Date.now:1']],
		['let a = new Date();\nlet b = new Date(5);', ['Date():1']],
		['performance.now(); Math.random(); Math.max(1);', ['performance:1', 'Math.random:1']],
		['const { env } = process;', ['process:1']],
		['const host = { fetch };', ['fetch:1']],
		['globalThis["fetch"]("");', ['globalThis:1']],
		['AbortSignal.timeout(5); AbortSignal.any([]);', ['AbortSignal.timeout:1']],
		['export function a(fetch: () => void) { fetch(); return { fetch }; }', []],
		['export const a = (host: { fetch: typeof globalThis.fetch }) => host.fetch("");', []],
		['export const performance = { now: () => 1 };\nperformance.now();', []],
	];
	const snippetName = (index: number) => join(CORE, `snippet-${index}.ts`);

	const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) =>
		ts.sys.readFile(path),
	);
	const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
	const host = ts.createCompilerHost(options);
	const readFile = host.readFile.bind(host);
	const fileExists = host.fileExists.bind(host);
	const texts = new Map(
		snippets.map(([text], index) => [snippetName(index), `export {};${text}`] as const),
	);
	host.readFile = (path) => texts.get(path) ?? readFile(path);
	host.fileExists = (path) => texts.has(path) || fileExists(path);
	const getSourceFile = host.getSourceFile.bind(host);
	host.getSourceFile = (path, version, ...rest) => {
		const text = texts.get(path);
		return text === undefined
			? getSourceFile(path, version, ...rest)
			: ts.createSourceFile(path, text, version, true);
	};
	const program = ts.createProgram([...pureFiles, ...texts.keys()], options, host);
	const checker = program.getTypeChecker();

	test.each(snippets.map(([text, effects], index) => [text, effects, index] as const))(
		'found in: %s',
		(_, effects, index) => {
			expect(effectsIn(program.getSourceFile(snippetName(index))!, checker)).toEqual(effects);
		},
	);

	test('none in core but in its command line and system.ts', () => {
		const uses = pureFiles.flatMap((file) =>
			effectsIn(program.getSourceFile(file)!, checker).map(
				(use) => `${relative(ROOT, file)}: ${use}`,
			),
		);
		expect(uses).toEqual([]);
	});
});
