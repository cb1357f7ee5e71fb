import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { type N8nClient, signIn } from '../../test/support/n8n/client';
import { installNode, pack } from '../../test/support/n8n/install';
import { n8nRuntime, projectFolder } from '../../test/support/n8n/runtime';
import { freePort, startN8n } from '../../test/support/n8n/server';

/** What the process holds on to after a garbage collection. */
export interface Holdings {
	readonly memory: { heapUsed: number; external: number; arrayBuffers: number; rss: number };
	readonly timers: number;
	readonly sockets: number;
	/** Of `process` itself. */
	readonly listeners: number;
	readonly abortSignals?: number;
	readonly socketObjects?: number;
}

/** An n8n of its own, with this node and the plain SDK node, that stores files on disk. */
export interface Host {
	readonly client: N8nClient;
	/** The file that holds all it has printed. */
	readonly log: string;
	/** @param thorough counts objects too, which takes seconds */
	holdings(thorough?: boolean): Promise<Holdings>;
	/** Memory of the process, in MB, as the kernel counts it: now, and the most since its peak was last forgotten. */
	memoryMb(): number;
	peakMb(): number;
	forgetPeak(): void;
	stop(): Promise<void>;
}

let packed: Promise<string> | undefined;

/** The node as it stands in the sources now. */
async function packNode(): Promise<string> {
	await promisify(execFile)('npx', ['--no-install', 'gulp', 'buildNode'], { cwd: projectFolder });
	return await pack(projectFolder, await mkdtemp(path.join(tmpdir(), 'gemini-t2i-pack-')));
}

export async function startHost(): Promise<Host> {
	const folder = await mkdtemp(path.join(tmpdir(), 'gemini-t2i-bench-'));
	await installNode(await (packed ??= packNode()), folder);
	await bundlePlainSdk(folder);
	const probePort = await freePort();
	const n8n = await startN8n({
		runtime: await n8nRuntime(),
		folder,
		nodeArgs: ['--expose-gc', '--require', path.join(__dirname, 'probe.cjs')],
		env: {
			BENCH_PROBE_PORT: String(probePort),
			N8N_CUSTOM_EXTENSIONS: path.join(folder, 'custom'),
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		},
	});
	// From Linux's own account of the process: it misses no peak.
	const account = `/proc/${n8n.pid}`;
	const statusMb = (line: 'VmRSS' | 'VmHWM') => {
		const found = new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync(`${account}/status`, 'utf8'));
		return Number(found![1]) / 1024;
	};
	return {
		client: await signIn(n8n.url),
		log: n8n.log,
		async holdings(thorough = false) {
			const answer = await fetch(`http://127.0.0.1:${probePort}/${thorough ? 'thorough' : ''}`);
			return (await answer.json()) as Holdings;
		},
		memoryMb: () => statusMb('VmRSS'),
		peakMb: () => statusMb('VmHWM'),
		forgetPeak: () => writeFileSync(`${account}/clear_refs`, '5'),
		async stop() {
			await n8n.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** One file without dependencies, as n8n takes it from a folder of one's own nodes. */
const bundlePlainSdk = (folder: string) =>
	build({
		entryPoints: [path.join(__dirname, 'PlainSdk.node.ts')],
		outfile: path.join(folder, 'custom/PlainSdk.node.js'),
		bundle: true,
		platform: 'node',
		format: 'cjs',
		logLevel: 'error',
	});
