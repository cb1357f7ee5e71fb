import { type N8nClient, signIn } from '../support/n8n/client';
import { type N8nServer } from '../support/n8n/server';

/** What the set-up hands to the tests, which run in processes of their own. */
interface Shared {
	readonly url: string;
	readonly cookie: string;
	readonly tarball: string;
	readonly log: string;
}

const variable = 'GEMINI_T2I_E2E';
let server: N8nServer | undefined;

export function share(facts: Shared, n8n: N8nServer): void {
	process.env[variable] = JSON.stringify(facts);
	server = n8n;
}

export const sharedServer = () => server;

export const shared = () => JSON.parse(process.env[variable]!) as Shared;

/** All tests use one session: n8n allows few log-ins a minute. */
export async function client(): Promise<N8nClient> {
	const { url, cookie } = shared();
	return await signIn(url, cookie);
}
