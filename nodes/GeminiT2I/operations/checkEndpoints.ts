import {
	addressesOf,
	checkBatches,
	checkLanes,
	standingOf,
	type CheckedLane,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { askingBy, CHECK_PATIENCE_MS, cancelSignal, canceled } from '../n8n/host';
import { openPool, readSettings, reopenLanes } from '../n8n/credential';
import { nodeMessage, wordsOf, onErrorOf } from '../n8n/errors';

/** One item per lane: which key at which endpoint answers, and what to do about the others. No image is made. */
export async function checkEndpoints(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const signal = cancelSignal(context);
	const lanes = await lanesOf(context, signal);
	if (signal.aborted) throw canceled(context);
	return [lanes.map((lane) => ({ json: { ...lane }, pairedItem: { item: 0 } }))];
}

const batchSentence = (hasBatch: boolean): string =>
	hasBatch
		? 'It can also make images in batch.'
		: 'This endpoint has no Batch API: it makes no images in batch.';

/** Settings that cannot work are a finding too: n8n would pass the inputs of a node that throws to its first output. */
async function lanesOf(
	context: IExecuteFunctions,
	signal: AbortSignal,
): Promise<readonly CheckedLane[]> {
	try {
		const settings = await readSettings(context);
		const asking = askingBy(context, signal, CHECK_PATIENCE_MS);
		const addresses = settings.endpoints.flatMap(addressesOf);
		const checked = await checkLanes(addresses, asking);
		reopenLanes(addresses.filter((_, index) => checked[index]!.ok));
		const standing = openPool(context, settings).status();
		const batches = await checkBatches(addresses, asking);
		return checked.map((lane, index) => {
			const sentences = lane.ok
				? [standingOf(standing[index]!), batchSentence(batches[index]!)]
				: [];
			return { ...lane, message: [lane.message, ...sentences].filter(Boolean).join(' ') };
		});
	} catch (reason) {
		const message = wordsOf(reason);
		if (onErrorOf(context) === 'stop') throw nodeMessage(context, message);
		return [{ lane: '', endpoint: '', ok: false, status: null, message, latencyMs: 0 }];
	}
}
