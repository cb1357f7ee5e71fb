import path from 'node:path';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { adaptExample, type Changes } from '../support/exampleFiles';
import { importTable } from '../support/n8n/dataTable';
import { type Execution } from '../support/n8n/execution';
import { type Workflow, type WorkflowNode } from '../support/n8n/workflow';
import { shared } from './shared';
import { calls, type workbench } from './workbench';

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** An example as the shared n8n can run it. */
export const adapt = (
	file: string,
	credential: { readonly id: string; readonly name: string },
	changes: Changes = [],
): Workflow => adaptExample(file, { credential, folder: filesFolder(), changes });

export const withNode = (workflow: Workflow, name: string, change: Partial<WorkflowNode>) => ({
	...workflow,
	nodes: workflow.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)),
});

/** The one folder that the shared n8n lets file nodes write to. */
const filesFolder = () => path.join(path.dirname(shared().log), 'output');

/** The hash of a file that a workflow has saved. */
export const savedImage = (name: string) => sha256(readFileSync(path.join(filesFolder(), name)));

type Bench = Awaited<ReturnType<typeof workbench>>;

/** The hashes of all images that the emulator has sent. */
export const sentImages = ({ emulator }: Bench) =>
	calls(emulator).flatMap(({ images }) => images.map((each) => each.sha256));

/** A data table of n8n's own with these rows. */
export const createTable = (
	{ n8n }: Bench,
	name: string,
	rows: ReadonlyArray<Record<string, unknown>>,
) => importTable(n8n, name, toCsv(rows));

const toCsv = (rows: ReadonlyArray<Record<string, unknown>>) =>
	[Object.keys(rows[0]!), ...rows.map(Object.values)]
		.map((cells) => cells.map((cell) => `"${String(cell)}"`).join(','))
		.join('\n');

/** Makes the workflow's webhooks, forms and chats answer; n8n registers them a moment after it says so. */
export async function activate({ n8n }: Bench, workflow: Workflow): Promise<string> {
	const { id, versionId } = await n8n.saveWorkflow(workflow);
	await n8n.call('POST', `/rest/workflows/${id}/activate`, { versionId });
	return id;
}

/** Calls a webhook as soon as it is there (404), or the execution behind it waits (409). */
export async function callWebhook(url: string, init?: () => RequestInit): Promise<Response> {
	for (let tries = 0; ; tries++) {
		const response = await fetch(url, init?.());
		if (![404, 409].includes(response.status) || tries === 100) return response;
		await response.body?.cancel();
		await sleep(100);
	}
}

/** The last execution of a workflow that was started from outside, once it has ended. */
export async function lastExecution({ n8n }: Bench, workflowId: string): Promise<Execution> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const { results } = await n8n.call<{ results: Array<{ id: string }> }>(
		'GET',
		`/rest/executions?filter=${filter}`,
	);
	return await n8n.finished(results[0]!.id);
}
