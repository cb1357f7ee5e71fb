import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const CRUISER = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = path.join(ROOT, '.dependency-cruiser.cjs');

export type Arrow = readonly [from: string, to: string];

export interface ImportGraph {
	readonly files: readonly string[];
	/** Among the tree's own files. */
	readonly arrows: readonly Arrow[];
	/** What breaks a rule of `.dependency-cruiser.cjs`: `file -> module: rule`. */
	readonly trespasses: readonly string[];
}

interface Cruise {
	modules: Array<{ source: string; dependencies: Array<{ resolved: string }> }>;
	summary: { violations: Array<{ from: string; to: string; rule: { name: string } }> };
}

/** Reads all imports of some folders: static, dynamic, by `require`, for types or values. */
export async function readImports(root: string, folders: readonly string[]): Promise<ImportGraph> {
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[CRUISER, '--config', CONFIG, '--output-type', 'json', ...folders],
		// The command's exit code counts what it found; with this output type it is always 0.
		{ cwd: root, maxBuffer: 64 * 1024 ** 2 },
	);
	const { modules, summary }: Cruise = JSON.parse(stdout);
	const isOwn = (file: string) => folders.some((folder) => file.startsWith(`${folder}/`));
	const files = modules.filter(({ source }) => isOwn(source));
	return {
		files: files.map(({ source }) => source),
		arrows: files.flatMap(({ source, dependencies }) =>
			dependencies
				.filter(({ resolved }) => isOwn(resolved))
				.map(({ resolved }) => [source, resolved] as const),
		),
		trespasses: summary.violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`),
	};
}

/**
 * Imports that run back up: in every folder, its files and the folders in it, each taken as one, form no circle.
 * One line for each circle, with an import that closes it.
 */
export function circlesOfLevels(arrows: readonly Arrow[]): string[] {
	const folders = new Set(arrows.flat().flatMap(foldersOf));
	return [...folders].flatMap((folder) => circles(levelOf(folder, arrows)));
}

/** `a/b/c.ts` is in ``, `a/` and `a/b/`. */
const foldersOf = (file: string) =>
	[...file.matchAll(/\/|^/g)].map(({ index, 0: slash }) => file.slice(0, index + slash.length));

/** What stands in a folder, each thing with those it imports and one import that shows it. */
function levelOf(folder: string, arrows: readonly Arrow[]) {
	const thing = (file: string) => folder + /^[^/]*\/?/.exec(file.slice(folder.length))![0];
	const level = new Map<string, Map<string, string>>();
	for (const [from, to] of arrows) {
		if (!from.startsWith(folder) || !to.startsWith(folder) || thing(from) === thing(to)) continue;
		const imported = level.get(thing(from)) ?? new Map<string, string>();
		level.set(thing(from), imported.set(thing(to), `${from} -> ${to}`));
	}
	return level;
}

function circles(level: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
	const found: string[] = [];
	const done = new Set<string>();
	const visit = (thing: string, way: readonly string[]) => {
		if (done.has(thing)) return;
		for (const [next, shownBy] of level.get(thing) ?? []) {
			if (way.includes(next))
				found.push(`${[...way.slice(way.indexOf(next)), next].join(' -> ')} (${shownBy})`);
			else visit(next, [...way, next]);
		}
		done.add(thing);
	};
	for (const thing of level.keys()) visit(thing, [thing]);
	return found;
}
