import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietEnvironment } from './environment';
import { type N8nRuntime } from './runtime';

const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 15_000;
const POLL_MS = 100;

export interface N8nServer {
	/** e.g. `http://127.0.0.1:41234` */
	readonly url: string;
	readonly folder: string;
	/** The file that holds all it has printed. */
	readonly log: string;
	readonly pid: number;
	/** Settles when the process has ended, whoever ended it. */
	readonly ended: Promise<void>;
	/** Ends it, gently first, and waits until it is gone. */
	stop(): Promise<void>;
	/** SIGKILL: as when the machine's memory runs out. */
	kill(): Promise<void>;
}

/**
 * Starts an n8n process on a free loopback port and waits until it serves.
 *
 * @param options.folder its user folder: settings, database, installed nodes
 * @param options.args `start` unless told, e.g. `worker`
 * @param options.cwd what relative file names in workflows stand on
 * @throws when it ends before it is ready, with the tail of its log
 */
export async function startN8n(options: {
	readonly runtime: N8nRuntime;
	readonly folder: string;
	readonly port?: number;
	readonly args?: readonly string[];
	readonly nodeArgs?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
}): Promise<N8nServer> {
	const { runtime, folder, args = ['start'], nodeArgs = [], env = {} } = options;
	const port = options.port ?? (await freePort());
	const url = `http://127.0.0.1:${port}`;
	const log = path.join(folder, 'n8n.log');
	mkdirSync(folder, { recursive: true });
	const output = openSync(log, 'w');
	const child = spawn(
		runtime.node,
		['--require', path.join(__dirname, 'endWithParent.cjs'), ...nodeArgs, runtime.n8n, ...args],
		{
			cwd: options.cwd ?? folder,
			env: {
				...quietEnvironment({ folder, node: runtime.node, port, brokerPort: await freePort() }),
				QUEUE_HEALTH_CHECK_PORT: String(port),
				...env,
			},
			// The fourth is the wire by which n8n notices that we are gone.
			stdio: ['ignore', output, output, 'ipc'],
		},
	);
	closeSync(output);
	child.unref();
	child.channel?.unref();
	const ended = new Promise<void>((resolve) => {
		child.once('exit', () => resolve());
		child.once('error', () => resolve());
	});
	const hasEnded = () => child.exitCode !== null || child.signalCode !== null || !child.pid;
	const end = async (signal: NodeJS.Signals) => {
		if (!hasEnded()) child.kill(signal);
		const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
		await ended;
		clearTimeout(late);
	};

	for (const start = Date.now(); !(await answers(`${url}/healthz/readiness`));) {
		const tooLate = Date.now() - start > READY_WITHIN_MS;
		if (tooLate) await end('SIGKILL');
		if (tooLate || hasEnded()) {
			const tail = readFileSync(log, 'utf8').slice(-3000);
			throw new Error(`n8n ${tooLate ? 'was not ready in time' : 'ended at start'}:\n${tail}`);
		}
		await sleep(POLL_MS);
	}
	return {
		url,
		folder,
		log,
		pid: child.pid!,
		ended,
		stop: () => end('SIGTERM'),
		kill: () => end('SIGKILL'),
	};
}

async function answers(url: string) {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
}

/** A loopback port that nobody listens on now: the preferred one where it is free. */
export async function freePort(preferred = 0): Promise<number> {
	const server = createServer();
	const listening = await new Promise<boolean>((resolve) => {
		server.once('error', () => resolve(false));
		server.listen(preferred, '127.0.0.1', () => resolve(true));
	});
	if (!listening) return await freePort();
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
