import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { BatchRun, Waiting } from '../drawing/batchRun';
import { isDrawable, type Planned } from '../planning/planRun';
import { roundedUsd } from './generation';
import { handOn } from './handOn';
import { passedOn } from './items';

/** Two outputs: what is done, as from Generate, and what is not ready yet. */
export async function batchItems(
	context: IExecuteFunctions,
	{ finished, waiting }: BatchRun,
): Promise<INodeExecutionData[][]> {
	const { items } = finished.plan;
	const done = await handOn(context, finished, waiting.size);
	for (const { json, pairedItem } of done) {
		const generation = json.generation as IDataObject;
		const { item } = pairedItem as { item: number };
		const planned = items.find((each) => each.item === item)!;
		generation.batch = ticketOf(planned, String(generation.code));
	}
	const notReady = [...waiting].map(([place, each]) => {
		const planned = items[place]!;
		return passedOn(context, planned, generationOf(planned, each));
	});
	return [done, notReady];
}

/** What Google still has, or may have, can be asked for again; anything else is to be handed in anew. */
const STILL_THERE = new Set(['batchChanged', 'batchOfOtherProject', 'notStored', 'batchUnknown']);

const ticketOf = (planned: Planned, code: string): string =>
	isDrawable(planned) && STILL_THERE.has(code) ? planned.ticket : '';

/** Under the names that an image has, too. */
function generationOf(planned: Planned, { code, message, ticket, usd }: Waiting): IDataObject {
	const request = isDrawable(planned) ? planned.request : null;
	return {
		status: 'pending',
		code,
		message,
		batch: ticket,
		fileName: null,
		index: 0,
		model: request?.model ?? null,
		aspectRatio: request && (request.aspectRatio ?? 'auto'),
		width: null,
		height: null,
		estimatedCostUsd: usd === null ? null : roundedUsd(usd),
		text: '',
	};
}
