/** What a pass over batches is asked for where a test or a bench has no other wish. */
module.exports = {
	workflow: 'w1',
	submitAgain: false,
	isOwn: () => false,
	earlier: [],
	maxRetries: 0,
	retryDelayMs: 1000,
	stopStartingAt: null,
	submitted() {},
};
