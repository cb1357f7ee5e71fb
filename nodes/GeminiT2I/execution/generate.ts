import type { Pool, Tenant } from 'gemini-t2i/pool';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { n8nFetch } from '../n8n/fetch';
import { cancelSignal, canceled, pause } from '../n8n/host';
import { drawAll } from './drawAll';
import { type Ledger, type Run, withLedger } from './ledger';
import { onErrorOf } from '../n8n/errors';
import { outputItems } from './output';
import { isDrawable, planAll, type RunPlan } from './planAll';
import { openPool } from './credential';
import type { RunOptions } from './parameters';
import type { Settled } from './settled';
import { throwIfFailed } from './stop';
import { addSummary } from './summary';

type Results = readonly (readonly Settled[])[];

/** Makes the images of all items: everything is checked, then drawn, then handed on as the user chose. */
export async function generate(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (cancelSignal(context).aborted) throw canceled(context);
	const onError = onErrorOf(context);
	const plan = await planAll(context, onError === 'stop');
	return await withLedger(context, async (ledger) => {
		const pool = plan.settings === null ? null : openPool(context, plan.settings);
		const results = await resultsOf(context, plan, ledger, pool);
		if (onError === 'stop') throwIfFailed(context, plan.items, results);
		const { options } = plan;
		addSummary(context, { results, options, onError, ledger, lanes: pool?.status() ?? [] });
		return [outputItems(plan.items, results, { context, onError, options })];
	});
}

async function resultsOf(
	context: IExecuteFunctions,
	{ items, options }: RunPlan,
	ledger: Ledger,
	pool: Pool | null,
): Promise<Results> {
	if (pool === null) return items.map((planned) => (isDrawable(planned) ? [] : [planned.failure]));
	const signal = cancelSignal(context);
	const isStopping = onErrorOf(context) === 'stop';
	const tenant = join(context, pool, options, ledger, isStopping);
	const onFailure = () => isStopping && tenant.stopStarting();
	const run: Run = {
		node: context.getNode().name,
		number: context.getWorkflowDataProxy(0).$runIndex as number,
	};
	try {
		return await drawAll(items, {
			context,
			tenant,
			ledger,
			run,
			fileNames: ledger.fileNamesFor(run),
			concurrency: options.concurrency,
			signal,
			onFailure,
		});
	} catch (reason) {
		throw signal.aborted ? canceled(context) : reason;
	} finally {
		tenant.leave();
	}
}

const join = (
	context: IExecuteFunctions,
	pool: Pool,
	options: RunOptions,
	ledger: Ledger,
	stopOnFailure: boolean,
): Tenant =>
	pool.join({
		fetch: n8nFetch(context),
		sleep: pause,
		signal: cancelSignal(context),
		concurrency: options.concurrency,
		timeoutMs: options.timeoutMs,
		maxRetries: options.maxRetries,
		retryDelayMs: options.retryDelayMs,
		stopStartingAt:
			options.stopStartingAfterMs === 0 ? null : ledger.startedAt + options.stopStartingAfterMs,
		stopOnFailure,
		budget: options.maxCostUsd === 0 ? null : ledger.budgetFor(options.maxCostUsd),
	});
