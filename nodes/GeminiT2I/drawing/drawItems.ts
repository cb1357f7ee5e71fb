import {
	NO_CALL,
	RequestInvalid,
	type ImageRequest,
	type NotMade,
	type Tenant,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from '../n8n/errors';
import type { FileNames } from '../planning/fileNames';
import type { ItemPlan } from '../planning/planItem';
import { isDrawable, type Planned } from '../planning/planRun';
import { keyOf, type Ledger, type Run } from './ledger';
import { settledOf, storeImages, type Settled } from './settled';

interface Drawing {
	readonly context: IExecuteFunctions;
	readonly tenant: Tenant;
	readonly ledger: Ledger;
	readonly run: Run;
	readonly fileNames: FileNames;
	readonly signal: AbortSignal;
	/** To be told of whatever comes to nothing beside a call. */
	onFailure(): void;
}

/**
 * Draws all images of all items and settles each of them, in input order. Images that an earlier try of this run has
 * made are not made again.
 * @throws the signal's reason once it is aborted
 */
export async function drawItems(
	items: readonly Planned[],
	drawing: Drawing,
): Promise<readonly (readonly Settled[])[]> {
	const results = items.map(async (planned) =>
		isDrawable(planned)
			? await drawItem(planned, stemsOf(planned, drawing), drawing)
			: [planned.failure],
	);
	const settled = await Promise.allSettled(results);
	drawing.signal.throwIfAborted();
	return settled.map((result) => {
		if (result.status === 'rejected') throw result.reason;
		return result.value;
	});
}

/** Fixed before the first call: whatever arrives first, names follow the input. */
export function stemsOf(
	{ item, count, stem }: ItemPlan,
	{ context, run, fileNames }: Pick<Drawing, 'context' | 'run' | 'fileNames'>,
): string[] {
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
	const { ledger, run, fileNames, tenant } = drawing;
	const { request } = plan;
	const calls = stems.map((stem, index) => {
		const key = keyOf(run, plan, index);
		return { key, stem, known: ledger.find(key) };
	});
	for (const { known } of calls) {
		if (known?.status === 'ok') known.images.forEach(({ stem }) => fileNames.reserve(stem));
		else if (known) {
			drawing.onFailure();
			tenant.withdraw(request);
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
			const kept = await storeImages(context, made, stemFor);
			// While its permit is held, so that nothing is started in its place.
			if (kept.lost.length > 0) onFailure();
			return kept;
		});
		const settled = settledOf(drawn);
		for (const each of settled) ledger.remember(key, each);
		return settled;
	} catch (reason) {
		signal.throwIfAborted();
		return [reason instanceof RequestInvalid ? unreadable(reason) : unforeseen(reason)];
	}
}

const unreadable = (reason: RequestInvalid): NotMade => ({
	status: 'failed',
	code: 'badRequest',
	message: `An input image could not be used: ${reason.message} Check the node before this one.`,
	account: NO_CALL,
});

const unforeseen = (reason: unknown): NotMade => ({
	status: 'failed',
	code: 'unforeseen',
	message: `Something unforeseen came between: ${wordsOf(reason)}. Run the item again, and report it if it stays.`,
	account: NO_CALL,
});
