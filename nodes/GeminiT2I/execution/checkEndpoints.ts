import { addressesOf, type CheckedLane, checkLanes, systemClock } from 'gemini-t2i';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { n8nFetch } from '../n8nFetch';
import { cancelSignal, canceled, pause } from './cancel';
import { readSettings } from './credential';
import { nodeMessage, wordsOf } from './nodeMessage';
import { onErrorOf } from './onError';

/** Longer than any healthy endpoint needs. */
export const PATIENCE_MS = 20_000;

/** One item per lane: which key at which endpoint answers, and what to do about the others. No image is made. */
export async function checkEndpoints(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const signal = cancelSignal(context);
	const lanes = await lanesOf(context, signal);
	if (signal.aborted) throw canceled(context);
	return [lanes.map((lane) => ({ json: { ...lane }, pairedItem: { item: 0 } }))];
}

/** Settings that cannot work are a finding too: n8n would pass the inputs of a node that throws to its first output. */
async function lanesOf(
	context: IExecuteFunctions,
	signal: AbortSignal,
): Promise<readonly CheckedLane[]> {
	try {
		const settings = await readSettings(context);
		return await checkLanes(settings.endpoints.flatMap(addressesOf), {
			...systemClock,
			fetch: n8nFetch(context),
			sleep: pause,
			signal,
			patienceMs: PATIENCE_MS,
		});
	} catch (reason) {
		const message = wordsOf(reason);
		if (onErrorOf(context) === 'stop') throw nodeMessage(context, message);
		return [{ lane: '', endpoint: '', ok: false, status: null, message, latencyMs: 0 }];
	}
}
