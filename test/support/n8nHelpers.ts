import 'reflect-metadata';
import type { CallingContext } from '../../nodes/GeminiT2I/n8n/fetch';

/**
 * n8n's own HTTP client, as a node gets it. n8n-core reads its environment when it is loaded, which happens at the
 * first use of this, so that a test file can set proxy and SSRF variables before.
 */
export function nodeHelpers(): CallingContext['helpers'] {
	const { getRequestHelperFunctions } =
		require('n8n-core/dist/execution-engine/node-execution-context/utils/request-helper-functions') as typeof import('n8n-core/dist/execution-engine/node-execution-context/utils/request-helper-functions');
	return getRequestHelperFunctions({} as never, { name: 'Gemini T2I' } as never, {} as never);
}

/** What a credential's test gets: the older client only. */
export function credentialTestHelpers(): CallingContext['helpers'] {
	const { request } = nodeHelpers() as { request(options: object): Promise<unknown> };
	return { request };
}
