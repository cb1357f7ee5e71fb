// The engines of older n8n (n8n-core with its n8n-workflow) and the oldest Node that they run on, installed once per
// lock file into the user's cache folder. Run alone it prints where they are, as JSON.
import { createHash } from 'node:crypto';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './n8n-lock.mjs';
import { cacheRoot, platform } from './n8n-runtime.mjs';
import { step } from './n8n-step.mjs';

const source = fileURLToPath(new URL('../tools/n8n-cores/', import.meta.url));
const versions = readdirSync(source).filter((name) => !name.endsWith('.json'));
const node18 = JSON.parse(readFileSync(path.join(source, 'node18.json'), 'utf8'))[platform()];
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

/**
 * Installs what is not there yet.
 *
 * @returns {Promise<{node18: string | null, modules: Record<string, string>}>} the Node 18 binary, null where there is none
 *   for this platform, and by n8n version the node_modules folder of its engine
 */
export async function ensureCores() {
	mkdirSync(cacheRoot(), { recursive: true });
	const folder = path.join(cacheRoot(), `cores-${hashOfSources()}`);
	const release = await takeLock(`${folder}.lock`, (owner) =>
		process.stderr.write(`Another process (${owner}) is installing n8n's older engines.\n`),
	);
	try {
		for (const version of versions) {
			await install(path.join(folder, version), `n8n ${version}`, (place) => {
				cpSync(path.join(source, version), place, { recursive: true });
				return [];
			});
		}
		if (node18) {
			await install(path.join(folder, 'node18'), 'Node 18', (place) => {
				writeFileSync(path.join(place, 'package.json'), '{ "private": true }');
				return [node18];
			});
		}
	} finally {
		release();
	}
	return {
		node18: node18 ? binaryIn(path.join(folder, 'node18')) : null,
		modules: Object.fromEntries(
			versions.map((version) => [version, path.join(folder, version, 'node_modules')]),
		),
	};
}

function hashOfSources() {
	const hash = createHash('sha256').update(String(node18));
	for (const version of versions)
		hash.update(readFileSync(path.join(source, version, 'package-lock.json')));
	return hash.digest('hex').slice(0, 16);
}

/** A folder that an earlier run has finished stays as it is; one that was broken off is made anew. */
async function install(place, title, prepare) {
	const marker = path.join(place, 'installed');
	if (existsSync(marker)) return;
	rmSync(place, { recursive: true, force: true });
	mkdirSync(place, { recursive: true });
	await step(title, 'npm', ['install', ...prepare(place), ...quiet], { cwd: place });
	writeFileSync(marker, `${new Date().toISOString()}\n`);
}

function binaryIn(folder) {
	const home = path.join(folder, 'node_modules', node18.slice(0, node18.lastIndexOf('@')));
	return path.join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	process.stdout.write(`${JSON.stringify(await ensureCores())}\n`);
}
