import type { NotMade } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { nodeMessage } from '../n8n/errors';
import type { Planned } from './planAll';
import type { Settled } from './settled';

/** Under On Error "Stop Workflow": throws for the failed item that comes first in the input. */
export function throwIfFailed(
	context: IExecuteFunctions,
	items: readonly Planned[],
	results: readonly (readonly Settled[])[],
): void {
	for (const [place, settled] of results.entries()) {
		for (const each of settled) {
			if (each.status !== 'failed' && each.status !== 'refused') continue;
			const { item } = items[place]!;
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
