import {
	namesOf,
	NO_CALL,
	RequestInvalid,
	unreadableWords,
	type NotMade,
	type Tenant,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { NAMES, wordsOf } from '../n8n/host';
import type { FileNames } from '../planning/fileNames';
import type { ItemPlan } from '../planning/planItem';
import { isDrawable, type Planned } from '../planning/planRun';
import type { Run } from './ledger';
import { settledOf, storeImages, type Settled, type StemFor } from './settled';
import type { Unclaimed } from './unclaimed';
import { wishOf, type Wish } from './shelf';

interface Drawing {
	readonly context: IExecuteFunctions;
	readonly tenantOf: (plan: ItemPlan) => Tenant;
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
				? await claimItem(planned, drawing).catch(fallen(drawing))
				: [planned.failure],
		),
	);
	const settled = await Promise.all(
		asked.map(async (each) =>
			'wish' in each ? await drawItem(each, drawing).catch(fallen(drawing)) : each,
		),
	);
	drawing.signal.throwIfAborted();
	return settled;
}

/** Whatever comes between for one item is told of that item alone. */
const fallen =
	({ onFailure }: Drawing) =>
	(reason: unknown): readonly Settled[] => {
		onFailure();
		return [unforeseen(reason)];
	};

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
	readonly tenant: Tenant;
	readonly calls: readonly {
		readonly stemFor: StemFor;
		readonly claimed: readonly Settled[] | null;
	}[];
}

async function claimItem(plan: ItemPlan, drawing: Drawing): Promise<Asked> {
	const { context, fileNames, unclaimed, onFailure } = drawing;
	const tenant = drawing.tenantOf(plan);
	const wish = wishOf(context, plan.request);
	const calls = await Promise.all(
		stemsOf(plan, drawing).map(async (stem) => {
			const stemFor: StemFor = (place) => (place === 0 ? stem : fileNames.take(stem, false));
			return { stemFor, claimed: await unclaimed.claim(wish, stemFor) };
		}),
	);
	const claimed = calls.flatMap((call) => call.claimed ?? []);
	if (claimed.some(({ status }) => status !== 'ok')) onFailure();
	if (claimed.some(({ status }) => status === 'refused')) tenant.withdraw(wish.request);
	return { wish, tenant, calls };
}

async function drawItem(
	{ wish, tenant, calls }: Asked,
	drawing: Drawing,
): Promise<readonly Settled[]> {
	const results = await Promise.all(
		calls.map(
			async ({ claimed, stemFor }) => claimed ?? (await drawOne(wish, stemFor, tenant, drawing)),
		),
	);
	return results.flat();
}

async function drawOne(
	wish: Wish,
	stemFor: StemFor,
	tenant: Tenant,
	{ context, unclaimed, signal, onFailure }: Drawing,
): Promise<readonly Settled[]> {
	try {
		const drawn = await tenant.draw(wish.request, async ({ images }) => {
			const kept = await storeImages(context, images, stemFor);
			// While its permit is held, so that nothing is started in its place.
			if (kept.lost.length > 0) onFailure();
			return kept;
		});
		// Those on other pools do not hear of it otherwise.
		if (drawn.status === 'failed' || drawn.status === 'refused') onFailure();
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
	message: unreadableWords(reason.message, namesOf(NAMES)),
	account: NO_CALL,
});

const unforeseen = (reason: unknown): NotMade => ({
	status: 'failed',
	code: 'unforeseen',
	message: `Something unforeseen came between: ${wordsOf(reason)}. Run the item again, and report it if it stays.`,
	account: NO_CALL,
});
