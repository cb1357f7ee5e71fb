import { addressesOf, checkLanes, type PoolSettings } from 'gemini-t2i';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { n8nFetch } from '../n8nFetch';
import { cancelSignal, canceled } from './cancel';
import { clock } from './clock';
import { readSettings } from './credential';
import { nodeMessage, wordsOf } from './nodeMessage';

/** Longer than any healthy endpoint needs. */
const PATIENCE_MS = 20_000;

/** One item per lane: which key at which endpoint answers, and what to do about the others. No image is made. */
export async function checkEndpoints(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const signal = cancelSignal(context);
	const settings = await settingsOf(context);
	const lanes = await checkLanes(settings.endpoints.flatMap(addressesOf), {
		...clock,
		fetch: n8nFetch(context),
		signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
	});
	if (signal.aborted) throw canceled(context);
	return [lanes.map((lane) => ({ json: { ...lane }, pairedItem: { item: 0 } }))];
}

async function settingsOf(context: IExecuteFunctions): Promise<PoolSettings> {
	try {
		return await readSettings(context);
	} catch (reason) {
		throw nodeMessage(context, wordsOf(reason));
	}
}
