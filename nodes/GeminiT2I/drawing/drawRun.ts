import type { LaneStatus, Pool, Tenant } from 'gemini-t2i/pool';
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
	const contents = new Set(plan.items.filter(isDrawable).map(({ settings }) => settings));
	const pools = [...contents].map((settings) => [settings, openPool(context, settings)] as const);
	const tenants = new Map(
		pools.map(([settings, pool]) => [
			settings,
			join(pool, context, plan, ledger, onError === 'stop', pools.length),
		]),
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

const join = (
	pool: Pool,
	context: IExecuteFunctions,
	{ options, items }: RunPlan,
	ledger: Ledger,
	stopOnFailure: boolean,
	sharers: number,
): Tenant =>
	pool.join({
		fetch: n8nFetch(context),
		sleep: pause,
		signal: cancelSignal(context),
		concurrency: Math.max(1, Math.floor(options.concurrency / sharers)),
		timeoutMs: options.timeoutMs ?? usualTimeoutMs(items),
		maxRetries: options.maxRetries,
		retryDelayMs: options.retryDelayMs,
		stopStartingAt:
			options.stopStartingAfterMs === 0 ? null : ledger.startedAt + options.stopStartingAfterMs,
		stopOnFailure,
		isAttended: context.getMode() === 'manual',
		names: NAMES,
		budget: ledger.budgetFor(options.maxCostUsd),
	});

/** Google takes its time with flex. */
const usualTimeoutMs = (items: RunPlan['items']): number =>
	items.some((planned) => isDrawable(planned) && planned.request.serviceTier === 'flex')
		? 900_000
		: 300_000;
