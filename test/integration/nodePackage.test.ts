import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pack } from '../support/n8n/install';
import { projectFolder } from '../support/n8n/runtime';

const run = promisify(execFile);

test('installed by hand into an empty folder, the tarball brings one package and compiles nothing', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'gemini-t2i-'));
	const tarball = await pack(projectFolder, folder);
	// Offline and with scripts: whatever it needed besides would be missed here.
	const install = ['install', '--offline', '--no-audit', '--ignore-scripts=false'];
	await run('npm', [...install, '--prefix', path.join(folder, 'home'), tarball]);
	const installed = await readdir(path.join(folder, 'home/node_modules'));
	expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['n8n-nodes-gemini-t2i']);
	await rm(folder, { recursive: true });
});
