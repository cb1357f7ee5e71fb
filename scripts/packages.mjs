// What a bare clone needs before anything else: a Node that is new enough and the packages of the lock file.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { step } from './n8n-step.mjs';

/** Installs the lock file's packages unless they are there. Rejects in words where Node is too old. */
export async function installPackages(project) {
	const [major, minor] = process.versions.node.split('.').map(Number);
	if (major < 20 || (major === 20 && minor < 19))
		throw new Error(`This needs Node 20.19 or later; here it is ${process.versions.node}.`);
	if (packagesAreThere(project)) return;
	await step('Packages', 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: project });
}

/** npm writes down at the end of each installation what it has put there. */
function packagesAreThere(project) {
	const { packages: wanted } = read(path.join(project, 'package-lock.json'));
	const installed = read(path.join(project, 'node_modules', '.package-lock.json')).packages ?? {};
	return Object.entries(wanted)
		.filter(([place, { optional, peer }]) => place.includes('node_modules/') && !optional && !peer)
		.every(([place, { version }]) => installed[place] && installed[place].version === version);
}

function read(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return {};
	}
}
