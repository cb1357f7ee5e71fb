import {
	NO_CALL,
	RequestInvalid,
	SettingsInvalid,
	estimateCostUsd,
	type NotMade,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { settingsReader } from '../n8n/credential';
import { cancelSignal, inSteps, nodeMessage, wordsOf } from '../n8n/host';
import { layoutOf, planItem, ticketOf, type ItemPlan, type Layout } from './planItem';
import { DEFAULT_RUN_OPTIONS, optionsOf, runOptionsOf, type RunOptions } from './parameters';

/** An item that cannot be drawn, found out before any call. */
export interface Unplanned {
	readonly item: number;
	readonly layout: Layout;
	/** Where it is in a batch all the same. */
	readonly ticket: string;
	readonly failure: NotMade;
	readonly reason: unknown;
}

export type Planned = ItemPlan | Unplanned;

export interface RunPlan {
	readonly options: RunOptions;
	/** One for each item of the input, at its place. */
	readonly items: readonly Planned[];
}

export const isDrawable = (planned: Planned): planned is ItemPlan => 'request' in planned;

/** More than a run can hand on in one go, and hours of images that a stop would lose. */
const MOST_IMAGES = 20_000;

/**
 * Checks the credential, the options and every item before anything is paid for. Unless the run shall stop, what
 * cannot work becomes a failed item: n8n would pass the inputs of a node that throws to its first output.
 * @throws what n8n shows, where the run shall stop
 */
export async function planRun(context: IExecuteFunctions, isStopping: boolean): Promise<RunPlan> {
	const count = context.getInputData().length;
	const failed = (item: number, reason: unknown): Unplanned => {
		const message = wordsOf(reason);
		const failure: NotMade = { status: 'failed', code: 'badRequest', message, account: NO_CALL };
		return { item, ...keptOf(context, item), failure, reason };
	};
	/** What concerns all rows. */
	const inVain = async (reason: unknown): Promise<RunPlan> => {
		if (isStopping || cancelSignal(context).aborted) throw forPeople(context, reason);
		const items = await inSteps(context, count, (item) => failed(item, reason));
		return { options: DEFAULT_RUN_OPTIONS, items };
	};
	const shared = sharedOptions(context, count);
	if ('reason' in shared) return await inVain(shared.reason);
	const { options, broken } = shared;
	const settingsOf = settingsReader(context);
	const plan = async (item: number): Promise<Planned> => {
		if (broken.has(item)) return failed(item, broken.get(item));
		try {
			const planned = await planItem(context, item, await settingsOf(item));
			refuseUnknownPrice(planned, options);
			return planned;
		} catch (reason) {
			return failed(item, reason);
		}
	};
	let images = 0;
	try {
		refuseTooMany(count);
		const items = await inSteps(context, count, plan, (step) => {
			for (const planned of step) {
				if (isDrawable(planned)) images += planned.count;
				else if (isStopping) throw forPeople(context, planned.reason, planned.item);
			}
			refuseTooMany(images);
		});
		return { options, items };
	} catch (reason) {
		return await inVain(reason);
	}
}

function refuseTooMany(images: number): void {
	if (images <= MOST_IMAGES) return;
	throw new RequestInvalid(
		`This run asks for more than ${MOST_IMAGES} images, which is the most for one run. Put this node into Loop Over Items with batches of 20, and check Number of Images.`,
	);
}

type Shared =
	| { readonly options: RunOptions; readonly broken: ReadonlyMap<number, unknown> }
	| { readonly reason: unknown };

/** What the first row decides for all. Where its expression of an option leads nowhere it fails, and the next one decides that. */
function sharedOptions(context: IExecuteFunctions, count: number): Shared {
	const broken = new Map<number, unknown>();
	const first = (read: (item: number) => unknown): unknown => {
		const last = Math.max(0, count - 1);
		for (let item = 0; item < last; item++) {
			try {
				return read(item);
			} catch (reason) {
				broken.set(item, reason);
			}
		}
		return read(last);
	};
	try {
		return { options: runOptionsOf(context, first), broken };
	} catch (reason) {
		return { reason };
	}
}

/** A limit on money that cannot be computed would be none. */
function refuseUnknownPrice({ request }: ItemPlan, { maxCostUsd }: RunOptions): void {
	if (maxCostUsd === 0 || estimateCostUsd(request) !== null) return;
	throw new RequestInvalid(
		`The price of ${request.model} is not known, so Maximum Cost cannot be kept. Set it to 0, or choose another model.`,
	);
}

const isOurs = (reason: unknown): reason is Error =>
	reason instanceof SettingsInvalid || reason instanceof RequestInvalid;

/** n8n's own messages about expressions and credentials know more than we could add. n8n names the item itself. */
const forPeople = (context: IExecuteFunctions, reason: unknown, item?: number): unknown =>
	isOurs(reason) ? nodeMessage(context, reason.message, { itemIndex: item }) : reason;

/** What an item keeps that cannot be drawn: how it is handed on, and what it was given when it was handed in. */
const keptOf = (context: IExecuteFunctions, item: number) => ({
	layout: readOr(layoutOf({}), () => layoutOf(optionsOf(context, item))),
	ticket: readOr('', () => ticketOf(context, item)),
});

function readOr<T>(fallback: T, read: () => T): T {
	try {
		return read();
	} catch {
		return fallback;
	}
}
