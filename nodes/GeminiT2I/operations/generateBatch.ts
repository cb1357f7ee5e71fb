import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { batchRun } from '../drawing/batchRun';
import { withLedger } from '../drawing/ledger';
import { isToolCall, nodeMessage, onErrorOf } from '../n8n/errors';
import { canceled, cancelSignal } from '../n8n/host';
import { batchItems } from '../output/batchItems';
import { planRun } from '../planning/planRun';

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
