/**
 * Ways to make images in a real n8n, side by side against one kind of server: `npm run bench:n8n` (about a quarter of
 * an hour; it writes its tables into docs/benchmarks.md). `-- --quick` tries it in small and writes nothing. Reads
 * the memory from Linux's /proc.
 */
import { loadavg } from 'node:os';
import {
	builtIn,
	CONCURRENCY,
	httpLoop,
	plainSdk,
	thisNode,
	type Contender,
} from './n8n/contenders';
import { LATENCY_MS, measure, WARM_UP, type Measured } from './n8n/measure';
import { table, writeSection } from './report';

const isQuick = process.argv.includes('--quick');
const [SMALL, FEW, MANY] = isQuick ? [20, 6, 18] : [200, 50, 500];
const MEGABYTES = isQuick ? 1 : 8;

const ideal = (items: number) => (Math.ceil(items / CONCURRENCY) * LATENCY_MS) / 1000;
const fixed = (value: number, digits: number) => Number(value.toFixed(digits));

/** For cells of a run that came to no end. */
const cell = (value: number | null | undefined, digits: number) =>
	value === null || value === undefined ? '-' : value.toFixed(digits);

async function speed() {
	const rows = [];
	for (const [contender, times] of [
		[thisNode, 3],
		[plainSdk, 3],
		[httpLoop, 1],
		[builtIn, 1],
	] as const) {
		const seen = await told(contender, SMALL, 0, times);
		rows.push({
			[`${SMALL} items, ${LATENCY_MS / 1000} s latency`]: contender.name,
			runs: times,
			images: seen?.images ?? 0,
			'execution, s': cell(seen?.executionS, 1),
			"node's own time, s": cell(seen?.nodeS, 2),
			[`ratio to the ideal ${ideal(SMALL)} s`]: cell(
				seen && (seen.nodeS ?? seen.executionS) / ideal(SMALL),
				3,
			),
			'calls in flight': seen?.maxInFlight ?? 0,
			'peak above rest, MB': cell(seen?.aboveMb, 0),
		});
	}
	return rows;
}

async function memory() {
	const rows = [];
	for (const [contender, counts] of [
		[thisNode, [FEW, MANY]],
		[plainSdk, [FEW, MANY]],
		[httpLoop, [FEW]],
		[builtIn, [FEW]],
	] as const) {
		for (const items of counts) {
			const seen = await told(contender, items, MEGABYTES);
			rows.push({
				[`images of ${MEGABYTES} MB`]: contender.name,
				items,
				images: seen?.images ?? 0,
				'execution, s': cell(seen?.executionS, 1),
				'calls in flight': seen?.maxInFlight ?? 0,
				'at rest, MB': cell(seen?.restMb, 0),
				'at its peak, MB': cell(seen && seen.restMb + seen.aboveMb, 0),
				'peak above rest, MB': cell(seen?.aboveMb, 0),
			});
		}
	}
	return rows;
}

async function told(
	contender: Contender,
	items: number,
	megabytes: number,
	times?: number,
): Promise<Measured | null> {
	const seen = await measure(contender, items, megabytes, times);
	console.log(contender.name, items, megabytes, JSON.stringify(seen));
	return seen;
}

async function main() {
	const load = loadavg()[0]!;
	const body = `${table(await speed())}

${table(await memory())}

Each row is an n8n that was started for it, in filesystem binary mode. Its memory is the process's resident set as Linux
counts it: at rest after a first small run and a garbage collection, and the peak of the run, which followed one of
${WARM_UP} such images. Of several runs the fastest counts. A "-" did not come to an end. The machine's load before the run was ${fixed(load, 1)}.`;
	console.log(body);
	if (!isQuick) writeSection('In a real n8n', 'npm run bench:n8n', body);
}

void main();
