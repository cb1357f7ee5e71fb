/** One way to make the rows, in a process of its own: `measure.ts (calls | batch) URL ROWS`; prints what it took. */
import {
	createBatches,
	createRegistry,
	parsePoolSettings,
	resolveRequest,
	systemClock,
	systemHost,
	type Fate,
	type Made,
} from '../../core/src/index.pool';
import usualPass from '../../test/support/batch/usualPass.cjs';
import { usualTenant } from '../../test/support/usualTenant';

const [way, baseUrl, rows] = process.argv.slice(2) as [string, string, string];
const settings = parsePoolSettings({
	endpoints: [{ name: 'Endpoint 1', baseUrl, apiKeys: 'key' }],
});
const host = systemHost(new AbortController().signal);
const request = (row: number) =>
	resolveRequest({
		model: 'gemini-nano-banana-2.1',
		imageSize: '1K',
		prompt: `row ${row} [large]`,
	});
let usd = 0;
let images = 0;
const count = async ({ account }: Made) => {
	usd += account.costUsd ?? 0;
	images += 1;
};

async function calls(from: number, to: number) {
	const tenant = createRegistry(systemClock)
		.open('bench', settings)
		.join({
			...host,
			...usualTenant,
		});
	const all = Array.from({ length: to - from }, (_, row) =>
		tenant.draw(request(from + row), count),
	);
	await Promise.all(all);
	tenant.leave();
}

const batches = createBatches(systemClock);
/** Passes until nothing is pending; the server's clock is turned between them. */
async function batch(from: number, to: number) {
	let fates: readonly Fate<void>[] = [];
	do {
		const wishes = Array.from({ length: to - from }, (_, row) => ({
			request: request(from + row),
			count: 1,
			ticket: fates[row]?.ticket ?? '',
		}));
		fates = await batches.pass(wishes, {
			...host,
			settings,
			...usualPass,
			save: async (_row, _index, made) => count(made),
		});
		await new Promise((resolve) => process.send!('turn', resolve));
		await new Promise((resolve) => process.once('message', resolve));
	} while (fates.some(({ status }) => status === 'pending'));
}

async function main() {
	const make = way === 'calls' ? calls : batch;
	await make(-1, 0);
	usd = 0;
	images = 0;
	global.gc!();
	const rest = process.memoryUsage().rss;
	let peak = rest;
	const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
	await make(0, Number(rows));
	clearInterval(timer);
	process.send!({ usd, images, megabytes: (peak - rest) / 2 ** 20 }, () => process.exit(0));
}

void main();
