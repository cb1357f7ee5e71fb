import { setTimeout as sleep } from 'node:timers/promises';
import { readExecution, type Execution } from './execution';
import { type Workflow } from './workflow';

const POLL_MS = 100;

export const owner = { email: 'demo@example.com', password: 'Demo-Gemini-1' };

export type N8nClient = Awaited<ReturnType<typeof signIn>>;

/**
 * n8n's own REST API, as its editor uses it, signed in as the owner, who is set up on the first visit.
 *
 * @param cookie of a session that exists already
 */
export async function signIn(url: string, cookie = '') {
	// n8n ties a session to the browser that began it.
	const browserId = 'demo-and-tests';

	async function request(method: string, path: string, body?: unknown): Promise<Response> {
		const response = await fetch(url + path, {
			method,
			headers: { 'browser-id': browserId, cookie, 'content-type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const session = response.headers.getSetCookie().find((one) => one.startsWith('n8n-auth='));
		if (session) cookie = session.split(';')[0]!;
		if (!response.ok) {
			throw new Error(`n8n: ${method} ${path}: ${response.status} ${await response.text()}`);
		}
		return response;
	}

	async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
		const json = (await (await request(method, path, body)).json()) as { data: T };
		return json.data;
	}

	async function setUpOrLogIn() {
		const { userManagement } = await call<{
			userManagement: { showSetupOnFirstLoad: boolean };
		}>('GET', '/rest/settings');
		if (userManagement.showSetupOnFirstLoad) {
			await call('POST', '/rest/owner/setup', { ...owner, firstName: 'Demo', lastName: 'Owner' });
		} else {
			const { email, password } = owner;
			await call('POST', '/rest/login', { emailOrLdapLoginId: email, password });
		}
	}
	if (!cookie) await setUpOrLogIn();

	type Saved = { id: string; name: string; versionId?: string };
	const client = {
		url,
		call,
		/** What a browser needs to be signed in too. */
		session: () => ({ cookie, browserId }),
		/** @param id of the one to replace */
		saveCredential: (name: string, type: string, content: object, id?: string) =>
			call<Saved>(id ? 'PATCH' : 'POST', `/rest/credentials${id ? `/${id}` : ''}`, {
				name,
				type,
				data: content,
			}),
		/** The Test button. */
		testCredential: (saved: Saved, type: string, content: object) =>
			call<{ status: 'OK' | 'Error'; message: string }>('POST', '/rest/credentials/test', {
				credentials: { ...saved, type, data: content },
			}),
		saveWorkflow: (workflow: Workflow) => call<Saved>('POST', '/rest/workflows', workflow),
		/** Begins a manual execution of a saved workflow at its first node; returns its id. */
		async start(workflowId: string): Promise<string> {
			const workflowData = await call<Workflow>('GET', `/rest/workflows/${workflowId}`);
			const { executionId } = await call<{ executionId: string }>(
				'POST',
				`/rest/workflows/${workflowId}/run`,
				{ workflowData, triggerToStartFrom: { name: workflowData.nodes[0]!.name } },
			);
			return executionId;
		},
		/** Waits until an execution has ended, well or badly. */
		async finished(executionId: string, everyMs = POLL_MS): Promise<Execution> {
			for (;;) {
				const record = await call<{
					id: string;
					status: string;
					finished: boolean;
					stoppedAt?: string;
					data: string;
				}>('GET', `/rest/executions/${executionId}`);
				if (record.stoppedAt) return readExecution(record);
				await sleep(everyMs);
			}
		},
		stop: (executionId: string) => call('POST', `/rest/executions/${executionId}/stop`),
		/** Saves a workflow, runs it to its end. */
		async run(workflow: Workflow): Promise<Execution> {
			const { id } = await client.saveWorkflow(workflow);
			return await client.finished(await client.start(id));
		},
		/** The bytes behind an item's file. */
		async download(file: { readonly id?: string; readonly data?: unknown }): Promise<Buffer> {
			if (!file.id) return Buffer.from(String(file.data), 'base64');
			const response = await request(
				'GET',
				`/rest/binary-data?id=${encodeURIComponent(file.id)}&action=download`,
			);
			return Buffer.from(await response.arrayBuffer());
		},
	};
	return client;
}
