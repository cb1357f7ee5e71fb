import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCommandLine } from '../../../build/bundle';
import { startEmulator, type Emulator } from '../../support/emulator/emulator';

export interface Ended {
	/** Null where a signal ended it. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Running {
	readonly child: ChildProcess;
	readonly ended: Promise<Ended>;
}

/** The command line as real processes, bundled as it is published, in folders of their own. */
export interface CommandLine {
	/** A new empty folder. */
	folder(): Promise<string>;
	/**
	 * Runs in `cwd` with `variables` and nothing else of this process's environment but PATH. `fileKilobytes`: no
	 * file may grow beyond that. `input`: what standard input holds.
	 */
	start(
		args: readonly string[],
		cwd: string,
		variables?: Record<string, string>,
		fileKilobytes?: number,
		input?: string,
	): Running;
	remove(): Promise<void>;
}

export const buildCommandLine = async (): Promise<CommandLine> => {
	const built = await mkdtemp(join(tmpdir(), 'gemini-t2i-'));
	const cli = join(built, 'cli.mjs');
	await bundleCommandLine({ outdir: built, outExtension: { '.js': '.mjs' } });
	const folders = [built];
	const running = new Set<ChildProcess>();

	return {
		async folder() {
			const folder = await mkdtemp(join(tmpdir(), 'gemini-t2i-'));
			folders.push(folder);
			return folder;
		},
		start(args, cwd, variables = {}, fileKilobytes, input) {
			const limit = fileKilobytes === undefined ? ':' : `ulimit -f ${fileKilobytes}`;
			const command = ['-c', `${limit}; exec "$0" "$@"`, process.execPath, cli, ...args];
			const child = spawn('bash', command, {
				cwd,
				env: { PATH: process.env.PATH, ...variables },
				stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
			});
			child.stdin?.end(input);
			running.add(child);
			return { child, ended: ending(child).finally(() => running.delete(child)) };
		},
		async remove() {
			for (const child of running) child.kill('SIGKILL');
			for (const folder of folders) await rm(folder, { recursive: true, force: true });
		},
	};
};

/** The command line for the tests of a file, and for each of them an empty folder and an emulator. */
export function withCommandLine() {
	const world = {} as { commandLine: CommandLine; emulator: Emulator; folder: string };
	beforeAll(async () => {
		world.commandLine = await buildCommandLine();
	});
	beforeEach(async () => {
		world.emulator = await startEmulator({ imageSizePx: 16 });
		world.folder = await world.commandLine.folder();
	});
	afterEach(() => world.emulator.close());
	afterAll(() => world.commandLine.remove());
	return world;
}

const ending = async (child: ChildProcess): Promise<Ended> => {
	const texts = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr'] as const) {
		child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
	}
	const [code] = (await once(child, 'close')) as [number | null];
	return { code, ...texts };
};
