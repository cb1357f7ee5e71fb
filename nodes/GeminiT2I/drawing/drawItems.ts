import { NO_CALL, RequestInvalid, type NotMade, type Tenant } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from '../n8n/errors';
import type { FileNames } from '../planning/fileNames';
import type { ItemPlan } from '../planning/planItem';
import { isDrawable, type Planned } from '../planning/planRun';
import type { Run } from './ledger';
import { settledOf, storeImages, type Settled, type StemFor } from './settled';
import type { Unclaimed } from './unclaimed';
import { wishOf, type Wish } from './wish';

interface Drawing {
	readonly context: IExecuteFunctions;
	readonly tenant: Tenant;
	readonly unclaimed: Unclaimed;
	readonly run: Run;
	readonly fileNames: FileNames;
	readonly signal: AbortSignal;
	/** To be told of whatever comes to nothing beside a call. */
	onFailure(): void;
}

/**
 * Settles all images of all items, in input order: first takes over what an earlier run has paid for and not handed on, then
 * draws the others.
 * @throws the signal's reason once it is aborted
 */
export async function drawItems(
	items: readonly Planned[],
	drawing: Drawing,
): Promise<readonly (readonly Settled[])[]> {
	const asked = await Promise.all(
		items.map(async (planned) =>
			isDrawable(planned)
				? await claimItem(planned, stemsOf(planned, drawing), drawing)
				: planned.failure,
		),
	);
	const results = asked.map(async (each) =>
		'wish' in each ? await drawItem(each, drawing) : [each],
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

/** The images of one item, each with its names; null is one that has to be drawn. */
interface Asked {
	readonly wish: Wish;
	readonly calls: readonly {
		readonly stemFor: StemFor;
		readonly claimed: readonly Settled[] | null;
	}[];
}

async function claimItem(
	{ request }: ItemPlan,
	stems: readonly string[],
	{ context, fileNames, tenant, unclaimed, onFailure }: Drawing,
): Promise<Asked> {
	const wish = wishOf(context, request);
	const calls = await Promise.all(
		stems.map(async (stem) => {
			const stemFor: StemFor = (place) => (place === 0 ? stem : fileNames.take(stem, false));
			return { stemFor, claimed: await unclaimed.claim(wish, stemFor) };
		}),
	);
	const claimed = calls.flatMap((call) => call.claimed ?? []);
	if (claimed.some(({ status }) => status !== 'ok')) onFailure();
	if (claimed.some(({ status }) => status === 'refused')) tenant.withdraw(wish.request);
	return { wish, calls };
}

async function drawItem({ wish, calls }: Asked, drawing: Drawing): Promise<readonly Settled[]> {
	const results = await Promise.all(
		calls.map(async ({ claimed, stemFor }) => claimed ?? (await drawOne(wish, stemFor, drawing))),
	);
	return results.flat();
}

async function drawOne(
	wish: Wish,
	stemFor: StemFor,
	{ context, tenant, unclaimed, signal, onFailure }: Drawing,
): Promise<readonly Settled[]> {
	try {
		const drawn = await tenant.draw(wish.request, async ({ images }) => {
			const kept = await storeImages(context, images, stemFor);
			// While its permit is held, so that nothing is started in its place.
			if (kept.lost.length > 0) onFailure();
			return kept;
		});
		const settled = settledOf(drawn);
		unclaimed.remember(wish, settled);
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
