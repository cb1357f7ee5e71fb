import {
	batchPriceOf,
	createBatches,
	estimateBatchUsd,
	imagesToSubmit,
	NO_CALL,
	systemClock,
	type Budget,
	type Fate,
	type NotMade,
	type PoolSettings,
	type Reservation,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { n8nFetch } from '../n8n/fetch';
import { canceled, cancelSignal, NAMES, pause, type OnError } from '../n8n/host';
import type { ItemPlan } from '../planning/planItem';
import { isDrawable, type RunPlan } from '../planning/planRun';
import { stemsOf } from './drawItems';
import type { Finished } from './drawRun';
import { keyOf, runOf, type Ledger, type Run } from './ledger';
import { settledOf, storeImages, type Settled } from './settled';

/** What of a run in batch is done, and what is still to come. */
export interface BatchRun {
	readonly finished: Finished;
	/** By the place of its item. */
	readonly waiting: ReadonlyMap<number, Waiting>;
}

export type Waiting = Extract<Fate<never>, { status: 'pending' }> & { readonly usd: number | null };

/** The batches of this n8n process: two executions never hand in the same set at the same time. */
const batches = createBatches(systemClock);

/**
 * One pass: hands in what is in no batch yet, and collects what is done.
 * @throws n8n's word for a stopped execution
 */
export async function batchRun(
	context: IExecuteFunctions,
	plan: RunPlan,
	ledger: Ledger,
	onError: OnError,
): Promise<BatchRun> {
	const signal = cancelSignal(context);
	const run = runOf(context);
	try {
		const { results, waiting } = await passOf(context, plan, ledger, run);
		const { spentUsd } = ledger;
		return { finished: { plan, results, onError, spentUsd, lanes: [] }, waiting };
	} catch (reason) {
		throw signal.aborted ? canceled(context) : reason;
	}
}

async function passOf(context: IExecuteFunctions, plan: RunPlan, ledger: Ledger, run: Run) {
	const { options, items } = plan;
	const results = items.map((planned): readonly Settled[] =>
		isDrawable(planned) ? [] : [planned.failure],
	);
	const waiting = new Map<number, Waiting>();
	const fileNames = ledger.fileNamesFor(run);
	const wallet = walletOf(ledger.budgetFor(options.maxCostUsd), ledger, run);
	const rows = items.flatMap((planned, place) => {
		if (!isDrawable(planned)) return [];
		const tooDear = wallet.lacks(planned);
		results[place] = Array<Settled>(tooDear).fill(MAX_COST);
		// What is in a batch is paid for, and collected whatever the rest costs.
		const count = planned.count - tooDear;
		if (count === 0) return [];
		return [{ place, planned, count, stems: stemsOf(planned, { context, run, fileNames }) }];
	});
	const workflow = context.getWorkflow();
	/** Of the same rows, paid once more: those are not to be taken for these. */
	const once = new Map<PoolSettings, readonly string[]>();
	try {
		for (const { settings, submitAgain, own } of passesOf(rows)) {
			const fates = await batches.pass<readonly Settled[]>(
				own.map(({ planned: { request, ticket }, count }) => ({ request, count, ticket })),
				{
					settings,
					names: NAMES,
					workflow: workflow.id ?? workflow.name ?? 'workflow',
					fetch: n8nFetch(context),
					sleep: pause,
					signal: cancelSignal(context),
					submitAgain,
					isOwn: ledger.batches.isOwn,
					stored: ledger.batches.stored,
					earlier: [...ledger.batches.ofOthers(run), ...(once.get(settings) ?? [])],
					maxRetries: options.maxRetries,
					retryDelayMs: options.retryDelayMs,
					stopStartingAt: ledger.timeAfter(options.stopStartingAfterMs),
					submitted: (row, ticket) => wallet.pay(own[row]!.planned, ticket),
					async save(row, index, made) {
						const { stems, planned } = own[row]!;
						const stem = stems[index] ?? fileNames.take(planned.stem ?? 'image', true);
						const stemFor = (at: number) => (at === 0 ? stem : fileNames.take(stem, false));
						const kept = await storeImages(context, made.images, stemFor);
						return settledOf({ status: 'ok', made, kept });
					},
				},
			);
			once.set(
				settings,
				fates.map(({ ticket }) => ticket),
			);
			for (const [row, fate] of fates.entries()) {
				const { place, planned, stems } = own[row]!;
				if (fate.status === 'ended') {
					const ended = fate.images.flatMap((image) =>
						image.status === 'ok' ? image.kept : [image],
					);
					results[place] = [...ended, ...results[place]!];
				} else {
					stems.forEach(fileNames.release);
					results[place] = [];
					waiting.set(place, { ...fate, usd: usdOf(planned, planned.count) });
				}
			}
		}
		return { results, waiting };
	} finally {
		wallet.close();
	}
}

/** Rows of one credential, and those of them that are to be paid once more apart. */
const passesOf = <T extends { readonly planned: ItemPlan }>(rows: readonly T[]) =>
	[...new Set(rows.map(({ planned }) => planned.settings))]
		.flatMap((settings) => [false, true].map((submitAgain) => ({ settings, submitAgain })))
		.map((kind) => ({
			...kind,
			own: rows.filter(
				({ planned }) =>
					planned.settings === kind.settings && planned.submitAgain === kind.submitAgain,
			),
		}))
		.filter(({ own }) => own.length > 0);

const usdOf = ({ request }: ItemPlan, images: number): number | null => {
	const each = estimateBatchUsd(request);
	return each === null ? null : each * images;
};

/** The run's money: an item is charged when it is handed in, and once in an execution, whatever n8n repeats. */
function walletOf(budget: Budget, { batches: noted }: Ledger, run: Run) {
	const reserved = new Map<ItemPlan, Reservation>();
	const reserve = (plan: ItemPlan, images: number): boolean => {
		const reservation = budget.reserve(batchPriceOf(plan.request, images));
		if (typeof reservation === 'string') return false;
		reserved.set(plan, reservation);
		return true;
	};
	/** Images that the execution has not paid for yet: an earlier try of the run may have. */
	const unpaid = (plan: ItemPlan): number =>
		imagesToSubmit({ ...plan, ticket: noted.ticketOf(keyOf(run, plan, 0)) ?? plan.ticket });
	return {
		/** Sets money aside for an item. Gives the number of its images that there is none for. */
		lacks: (plan: ItemPlan): number => (reserve(plan, unpaid(plan)) ? 0 : unpaid(plan)),
		/** @param now all that is handed in of it */
		pay(plan: ItemPlan, now: string): void {
			const before = unpaid(plan);
			const left = imagesToSubmit({ ...plan, ticket: now });
			if (left > before) return;
			noted.note(run, keyOf(run, plan, 0), now);
			reserved.get(plan)?.settle(usdOf(plan, before - left) ?? 0);
			reserved.delete(plan);
			reserve(plan, left);
		},
		/** What was not handed in costs nothing. */
		close(): void {
			for (const reservation of reserved.values()) reservation.settle(0);
		},
	};
}

const MAX_COST: NotMade = {
	status: 'notStarted',
	code: 'maxCost',
	message:
		'Not handed in, since Maximum Cost would have been exceeded. Raise it and run the item again.',
	account: NO_CALL,
};
