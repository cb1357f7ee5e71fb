/** What an execution joins a pool with where a test or a bench has no other wish. */
export const usualTenant = {
	concurrency: 16,
	timeoutMs: 300_000,
	maxRetries: 0,
	retryDelayMs: 1000,
	stopStartingAt: null,
	budget: null,
};
