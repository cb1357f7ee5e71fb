import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../test/support/emulator/emulator';
import { growPng, picture } from '../../test/support/emulator/picture';
import { type Contender } from './contenders';
import { startHost } from './host';

export const LATENCY_MS = 1000;
/** Images of the same kind, made before those that are measured: enough for V8 to compile and to grow its young generation. */
export const WARM_UP = 32;

/** To be asked costs n8n as much as a small image does. */
const ASK_EVERY_MS = 1000;
const LIMIT_MS = 15 * 60_000;

/** One run of one contender in an n8n that was started for it. */
export interface Measured {
	readonly images: number;
	/** From n8n's record: the execution from start to stop, and what it counts as the node's own (null in a loop). */
	readonly executionS: number;
	readonly nodeS: number | null;
	readonly maxInFlight: number;
	/** The process at rest, and what it took on top of that at most. */
	readonly restMb: number;
	readonly aboveMb: number;
}

/**
 * @param megabytes of each image; 0 for small ones, drawn by the emulator
 * @param times runs of this kind, of which the fastest counts: what else goes on in a machine only makes them slower
 * @returns null where n8n did not come through it
 */
export async function measure(
	contender: Contender,
	items: number,
	megabytes: number,
	times = 1,
): Promise<Measured | null> {
	const emulator = await startEmulator({ imageSizePx: 64, latencyMs: LATENCY_MS });
	const host = await startHost();
	try {
		const { client } = host;
		const run = async (count: number) => {
			const prompts = Array.from({ length: count }, (_, row) => `picture ${row}`);
			const workflow = await contender.workflow(client, emulator.url, prompts);
			const executionId = await client.start((await client.saveWorkflow(workflow)).id);
			return { executionId, execution: await client.finished(executionId, ASK_EVERY_MS) };
		};
		// What a first run costs (modules, compiled code, connections) is not what is asked here.
		await run(2);
		const big =
			megabytes > 0 ? growPng(await picture({ prompt: 'big' }), megabytes * 2 ** 20) : null;
		if (big) emulator.faults.add({ reply: { status: 200, body: replyWith(big) } });
		await host.holdings();
		await sleep(3000);
		const restMb = host.memoryMb();

		await run(WARM_UP);
		const measured = async (): Promise<Measured> => {
			host.forgetPeak();
			const { executionId, execution } = await run(items);
			const aboveMb = host.peakMb() - restMb;
			const files = execution
				.items(contender.last)
				.flatMap((item) => Object.values(item.binary ?? {}));
			if (big) await expectSame(await client.download(files.at(-1)!), big);
			const { startedAt, stoppedAt } = await client.call<{ startedAt: string; stoppedAt: string }>(
				'GET',
				`/rest/executions/${executionId}`,
			);
			const ownMs = execution.run(contender.last)?.executionTime as number;
			return {
				images: files.length,
				executionS: (Date.parse(stoppedAt) - Date.parse(startedAt)) / 1000,
				nodeS: contender.last === 'Images' ? ownMs / 1000 : null,
				maxInFlight: emulator.maxInFlight,
				restMb,
				aboveMb,
			};
		};
		let fastest: Measured | null = null;
		for (let again = 0; again < times; again += 1) {
			const seen = await Promise.race([measured(), sleep(LIMIT_MS, null, { ref: false })]);
			if (seen === null) return null;
			if (fastest === null || seen.executionS < fastest.executionS) fastest = seen;
		}
		return fastest;
	} catch (reason) {
		console.log(`${contender.name}, ${items} items: ${String(reason)}`);
		return null;
	} finally {
		await host.stop();
		await emulator.close();
	}
}

/** As Google writes it, ready made: to draw large pictures would cost the machine more than to receive them. */
function replyWith(image: Buffer): string {
	const parts = [{ inlineData: { mimeType: 'image/png', data: image.toString('base64') } }];
	const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }];
	return JSON.stringify({ candidates, modelVersion: 'gemini-nano-banana-2.1' }, null, 2);
}

async function expectSame(file: Buffer, image: Buffer): Promise<void> {
	const [there, sent] = [file, image].map((bytes) =>
		createHash('sha256').update(bytes).digest('hex'),
	);
	if (there !== sent) throw new Error('n8n has stored other bytes than were sent.');
}
