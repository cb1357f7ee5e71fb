import { isStillThere, type NotMade } from 'gemini-t2i/pool';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { BatchRun, Waiting } from '../drawing/batchRun';
import type { Finished } from '../drawing/drawRun';
import { nodeMessage } from '../n8n/host';
import { isDrawable, type Planned } from '../planning/planRun';
import { roundedUsd } from './generation';
import { outputItems, passedOn } from './items';
import { addSummary, isOfEndpoint } from './summary';

/**
 * What a run hands on: its items, and a summary below them.
 * @param waiting items that are not ready yet; null where nothing is waited for
 * @throws for the failed item that comes first in the input, where the user chose to stop
 */
export async function handOn(
	context: IExecuteFunctions,
	finished: Finished,
	waiting: readonly Waiting[] | null = null,
): Promise<INodeExecutionData[]> {
	if (finished.onError === 'stop') throwIfFailed(context, finished, waiting);
	addSummary(context, finished, waiting && waiting.length);
	return await outputItems(context, finished);
}

/** n8n names the item beside the message, and shows the description below it. */
function throwIfFailed(
	context: IExecuteFunctions,
	finished: Finished,
	waiting: readonly Waiting[] | null,
): void {
	const inBatch = (waiting ?? []).filter(({ ticket }) => ticket !== '').length;
	for (const [place, settled] of finished.results.entries()) {
		const end = settled.find(({ status }) => status === 'failed' || status === 'refused');
		if (end === undefined || end.status === 'ok') continue;
		const made = imagesIn(finished).length;
		const again = waiting === null ? againCosts(finished) : COLLECTED_AGAIN;
		throw nodeMessage(context, [end.message, keptBy(made, inBatch)].filter(Boolean).join(' '), {
			itemIndex: finished.plan.items[place]!.item,
			description: made + inBatch > 0 ? again : adviceFor(end, finished),
		});
	}
}

const imagesIn = ({ results }: Finished) =>
	results.flat().flatMap((each) => (each.status === 'ok' ? each.images : []));

function keptBy(made: number, inBatch: number): string {
	const told = [
		made > 0 ? `${made === 1 ? '1 image was' : `${made} images were`} made and paid for` : '',
		inBatch > 0 ? `${inBatch === 1 ? '1 item is' : `${inBatch} items are`} in a batch` : '',
	].filter(Boolean);
	if (told.length === 0) return '';
	return `${told.join(', and ')}; On Error "Continue (using error output)" keeps them.`;
}

const COLLECTED_AGAIN =
	'Google keeps what was handed in and paid for: run the same rows again, also by Retry, to collect it at no further cost.';

/** What running it again will pay for, by the Retry button too. n8n's files outlive the run, its memory does not. */
function againCosts(finished: Finished): string {
	return imagesIn(finished).every(({ binary }) => binary.id !== undefined)
		? 'Run it again or press Retry within a day: finished images are then handed on at no cost, and only the missing ones are paid for. This needs the same n8n process, so do it before n8n restarts.'
		: 'Running it again, also by Retry, pays for all images again, since this n8n keeps files in memory. To keep them, choose another N8N_DEFAULT_BINARY_DATA_MODE.';
}

/** Nothing was made. What concerns the whole run is not helped by handing on the other items. */
function adviceFor(end: NotMade, { results }: Finished): string {
	if (isOfEndpoint(end) || results.flat().length === 1) return 'No image was made.';
	return `No image was made, of ${results.flat().length}. In Settings, set On Error to "Continue (using error output)": one item without an image then does not end the run for the others.`;
}

/** Two outputs: what is done, as from Generate, and what is not ready yet. */
export async function batchItems(
	context: IExecuteFunctions,
	{ finished, waiting }: BatchRun,
): Promise<INodeExecutionData[][]> {
	const { items } = finished.plan;
	const done = await handOn(context, finished, [...waiting.values()]);
	for (const { json, pairedItem } of done) {
		const generation = json.generation as IDataObject;
		const { item } = pairedItem as { item: number };
		const planned = items[item]!;
		generation.batch = ticketOf(planned, String(generation.code));
	}
	const notReady = [...waiting].map(([place, each]) => {
		const planned = items[place]!;
		return passedOn(context, planned, generationOf(planned, each));
	});
	return [done, notReady];
}

/** What nobody has looked for, or n8n could not store, can be asked for again too; anything else is to be handed in anew. */
const ticketOf = (planned: Planned, code: string): string =>
	isDrawable(planned) && !isStillThere(code) && code !== 'notStored' ? '' : planned.ticket;

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
