import type { JoinOptions, LaneStatus, Pool, PoolSettings, Tenant } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { openPool } from '../n8n/credential';
import { n8nFetch } from '../n8n/fetch';
import { canceled, cancelSignal, NAMES, pause, type OnError } from '../n8n/host';
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
 * Puts the run on the pools of its credential, one for each content that its rows see, and draws its images.
 * @throws n8n's word for a stopped execution
 */
export async function drawRun(
	context: IExecuteFunctions,
	plan: RunPlan,
	{ ledger, unclaimed }: Shared,
	onError: OnError,
): Promise<Finished> {
	const signal = cancelSignal(context);
	const shares = sharesOf(plan);
	const pools = [...shares.keys()].map(
		(settings) => [settings, openPool(context, settings)] as const,
	);
	const { maxCostUsd, concurrency, stopStartingAfterMs } = plan.options;
	// The limits of the run hold for all its credentials together.
	const budget = ledger.budgetFor(maxCostUsd, concurrency);
	const stopStartingAt = ledger.timeAfter(stopStartingAfterMs);
	const tenants = new Map(
		pools.map(([settings, pool]) => {
			const most = Math.max(1, Math.round(concurrency * shares.get(settings)!));
			const limits = { budget, stopStartingAt, concurrency: most };
			return [settings, join(pool, context, plan, limits, onError === 'stop')];
		}),
	);
	const all = [...tenants.values()];
	const run = runOf(context);
	try {
		const results = await drawItems(plan.items, {
			context,
			tenantOf: ({ settings }) => tenants.get(settings)!,
			unclaimed,
			run,
			fileNames: ledger.fileNamesFor(run),
			signal,
			onFailure: () => onError === 'stop' && all.forEach((tenant) => tenant.stopStarting()),
		});
		const { spentUsd } = ledger;
		return { plan, results, onError, spentUsd, lanes: pools.flatMap(([, pool]) => pool.status()) };
	} catch (reason) {
		throw signal.aborted ? canceled(context) : reason;
	} finally {
		for (const tenant of all) tenant.leave();
	}
}

/** How much of a run is for each content of its credential: one that hangs holds no more of the calls than that. */
function sharesOf({ items }: RunPlan): ReadonlyMap<PoolSettings, number> {
	const images = new Map<PoolSettings, number>();
	for (const { settings, count } of items.filter(isDrawable))
		images.set(settings, (images.get(settings) ?? 0) + count);
	const all = [...images.values()].reduce((sum, count) => sum + count, 0);
	return new Map([...images].map(([settings, count]) => [settings, count / all]));
}

const join = (
	pool: Pool,
	context: IExecuteFunctions,
	{ options }: RunPlan,
	limits: Pick<JoinOptions, 'budget' | 'stopStartingAt' | 'concurrency'>,
	stopOnFailure: boolean,
): Tenant =>
	pool.join({
		fetch: n8nFetch(context),
		sleep: pause,
		signal: cancelSignal(context),
		...limits,
		timeoutMs: options.timeoutMs,
		maxRetries: options.maxRetries,
		retryDelayMs: options.retryDelayMs,
		stopOnFailure,
		isAttended: context.getMode() === 'manual',
		names: NAMES,
	});
