/**
 * Collects one batch in a process of its own, stores each image in a file as n8n does, and prints how far memory rose
 * above rest: `node --expose-gc collect.cjs CORE URL TICKETS FOLDER`.
 */
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const [core, baseUrl, tickets, folder] = process.argv.slice(2);
const { createBatches, parsePoolSettings, resolveRequest, systemClock, systemHost } = require(core);
const usualPass = require('./usualPass.cjs');

const batches = createBatches(systemClock);
const settings = parsePoolSettings({
	endpoints: [{ name: 'Endpoint 1', baseUrl, apiKeys: 'key' }],
});
const wishes = JSON.parse(tickets).map((ticket, index) => ({
	request: resolveRequest({ model: 'gemini-nano-banana-2.1', prompt: `row ${index} [large]` }),
	count: 1,
	ticket,
}));

async function main() {
	const pass = {
		...systemHost(new AbortController().signal),
		settings,
		...usualPass,
		save: async (row, _index, { images }) => {
			writeFileSync(join(folder, `${row}.png`), images[0].data);
			return images[0].data.length;
		},
	};
	// What a first call loads is no part of a batch.
	await batches.pass([{ ...wishes[0], ticket: 'batches/none#0-1' }], pass);
	global.gc();
	const rest = process.memoryUsage().rss;
	let peak = rest;
	const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 2);
	const fates = await batches.pass(wishes, pass);
	clearInterval(timer);
	const bytes = fates.flatMap(({ images = [] }) => images.map(({ kept }) => kept ?? 0));
	console.log(JSON.stringify({ bytes, megabytes: (peak - rest) / 2 ** 20 }));
}

void main();
