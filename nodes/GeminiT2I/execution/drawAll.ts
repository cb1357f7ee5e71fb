import { NO_CALL, type ImageRequest, type NotMade, type Tenant } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import pLimit from 'p-limit';
import type { FileNames } from './fileNames';
import { keyOf, type Ledger, type Run } from './ledger';
import { wordsOf } from '../n8n/errors';
import type { ItemPlan } from './plan';
import { isDrawable, type Planned } from './planAll';
import { load } from './references';
import { keep, settle, type Settled } from './settled';

interface Drawing {
	readonly context: IExecuteFunctions;
	readonly tenant: Tenant;
	readonly ledger: Ledger;
	readonly run: Run;
	readonly fileNames: FileNames;
	readonly concurrency: number;
	readonly signal: AbortSignal;
	/** To be told of whatever comes to nothing beside a call. */
	onFailure(): void;
}

/**
 * Draws all images of all items and settles each of them, in input order. Images that an earlier try of this run has
 * made are not made again.
 * @throws the signal's reason once it is aborted
 */
export async function drawAll(
	items: readonly Planned[],
	drawing: Drawing,
): Promise<readonly (readonly Settled[])[]> {
	// Loaded images wait here in small numbers, so that memory follows the concurrency.
	const lookAhead = pLimit(2 * drawing.concurrency);
	const results = items.map(async (planned) => {
		if (!isDrawable(planned)) return [planned.failure];
		const stems = stemsOf(planned, drawing);
		if (planned.references.length === 0) return await drawItem(planned, stems, drawing);
		return await lookAhead(async () => await drawItem(planned, stems, drawing));
	});
	const settled = await Promise.allSettled(results);
	drawing.signal.throwIfAborted();
	return settled.map((result) => {
		if (result.status === 'rejected') throw result.reason;
		return result.value;
	});
}

/** Fixed before the first call: whatever arrives first, names follow the input. */
function stemsOf({ item, count, stem }: ItemPlan, { context, run, fileNames }: Drawing): string[] {
	return Array.from({ length: count }, (_, index) => {
		const unique = `image-${context.getExecutionId()}-${run.number}-${item}-${index + 1}`;
		return fileNames.take(stem ?? unique, stem !== null && count > 1);
	});
}

async function drawItem(
	plan: ItemPlan,
	stems: readonly string[],
	drawing: Drawing,
): Promise<readonly Settled[]> {
	const { context, ledger, run, fileNames, tenant, signal } = drawing;
	const calls = stems.map((stem, index) => {
		const key = keyOf(run, plan, index);
		return { key, stem, known: ledger.find(key) };
	});
	let { request } = plan;
	for (const { known } of calls) {
		if (known?.status === 'ok') known.images.forEach(({ stem }) => fileNames.reserve(stem));
		else if (known) {
			drawing.onFailure();
			tenant.withdraw(request);
		}
	}
	const isMissing = calls.some(({ known }) => known === undefined);
	// What nothing is sent for any more need not be loaded.
	if (isMissing && plan.references.length > 0 && !signal.aborted && tenant.mayStart(request)) {
		try {
			request = { ...request, referenceImages: await load(context, plan.item, plan.references) };
		} catch (reason) {
			drawing.onFailure();
			return stems.map(() => unreadable(reason));
		}
	}
	const settled = await Promise.all(
		calls.map(async (call) => (call.known ? [call.known] : await drawOne(request, call, drawing))),
	);
	return settled.flat();
}

async function drawOne(
	request: ImageRequest,
	{ key, stem }: { readonly key: string; readonly stem: string },
	{ context, tenant, ledger, fileNames, signal, onFailure }: Drawing,
): Promise<readonly Settled[]> {
	try {
		const drawn = await tenant.draw(request, async (made) => {
			const stemFor = (place: number) => (place === 0 ? stem : fileNames.take(stem, false));
			return await keep(context, made, stemFor);
		});
		const settled = settle(drawn);
		for (const each of settled) {
			ledger.record(key, each);
			if (each.status === 'failed') onFailure();
			ledger.spend(each.account.costUsd ?? 0);
		}
		return settled;
	} catch (reason) {
		signal.throwIfAborted();
		onFailure();
		return [unforeseen(reason)];
	}
}

const unreadable = (reason: unknown): NotMade => ({
	status: 'failed',
	code: 'badRequest',
	message: `An input image could not be used: ${wordsOf(reason)} Check the node before this one.`,
	account: NO_CALL,
});

const unforeseen = (reason: unknown): NotMade => ({
	status: 'failed',
	code: 'unforeseen',
	message: `Something unforeseen came between: ${wordsOf(reason)}. Run the item again, and report it if it stays.`,
	account: NO_CALL,
});
