// One long step of an installation, visible while it runs.
import { spawn } from 'node:child_process';

const HEARTBEAT_MS = 5_000;
const KEPT_OUTPUT = 6_000;

/**
 * Runs a program to its end and says on stderr, every few seconds, that it is still at work. Its own
 * output is shown only when it ends badly.
 *
 * @param {string} title what the user reads, e.g. "Installing n8n"
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<void>} rejects with the tail of the output when the exit code is not 0
 */
export function step(title, program, args, { cwd, env = process.env } = {}) {
	const began = Date.now();
	const seconds = () => Math.round((Date.now() - began) / 1000);
	const say = (words) => process.stderr.write(`  ${title}: ${words}\n`);
	say('started');
	return new Promise((resolve, reject) => {
		// npm is a .cmd file on Windows, and only a shell runs those.
		const shell = process.platform === 'win32';
		const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.on('data', (chunk) => (output = (output + chunk).slice(-KEPT_OUTPUT)));
		}
		const heartbeat = setInterval(() => say(`${seconds()} s`), HEARTBEAT_MS);
		const endWithUs = () => child.kill();
		process.once('exit', endWithUs);
		const settle = (finish) => {
			clearInterval(heartbeat);
			process.removeListener('exit', endWithUs);
			finish();
		};
		child.once('error', (cause) => settle(() => reject(cause)));
		child.once('close', (code, signal) =>
			settle(() => {
				if (code === 0) {
					say(`done in ${seconds()} s`);
					resolve();
				} else {
					reject(new Error(`${title} ended with ${signal ?? `code ${code}`}:\n${output}`));
				}
			}),
		);
	});
}
