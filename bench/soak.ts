/**
 * What an n8n holds on to after long use of the node: `npm run soak` (some minutes; it writes its table into
 * docs/benchmarks.md). `-- --quick` tries it in small and writes nothing.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../test/support/emulator/emulator';
import { thisNode } from './n8n/contenders';
import { type Holdings, type Host, startHost } from './n8n/host';
import { table, writeSection } from './report';

const isQuick = process.argv.includes('--quick');
const ITEMS = isQuick ? 200 : 5000;
const EXECUTIONS = isQuick ? 10 : 200;
const ITEMS_EACH = 5;
/** For idle connections and timers to end. */
const QUIET_MS = 10_000;

const prompts = (count: number) => Array.from({ length: count }, (_, row) => `picture ${row}`);

/** Runs a saved workflow again and again, one execution after the other. */
async function repeat({ client }: Host, workflowId: string, times: number, items: number) {
	for (let again = 0; again < times; again += 1) {
		const execution = await client.finished(await client.start(workflowId));
		const made = execution.items(thisNode.last).filter(({ binary }) => binary).length;
		if (made !== items) throw new Error(`${made} of ${items} images: ${execution.error?.message}`);
	}
}

async function rest(host: Host): Promise<Holdings> {
	await sleep(QUIET_MS);
	return await host.holdings(true);
}

function told(when: string, held: Holdings, before: Holdings) {
	const bytes = ({ memory }: Holdings) => memory.heapUsed + memory.external;
	return {
		'': when,
		'heap + external, MB': (bytes(held) / 2 ** 20).toFixed(1),
		change: `${((100 * bytes(held)) / bytes(before) - 100).toFixed(1)} %`,
		'resident, MB': (held.memory.rss / 2 ** 20).toFixed(0),
		timers: held.timers,
		sockets: held.sockets,
		'process listeners': held.listeners,
		'AbortSignal objects': held.abortSignals!,
		'Socket objects': held.socketObjects!,
	};
}

async function main() {
	const emulator = await startEmulator({ imageSizePx: 32, latencyMs: 20 });
	const host = await startHost();
	try {
		const { client } = host;
		const few = await thisNode.workflow(client, emulator.url, prompts(ITEMS_EACH));
		// The same credential for all.
		const many = {
			...few,
			pinData: { Start: prompts(ITEMS).map((prompt) => ({ json: { prompt } })) },
		};
		const [fewId, manyId] = [
			(await client.saveWorkflow(few)).id,
			(await client.saveWorkflow(many)).id,
		];
		await repeat(host, fewId, 20, ITEMS_EACH);
		const before = await rest(host);
		await repeat(host, manyId, 1, ITEMS);
		// Until the next one, n8n's expression engine holds on to the execution whose expression it evaluated last.
		await repeat(host, fewId, 1, ITEMS_EACH);
		const afterMany = await rest(host);
		await repeat(host, fewId, EXECUTIONS, ITEMS_EACH);
		const afterAll = await rest(host);

		const warnings = /MaxListenersExceeded|possible EventEmitter memory leak/i;
		const body = `${table([
			told('at the start, after 20 small executions', before, before),
			told(`after ${ITEMS} items in one execution, and a small one`, afterMany, before),
			told(`after ${EXECUTIONS} more executions in a row`, afterAll, before),
		])}

All with one credential; each row is read ${QUIET_MS / 1000} s after the last execution and after a garbage collection. The small
execution is there since n8n's own expression engine holds on to the execution that it served last (5 to 10 % here).
Warnings of too many listeners in n8n's log: ${warnings.test(readFileSync(host.log, 'utf8')) ? 'yes' : 'none'}.`;
		console.log(body);
		if (!isQuick) writeSection('Soak', 'npm run soak', body);
	} finally {
		await host.stop();
		await emulator.close();
	}
}

void main();
