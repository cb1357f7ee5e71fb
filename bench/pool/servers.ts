/**
 * Emulators in a process of their own: what a busy client holds up must not hold up the count of its calls.
 * The parent says which keys each server takes; `report` ends them and answers what each has seen.
 */
import { fork } from 'node:child_process';
import { startEmulator, type Emulator } from '../../test/support/emulator/emulator';

/** What one server has seen. */
export interface Seen {
	readonly calls: number;
	/** The most calls that began within any 60 s. */
	readonly mostInMinute: number;
	/** Epoch ms of the last call. */
	readonly lastAt: number;
}

export interface Servers {
	readonly urls: readonly string[];
	/** Ends the servers. */
	report(): Promise<readonly Seen[]>;
}

export interface ServerOptions {
	readonly latencyMs: number;
	/** Any key where unset. */
	readonly keys?: readonly string[];
}

export async function startServers(each: readonly ServerOptions[]): Promise<Servers> {
	const child = fork(__filename, [JSON.stringify(each)], { execArgv: process.execArgv });
	const next = <T>() =>
		new Promise<T>((resolve) => child.once('message', (told) => resolve(told as T)));
	const urls = await next<string[]>();
	return {
		urls,
		async report() {
			const seen = next<Seen[]>();
			child.send('report');
			return await seen;
		},
	};
}

/** Its first picture costs a server more than a whole run's others. */
async function warm({ url, requests }: Emulator, key: string) {
	await fetch(`${url}/v1beta/models/gemini-nano-banana-2.1:generateContent`, {
		method: 'POST',
		headers: { 'x-goog-api-key': key },
		body: JSON.stringify({ contents: [{ parts: [{ text: 'warm' }] }] }),
	});
	requests.length = 0;
}

const seenBy = (server: Emulator): Seen => ({
	calls: server.requests.length,
	mostInMinute: server.startsPerWindow(60_000),
	lastAt: Math.max(0, ...server.requests.map(({ time }) => time)),
});

async function serve(each: readonly ServerOptions[]) {
	const servers = await Promise.all(
		each.map((options) => startEmulator({ imageSizePx: 32, ...options })),
	);
	await Promise.all(servers.map((server, i) => warm(server, each[i]!.keys?.[0] ?? 'any')));
	process.once('message', async () => {
		process.send!(servers.map(seenBy));
		await Promise.all(servers.map((server) => server.close()));
		process.disconnect();
	});
	process.send!(servers.map(({ url }) => url));
}

if (process.send && process.argv[2]) void serve(JSON.parse(process.argv[2]) as ServerOptions[]);
