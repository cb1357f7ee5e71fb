import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { drawRun } from '../drawing/drawRun';
import { withLedger } from '../drawing/ledger';
import { withUnclaimed } from '../drawing/unclaimed';
import { onErrorOf } from '../n8n/errors';
import { canceled, cancelSignal } from '../n8n/host';
import { handOn } from '../output/handOn';
import { planRun } from '../planning/planRun';

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
