import {
	NO_CALL,
	RequestInvalid,
	SettingsInvalid,
	estimateCostUsd,
	type NotMade,
	type PoolSettings,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { readSettings } from '../n8n/credential';
import { nodeMessage, wordsOf } from '../n8n/errors';
import { layoutOf, planItem, type ItemPlan, type Layout } from './planItem';
import { DEFAULT_RUN_OPTIONS, optionsOf, runOptionsOf, type RunOptions } from './parameters';

/** An item that cannot be drawn, found out before any call. */
export interface Unplanned {
	readonly item: number;
	readonly layout: Layout;
	readonly failure: NotMade;
}

export type Planned = ItemPlan | Unplanned;

export interface RunPlan {
	readonly options: RunOptions;
	/** Null where they cannot work; no item is drawable then. */
	readonly settings: PoolSettings | null;
	readonly items: readonly Planned[];
}

export const isDrawable = (planned: Planned): planned is ItemPlan => 'request' in planned;

/**
 * Checks the credential, the options and every item before anything is paid for. Unless the run shall stop, what
 * cannot work becomes a failed item: n8n would pass the inputs of a node that throws to its first output.
 * @throws what n8n shows, where the run shall stop
 */
export async function planRun(context: IExecuteFunctions, isStopping: boolean): Promise<RunPlan> {
	const inputs = context.getInputData();
	const unplanned = (reason: unknown, item: number, concerns: Concerns): Unplanned => {
		if (isStopping) throw forPeople(context, reason, item, concerns);
		const message = wordsOf(reason);
		const failure: NotMade = { status: 'failed', code: 'badRequest', message, account: NO_CALL };
		return { item, layout: layoutFor(context, item), failure };
	};
	let shared: Pick<RunPlan, 'options' | 'settings'>;
	try {
		const settings = await readSettings(context);
		shared = { settings, options: runOptionsOf(context) };
	} catch (reason) {
		const items = inputs.map((_, item) => unplanned(reason, item, 'all'));
		return { options: DEFAULT_RUN_OPTIONS, settings: null, items };
	}
	const items = inputs.map((_, item): Planned => {
		try {
			const plan = planItem(context, item);
			refuseUnknownPrice(plan, shared.options);
			return plan;
		} catch (reason) {
			return unplanned(reason, item, 'item');
		}
	});
	return { ...shared, items };
}

/** A limit on money that cannot be computed would be none. */
function refuseUnknownPrice({ request }: ItemPlan, { maxCostUsd }: RunOptions): void {
	if (maxCostUsd === 0 || estimateCostUsd(request) !== null) return;
	throw new RequestInvalid(
		`The price of ${request.model} is not known, so Maximum Cost cannot be kept. Set it to 0, or choose another model.`,
	);
}

type Concerns = 'item' | 'all';

/** n8n's own messages about expressions and credentials know more than we could add. */
function forPeople(
	context: IExecuteFunctions,
	reason: unknown,
	item: number,
	concerns: Concerns,
): unknown {
	if (!(reason instanceof SettingsInvalid || reason instanceof RequestInvalid)) return reason;
	const message = concerns === 'item' ? `Item ${item}: ${reason.message}` : reason.message;
	return nodeMessage(context, message, { itemIndex: item });
}

function layoutFor(context: IExecuteFunctions, item: number): Layout {
	try {
		return layoutOf(optionsOf(context, item));
	} catch {
		return layoutOf({});
	}
}
