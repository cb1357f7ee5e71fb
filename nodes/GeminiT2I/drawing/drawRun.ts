import type { LaneStatus, Pool, Tenant } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { openPool } from '../n8n/credential';
import type { OnError } from '../n8n/errors';
import { n8nFetch } from '../n8n/fetch';
import { canceled, cancelSignal, NAMES, pause } from '../n8n/host';
import { isDrawable, type RunPlan } from '../planning/planRun';
import { drawItems } from './drawItems';
import { runOf, type Ledger } from './ledger';
import type { Settled } from './settled';
import type { Unclaimed } from './unclaimed';

/** A run whose images are all settled, in the order of its items. */
export interface Finished {
	readonly plan: RunPlan;
	readonly results: readonly (readonly Settled[])[];
	readonly onError: OnError;
	/** By the whole execution so far. */
	readonly spentUsd: number;
	readonly lanes: readonly LaneStatus[];
}

/** What a run shares with others. */
interface Shared {
	readonly ledger: Ledger;
	readonly unclaimed: Unclaimed;
}

/**
 * Puts the run on its credential's pool and draws its images.
 * @throws n8n's word for a stopped execution
 */
export async function drawRun(
	context: IExecuteFunctions,
	plan: RunPlan,
	shared: Shared,
	onError: OnError,
): Promise<Finished> {
	const pool = plan.settings === null ? null : openPool(context, plan.settings);
	const results =
		pool === null
			? plan.items.map((planned) => (isDrawable(planned) ? [] : [planned.failure]))
			: await drawOn(pool, context, plan, shared, onError === 'stop');
	const { spentUsd } = shared.ledger;
	return { plan, results, onError, spentUsd, lanes: pool?.status() ?? [] };
}

async function drawOn(
	pool: Pool,
	context: IExecuteFunctions,
	plan: RunPlan,
	{ ledger, unclaimed }: Shared,
	stopOnFailure: boolean,
): Promise<Finished['results']> {
	const signal = cancelSignal(context);
	const tenant = join(pool, context, plan, ledger, stopOnFailure);
	const run = runOf(context);
	try {
		return await drawItems(plan.items, {
			context,
			tenant,
			unclaimed,
			run,
			fileNames: ledger.fileNamesFor(run),
			signal,
			onFailure: () => stopOnFailure && tenant.stopStarting(),
		});
	} catch (reason) {
		throw signal.aborted ? canceled(context) : reason;
	} finally {
		tenant.leave();
	}
}

const join = (
	pool: Pool,
	context: IExecuteFunctions,
	{ options }: RunPlan,
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
		isAttended: context.getMode() === 'manual',
		names: NAMES,
		budget: ledger.budgetFor(options.maxCostUsd),
	});
