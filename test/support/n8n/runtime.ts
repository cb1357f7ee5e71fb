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
export async function n8nRuntime(): Promise<N8nRuntime> {
	const script = path.join(projectFolder, 'scripts/n8n-runtime.mjs');
	const running = promisify(execFile)(process.execPath, [script]);
	running.child.stderr?.pipe(process.stderr);
	return JSON.parse((await running).stdout) as N8nRuntime;
}
