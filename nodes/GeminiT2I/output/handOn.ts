import type { NotMade } from 'gemini-t2i/pool';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Finished } from '../drawing/drawRun';
import { nodeMessage } from '../n8n/errors';
import { outputItems } from './items';
import { addSummary } from './summary';

/**
 * What a run hands on: its items, and a summary below them.
 * @param waiting items that are not ready yet; null where nothing is waited for
 * @throws for the failed item that comes first in the input, where the user chose to stop
 */
export function handOn(
	context: IExecuteFunctions,
	finished: Finished,
	waiting: number | null = null,
): INodeExecutionData[] {
	if (finished.onError === 'stop') throwIfFailed(context, finished);
	addSummary(context, finished, waiting);
	return outputItems(context, finished);
}

function throwIfFailed(context: IExecuteFunctions, { plan, results }: Finished): void {
	for (const [place, settled] of results.entries()) {
		for (const each of settled) {
			if (each.status !== 'failed' && each.status !== 'refused') continue;
			const { item } = plan.items[place]!;
			const made = results.flat().filter(({ status }) => status === 'ok').length;
			const message = `Item ${item}: ${each.message}`;
			throw nodeMessage(context, made === 0 ? message : `${message} ${keptBy(made)}`, {
				itemIndex: item,
				description: adviceFor(made, results.flat().length, each.status),
			});
		}
	}
}

const counted = (images: number): string =>
	images === 1 ? '1 image was' : `${images} images were`;

const keptBy = (made: number): string =>
	`${counted(made)} made and paid for; On Error "Continue (using error output)" keeps them.`;

const adviceFor = (made: number, wanted: number, status: NotMade['status']): string => {
	const advice = `${counted(made)} made, of ${wanted}. Open this node's Settings and set On Error to "Continue (using error output)": finished images are then passed on, and items without an image arrive at the second output with the reason.`;
	// The same prompt would be declined again, and is not sent again.
	return status === 'refused'
		? advice
		: `${advice} Or set Retry On Fail: images of this run are kept and only the missing ones are made.`;
};
