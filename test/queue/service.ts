import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/n8n/server';

const READY_WITHIN_MS = 30_000;

export interface Service {
	readonly port: number;
	stop(): Promise<void>;
}

interface User {
	readonly uid: number;
	readonly gid: number;
}

/** An empty PostgreSQL on a free loopback port, gone with its folder. Its user is `postgres`, as is its database. */
export async function startPostgres(folder: string): Promise<Service> {
	// PostgreSQL refuses to run as root.
	const user = process.getuid?.() === 0 ? userNamed('postgres') : undefined;
	await mkdir(folder);
	await chmod(path.dirname(folder), 0o755);
	if (user) await chown(folder, user.uid, user.gid);
	const bin = postgresPrograms();
	const store = path.join(folder, 'store');
	execFileSync(
		path.join(bin, 'initdb'),
		['-D', store, '-A', 'trust', '-U', 'postgres', '--no-sync'],
		{ cwd: folder, stdio: 'pipe', ...user },
	);
	const port = await freePort();
	const settings = [
		`port=${port}`,
		'listen_addresses=127.0.0.1',
		'unix_socket_directories=',
		'fsync=off',
	].flatMap((setting) => ['-c', setting]);
	const command = [path.join(bin, 'postgres'), '-D', store, ...settings];
	return await startService(command, port, folder, user);
}

/** An empty Redis on a free loopback port that writes nothing. */
export async function startRedis(folder: string): Promise<Service> {
	await mkdir(folder);
	const port = await freePort();
	const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
	const command = ['redis-server', '--port', String(port), ...settings];
	return await startService(command, port, folder);
}

/** The service ends when the wire to us does: on `stop`, and also when this process is killed. */
const wired = '"$@" & read -r _; kill -INT $!; wait $!';

async function startService(
	command: readonly string[],
	port: number,
	cwd: string,
	user?: User,
): Promise<Service> {
	const child = spawn('sh', ['-c', wired, 'sh', ...command], {
		cwd,
		stdio: ['pipe', 'ignore', 'pipe'],
		...user,
	});
	let complaints = '';
	child.stderr.on(
		'data',
		(chunk: Buffer) => (complaints = (complaints + String(chunk)).slice(-2000)),
	);
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	const stop = async () => {
		child.stdin.end();
		await ended;
	};
	for (const began = Date.now(); !(await listens(port)); await sleep(50)) {
		if (Date.now() - began < READY_WITHIN_MS && child.exitCode === null) continue;
		await stop();
		throw new Error(`${command[0]} did not start: ${complaints}`);
	}
	return { port, stop };
}

const listens = (port: number) =>
	new Promise<boolean>((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.end());
	});

function userNamed(name: string): User {
	const id = (option: string) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
	return { uid: id('-u'), gid: id('-g') };
}

/** Debian keeps them out of PATH, one folder a version. */
function postgresPrograms(): string {
	const debian = '/usr/lib/postgresql';
	const versions = existsSync(debian)
		? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
		: [];
	const folders = [
		...versions.map((version) => path.join(debian, version, 'bin')),
		...(process.env.PATH ?? '').split(path.delimiter),
	];
	const found = folders.find((folder) => existsSync(path.join(folder, 'initdb')));
	if (!found) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
	return found;
}
