import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type N8nClient, signIn } from '../support/n8n/client';
import { buildNode, installNode, pack } from '../support/n8n/install';
import { n8nRuntime, projectFolder } from '../support/n8n/runtime';
import { type N8nServer, startN8n } from '../support/n8n/server';
import { startPostgres, startRedis } from './service';

export interface Worker extends N8nServer {
	/** The ids of the executions it has taken up so far. */
	executions(): Promise<string[]>;
}

export interface Cluster {
	/** Signed in at main, which runs no execution itself. */
	readonly n8n: N8nClient;
	readonly workers: Worker[];
	addWorker(): Promise<Worker>;
	stop(): Promise<void>;
}

/** n8n in queue mode: PostgreSQL, Redis, main, and two workers that run one execution at a time each. */
export async function startCluster(): Promise<Cluster> {
	const stops: Array<() => Promise<void>> = [];
	const stop = async () => {
		for (const each of stops.reverse()) await each();
	};
	try {
		return await build(stops, stop);
	} catch (cause) {
		await stop();
		throw cause;
	}
}

async function build(stops: Array<() => Promise<void>>, stop: () => Promise<void>) {
	const folder = await mkdtemp(path.join(tmpdir(), 'gemini-t2i-queue-'));
	stops.push(() => rm(folder, { recursive: true, force: true }));
	const runtime = await n8nRuntime();
	await buildNode(projectFolder);
	const tarball = await pack(projectFolder, path.join(folder, 'pack'));
	const postgres = await startPostgres(path.join(folder, 'postgres'));
	stops.push(postgres.stop);
	const redis = await startRedis(path.join(folder, 'redis'));
	stops.push(redis.stop);

	const env = {
		EXECUTIONS_MODE: 'queue',
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		// A killed worker is noticed within seconds instead of minutes.
		QUEUE_WORKER_LOCK_DURATION: '5000',
		QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
		QUEUE_WORKER_STALLED_INTERVAL: '2000',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgres.port),
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'postgres',
		DB_POSTGRESDB_PASSWORD: 'trusted',
	};
	async function start(name: string, args: string[], more: Record<string, string> = {}) {
		const home = path.join(folder, name);
		await installNode(tarball, home);
		const process = await startN8n({ runtime, folder: home, args, env: { ...env, ...more } });
		stops.push(process.stop);
		return process;
	}

	const main = await start('main', ['start']);
	const workers: Worker[] = [];
	let begun = 0;
	async function addWorker(): Promise<Worker> {
		const process = await start(`worker-${++begun}`, ['worker', '--concurrency=1'], {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
		});
		const executions = async () => {
			const log = await readFile(process.log, 'utf8');
			return [...log.matchAll(/started execution (\d+)/gi)].map((match) => match[1]!);
		};
		const worker = { ...process, executions };
		workers.push(worker);
		return worker;
	}
	await addWorker();
	await addWorker();
	return { n8n: await signIn(main.url), workers, addWorker, stop };
}
