// Four images at once through a pool, each written as it arrives.
// GEMINI_API_KEY=... node examples/library.mjs
import { writeFile } from 'node:fs/promises';
import {
	connectGemini,
	createRegistry,
	DEFAULT_MODEL,
	parsePoolSettings,
	resolveRequest,
	systemClock,
	systemHost,
} from 'gemini-t2i/pool';

const settings = parsePoolSettings({
	endpoints: [
		{
			name: 'Endpoint 1',
			apiKeys: process.env.GEMINI_API_KEY, // one or many, one per line
			baseUrl: process.env.GEMINI_BASE_URL, // empty: Google
			rateLimit: 60, // starts in any 60 seconds
		},
	],
});

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

// One registry a process: pools that share endpoints share their limits too.
const pool = createRegistry(systemClock, connectGemini).open('example', settings);
const tenant = pool.join({
	...systemHost(stop.signal),
	concurrency: 4,
	timeoutMs: 300_000, // one attempt
	maxRetries: 2, // waiting for limits and failing over are free
	retryDelayMs: 1000,
	stopStartingAt: null,
	budget: null,
});

const ratios = ['1:1', '16:9', '9:16', '4:3'];
await Promise.all(
	ratios.map(async (aspectRatio) => {
		const request = resolveRequest({
			model: DEFAULT_MODEL,
			prompt: 'A lighthouse at dawn',
			aspectRatio,
		});
		const drawn = await tenant.draw(request, async ({ images: [image] }) => {
			const file = `lighthouse-${aspectRatio.replace(':', 'x')}.${image.extension}`;
			await writeFile(file, image.data);
			return file;
		});
		if (drawn.status === 'ok') {
			const { lane, costUsd } = drawn.made.account;
			console.log(`${drawn.kept}: ${lane}, $${costUsd?.toFixed(4)}`);
		} else {
			console.log(`${aspectRatio}: ${drawn.status}, ${drawn.message}`);
		}
	}),
);
tenant.leave();
