import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { batchRun } from './drawing/batchRun';
import { drawRun } from './drawing/drawRun';
import { withLedger } from './drawing/ledger';
import { withUnclaimed } from './drawing/unclaimed';
import { canceled, cancelSignal, isToolCall, nodeMessage, onErrorOf } from './n8n/host';
import { batchItems, handOn } from './output/handOn';
import { planRun } from './planning/planRun';

/** What the node does: a file of its own when built, loaded once it is needed, so that n8n starts without it. */
export { checkEndpoints, geminiT2IApiTest, searchModels } from './asking';

/** Makes the images of all items: everything is checked, then drawn, then handed on as the user chose. */
export async function generate(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (cancelSignal(context).aborted) throw canceled(context);
	const onError = onErrorOf(context);
	const plan = await planRun(context, onError === 'stop');
	return await withLedger(
		context,
		async (ledger) =>
			await withUnclaimed(context, async (unclaimed) => {
				const finished = await drawRun(context, plan, { ledger, unclaimed }, onError);
				return [await handOn(context, finished)];
			}),
	);
}

/** Makes images at half price: hands in what is new, collects what is done, and tells what is still to come. */
export async function generateBatch(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (cancelSignal(context).aborted) throw canceled(context);
	if (isToolCall(context)) {
		throw nodeMessage(
			context,
			'An AI agent cannot wait for a batch. Choose the operation Generate Image.',
		);
	}
	const onError = onErrorOf(context);
	const plan = await planRun(context, onError === 'stop');
	return await withLedger(context, async (ledger) =>
		batchItems(context, await batchRun(context, plan, ledger, onError)),
	);
}
