import type { ImageRequest, Tenant } from 'gemini-t2i';
import type { IExecuteFunctions } from 'n8n-workflow';
import pLimit from 'p-limit';
import type { FileNames } from './fileNames';
import { keep } from './keep';
import { keyOf, type Ledger, type Run } from './ledger';
import { wordsOf } from './nodeMessage';
import type { ItemPlan } from './plan';
import { isDrawable, type Planned } from './planAll';
import { load } from './references';
import { NO_CALL, settle, type Failure, type Settled } from './settled';
import type { Stop } from './stop';

interface Drawing {
	readonly context: IExecuteFunctions;
	readonly tenant: Tenant;
	readonly ledger: Ledger;
	readonly run: Run;
	readonly fileNames: FileNames;
	readonly concurrency: number;
	readonly signal: AbortSignal;
	readonly stop: Stop;
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
	const { context, ledger, run } = drawing;
	const keys = stems.map((_, index) => keyOf(run, plan, index));
	const isMissing = keys.some((key) => ledger.find(key) === undefined);
	let { request } = plan;
	// After a stop nothing is sent any more, so nothing need be loaded.
	if (isMissing && plan.references.length > 0 && !drawing.stop.isStopped) {
		try {
			request = { ...request, referenceImages: await load(context, plan.item, plan.references) };
		} catch (reason) {
			drawing.stop.onFailure();
			return stems.map(() => unreadable(reason));
		}
	}
	return await Promise.all(
		stems.map(async (stem, index) => {
			const key = keys[index]!;
			return ledger.find(key) ?? (await drawOne(request, { key, stem }, drawing));
		}),
	);
}

async function drawOne(
	request: ImageRequest,
	{ key, stem }: { readonly key: string; readonly stem: string },
	{ context, tenant, ledger, fileNames, signal, stop }: Drawing,
): Promise<Settled> {
	let settled: Settled;
	try {
		const drawn = await tenant.draw(request, async (made) => {
			ledger.spend(made.costUsd ?? 0);
			const stemFor = (place: number) => (place === 0 ? stem : fileNames.take(stem, false));
			return await keep(context, made, stemFor);
		});
		settled = settle(drawn);
		if (settled.status === 'ok') ledger.record(key, settled);
		else ledger.spend(settled.facts.costUsd ?? 0);
	} catch (reason) {
		signal.throwIfAborted();
		stop.onFailure();
		settled = unstored(reason);
	}
	return settled;
}

const unreadable = (reason: unknown): Failure => ({
	status: 'failed',
	code: 'badRequest',
	message: `An input image could not be used: ${wordsOf(reason)} Check the node before this one.`,
	facts: NO_CALL,
});

const unstored = (reason: unknown): Failure => ({
	status: 'failed',
	code: 'notStored',
	message: `The image was made, but n8n could not store it: ${wordsOf(reason)} Check n8n's storage and run the item again.`,
	facts: NO_CALL,
});
