import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromiumPath } from '../support/n8n/browser';
import { signIn } from '../support/n8n/client';
import { buildNode, installNode, pack } from '../support/n8n/install';
import { n8nRuntime, projectFolder } from '../support/n8n/runtime';
import { startN8n } from '../support/n8n/server';
import { share } from './shared';

const WITHOUT_CHROMIUM =
	'\n*** NO CHROMIUM HERE, SO THE BROWSER TESTS ARE LEFT OUT: apt-get install chromium, or name one in CHROMIUM.\n';

/** One n8n, with the node as users get it, for all end-to-end tests of a run. */
export default async function setup(): Promise<void> {
	if (chromiumPath() === undefined) console.warn(WITHOUT_CHROMIUM);
	await buildNode(projectFolder);
	const folder = await mkdtemp(path.join(tmpdir(), 'gemini-t2i-e2e-'));
	const tarball = await pack(projectFolder, path.join(folder, 'pack'));
	await installNode(tarball, folder);
	// Where the example workflow writes to.
	const output = path.join(folder, 'output');
	await mkdir(output);
	const n8n = await startN8n({
		runtime: await n8nRuntime(),
		folder,
		env: { N8N_RESTRICT_FILE_ACCESS_TO: output },
	});
	const { cookie } = (await signIn(n8n.url)).session();
	share({ url: n8n.url, cookie, tarball, log: n8n.log }, n8n);
}
