// n8n with the Node it needs, installed once per lock file into the user's cache folder.
// Needs nothing installed: `npm start` runs it on a bare clone. Run alone it prints where both are, as JSON.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './n8n-lock.mjs';
import { step } from './n8n-step.mjs';

const source = fileURLToPath(new URL('../tools/n8n/', import.meta.url));
const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
const say = (words) => process.stderr.write(`${words}\n`);

/**
 * Where n8n and its Node are, installing or repairing them first where needed.
 *
 * @returns {Promise<{node: string, nodeFolder: string, n8n: string, modules: string}>} paths: the Node 24
 *   binary, the folder it is in, n8n's start script, the node_modules folder n8n lives in
 */
export async function ensureN8n() {
	const folder = cacheFolder();
	mkdirSync(path.dirname(folder), { recursive: true });
	const release = await takeLock(`${folder}.lock`, (owner) =>
		say(`Another process (${owner}) is installing n8n; waiting for it.`),
	);
	try {
		const flaw = whatIsBroken(folder);
		if (flaw) {
			if (existsSync(folder))
				say(`n8n in ${folder} is not usable (${flaw}); it is installed afresh.`);
			await install(folder);
			const left = whatIsBroken(folder);
			if (left) throw new Error(`n8n was installed in ${folder}, but ${left}.`);
		}
	} finally {
		release();
	}
	return pathsIn(folder);
}

function cacheFolder() {
	const hash = createHash('sha256');
	for (const name of files) hash.update(readFileSync(source + name));
	hash.update(platform());
	return path.join(cacheRoot(), hash.digest('hex').slice(0, 16));
}

/** This project's folder in the user's cache folder. */
export function cacheRoot() {
	const root = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
	return path.join(root, 'n8n-nodes-gemini-t2i');
}

export const platform = () => `${process.platform}-${process.arch}`;

/** The packages of Node 24 and pnpm, with their versions. */
function tools() {
	const manifest = JSON.parse(readFileSync(`${source}package.json`, 'utf8'));
	const node = manifest.nodeBinaries[platform()];
	if (!node) throw new Error(`There is no Node 24 binary package for ${platform()}.`);
	return { node, pnpm: manifest.packageManager };
}

function pathsIn(folder) {
	const { node } = tools();
	const nodeFolder = path.join(
		folder,
		'tools',
		'node_modules',
		node.slice(0, node.lastIndexOf('@')),
	);
	const modules = path.join(folder, 'node_modules');
	return {
		node: path.join(nodeFolder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
		nodeFolder,
		n8n: path.join(modules, 'n8n', 'bin', 'n8n'),
		modules,
	};
}

const marker = (folder) => path.join(folder, 'installed');

/** Why this folder can't be used, in words, or undefined. Takes well under a second. */
function whatIsBroken(folder) {
	if (!existsSync(marker(folder))) return 'its installation did not finish';
	const { node, modules } = pathsIn(folder);
	try {
		// pnpm's own record of what it has put where.
		const record = JSON.parse(readFileSync(path.join(modules, '.modules.yaml'), 'utf8'));
		const missing = Object.values(record.hoistedLocations)
			.flat()
			.find((place) => !existsSync(path.join(folder, place, 'package.json')));
		if (missing) return `${missing} is missing`;
		execFileSync(node, ['-e', "require('sqlite3'); require.resolve('n8n/bin/n8n')"], {
			cwd: folder,
			stdio: 'pipe',
		});
	} catch (cause) {
		return String(cause.message).split('\n')[0];
	}
	return undefined;
}

async function install(folder) {
	say(`Installing n8n and Node 24 into ${folder} (once: 1 to 4 minutes, 2 GB).`);
	const { node, nodeFolder } = pathsIn(folder);
	if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
	const ownTools = path.join(folder, 'tools');
	mkdirSync(ownTools, { recursive: true });
	for (const name of files) cpSync(source + name, path.join(folder, name));

	const { node: nodePackage, pnpm } = tools();
	writeFileSync(path.join(ownTools, 'package.json'), '{ "private": true }');
	await step(
		'Node 24 and pnpm',
		'npm',
		[
			'install',
			nodePackage,
			pnpm,
			'--ignore-scripts',
			'--no-audit',
			'--no-fund',
			'--prefer-offline',
		],
		{ cwd: ownTools },
	);

	// n8n's native parts are built for Node 24, with its own headers.
	const env = {
		...process.env,
		PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
		npm_config_nodedir: nodeFolder,
	};
	// pnpm takes a third of npm's time for so many packages, and of what two versions of n8n share it keeps one copy.
	const store = path.join(cacheRoot(), 'store');
	await step(
		'n8n',
		node,
		[
			path.join(ownTools, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs'),
			...['install', '--frozen-lockfile', '--ignore-scripts', '--store-dir', store],
		],
		{ cwd: folder, env },
	);
	await step(
		'n8n database driver',
		'npm',
		['rebuild', 'sqlite3', '--ignore-scripts=false', ...sqliteFrom()],
		{
			cwd: folder,
			env,
		},
	);
	writeFileSync(marker(folder), `${new Date().toISOString()}\n`);
}

/** Where the driver comes from: the system's SQLite, its own copy, or, without a compiler, a ready binary. */
function sqliteFrom() {
	if (existsSync('/usr/include/sqlite3.h')) return ['--build-from-source', '--sqlite=/usr'];
	return hasCompiler() ? ['--build-from-source'] : [];
}

function hasCompiler() {
	try {
		for (const program of ['c++', 'make', 'python3']) {
			execFileSync(program, ['--version'], { stdio: 'ignore' });
		}
		return true;
	} catch {
		return false;
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	process.stdout.write(`${JSON.stringify(await ensureN8n())}\n`);
}
