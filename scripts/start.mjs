// `npm start` on a fresh clone: installs and builds what is needed, then shows the node at work in a real n8n.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot, ensureN8n } from './n8n-runtime.mjs';
import { takeLock } from './n8n-lock.mjs';
import { step } from './n8n-step.mjs';
import { installPackages } from './packages.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));

// What has been started hangs on 'exit', which a signal alone does not bring about.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

// Who ends npm alone ends its shell, which passes nothing on.
const { ppid } = process;
if (process.env.npm_lifecycle_event === 'start') {
	setInterval(() => process.ppid === ppid || process.kill(process.pid, 'SIGTERM'), 1_000).unref();
}

try {
	process.stderr.write('Getting ready\n');
	const home = path.join(
		cacheRoot(),
		`demo-${createHash('sha256').update(project).digest('hex').slice(0, 12)}`,
	);
	const [runtime] = await Promise.all([ensureN8n(), built()]);
	await takeLock(`${home}.lock`, (pid) => {
		throw new Error(`npm start runs here already; end it first with Ctrl-C or "kill ${pid}".`);
	});
	// The rest is TypeScript, as the tests use it.
	const require = createRequire(import.meta.url);
	require('tsx/cjs/api').register();
	const { demo } = require('./n8n-demo.ts');
	process.exit(await demo({ runtime, home, exitAfterRun: process.argv.includes('--exit') }));
} catch (cause) {
	process.stderr.write(`\n${cause.message}\n`);
	process.exit(1);
}

async function built() {
	await installPackages(project);
	await step('Build', 'npx', ['--no-install', 'gulp', 'buildNode'], { cwd: project });
}
