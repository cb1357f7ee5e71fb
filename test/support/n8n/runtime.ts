import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

export const projectFolder = path.resolve(__dirname, '../../..');

export interface N8nRuntime {
	/** The Node 24 binary. */
	readonly node: string;
	/** n8n's start script. */
	readonly n8n: string;
	/** The node_modules folder n8n lives in. */
	readonly modules: string;
}

/** Where n8n and its Node are; installs them first when they are not there (minutes, said on stderr). */
export const n8nRuntime = (): Promise<N8nRuntime> => ask('n8n-runtime.mjs');

export interface N8nCores {
	/** The oldest Node that the node runs on; null where there is none for this platform. */
	readonly node18: string | null;
	/** By n8n version, the node_modules folder of its engine. */
	readonly modules: Readonly<Record<string, string>>;
}

/** Where the engines of older n8n are; installs them first when they are not there. */
export const n8nCores = (): Promise<N8nCores> => ask('n8n-cores.mjs');

async function ask<T>(script: string): Promise<T> {
	const file = path.join(projectFolder, 'scripts', script);
	const running = promisify(execFile)(process.execPath, [file]);
	running.child.stderr?.pipe(process.stderr);
	return JSON.parse((await running).stdout) as T;
}
