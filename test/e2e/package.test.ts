import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { client, shared } from './shared';

const run = promisify(execFile);

const read = async (file: string) =>
	(await run('tar', ['-xzOf', shared().tarball, `package/${file}`])).stdout;

test('what is published needs nothing at run time and brings its licence texts', async () => {
	const manifest = JSON.parse(await read('package.json')) as Record<string, unknown>;
	expect(manifest.dependencies ?? {}).toEqual({});
	expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	expect(await read('dist/THIRD_PARTY_LICENSES.txt')).toContain('@google/genai');
});

test('n8n has loaded its node and its credential', async () => {
	const { url } = shared();
	const { session } = await client();
	const types = async (kind: string) => {
		const response = await fetch(`${url}/types/${kind}.json`, {
			headers: { cookie: session().cookie, 'browser-id': session().browserId },
		});
		return (await response.json()) as Array<{ name: string }>;
	};
	const name = 'n8n-nodes-gemini-t2i.geminiT2I';
	expect((await types('nodes')).filter((node) => node.name === name)).toHaveLength(1);
	expect(await types('credentials')).toContainEqual(
		expect.objectContaining({ name: 'geminiT2IApi' }),
	);
});
