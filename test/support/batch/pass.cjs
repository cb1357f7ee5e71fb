/** One pass over so many rows, in a process that a test may kill: `node pass.cjs CORE URL ROWS`. Then it waits. */
const [core, baseUrl, rows] = process.argv.slice(2);
const { createBatches, parsePoolSettings, resolveRequest, systemClock, systemHost } = require(core);
const usualPass = require('./usualPass.cjs');

async function main() {
	const wishes = Array.from({ length: Number(rows) }, (_, row) => ({
		request: resolveRequest({ model: 'gemini-nano-banana-2.1', prompt: `row ${row}` }),
		count: 1,
		ticket: '',
	}));
	await createBatches(systemClock).pass(wishes, {
		...systemHost(new AbortController().signal),
		settings: parsePoolSettings({ endpoints: [{ name: 'Endpoint 1', baseUrl, apiKeys: 'key' }] }),
		...usualPass,
		save: async () => null,
	});
	console.log('submitted');
	setInterval(() => {}, 1000);
}

void main();
