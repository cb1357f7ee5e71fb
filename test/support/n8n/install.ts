import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
// npm is a .cmd file on Windows, and only a shell runs those.
const shell = process.platform === 'win32';

/** Builds what n8n loads, so that no test judges yesterday's code. */
export async function buildNode(projectFolder: string): Promise<void> {
	await run('npx', ['--no-install', 'gulp', 'buildNode'], { cwd: projectFolder, shell });
}

/** `npm pack`; returns the tarball's path. */
export async function pack(packageFolder: string, into: string): Promise<string> {
	await mkdir(into, { recursive: true });
	const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', into], {
		cwd: packageFolder,
		shell,
	});
	const [tarball] = JSON.parse(stdout) as [{ filename: string }];
	return path.join(into, tarball.filename);
}

/**
 * Puts a packed node where n8n's own "Install community node" puts it: unpacked under `.n8n/nodes`, its
 * package.json without dev, peer and optional dependencies. What n8n would then fetch from the
 * registry is refused here: the package must need nothing.
 */
export async function installNode(tarball: string, userFolder: string): Promise<void> {
	const nodes = path.join(userFolder, '.n8n', 'nodes');
	const unpacked = path.join(nodes, 'unpacked');
	await rm(nodes, { recursive: true, force: true });
	await mkdir(unpacked, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
	const { devDependencies, peerDependencies, optionalDependencies, ...manifest } = JSON.parse(
		await readFile(path.join(unpacked, 'package.json'), 'utf8'),
	) as Record<string, unknown> & { name: string; version: string; dependencies?: object };
	void [devDependencies, peerDependencies, optionalDependencies];
	const needed = Object.keys(manifest.dependencies ?? {});
	if (needed.length > 0) throw new Error(`${manifest.name} needs ${needed.join(', ')} at run time`);
	await writeFile(path.join(unpacked, 'package.json'), JSON.stringify(manifest, null, 2));

	const home = path.join(nodes, 'node_modules', manifest.name);
	await mkdir(path.dirname(home), { recursive: true });
	await rename(unpacked, home);
	await writeFile(
		path.join(nodes, 'package.json'),
		JSON.stringify({
			name: 'installed-nodes',
			private: true,
			dependencies: { [manifest.name]: manifest.version },
		}),
	);
}
