import { systemClock } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import pLimit from 'p-limit';
import { cancelSignal } from '../n8n/host';
import { createShelf, type Left, type Shelf, type Wish } from './shelf';
import { copied, renamed, type Settled, type StemFor, type Success } from './settled';

/** Images that were paid for and that no run has handed on: the next run that asks for the very same hands them on. */
export interface Unclaimed {
	/** What an earlier run has left of a wish, now in this execution's own store; null where it has to be asked for. */
	claim(wish: Wish, stemFor: StemFor): Promise<readonly Settled[] | null>;
	/** What is left for the next run, unless this one hands it on. */
	remember(wish: Wish, settled: readonly Settled[]): void;
}

const DAY_MS = 24 * 60 * 60_000;
const now = () => systemClock.now();

/** What all runs in this n8n process have left. */
const shared = createShelf<Success>(now, { most: 2000, keepMs: DAY_MS });

/**
 * What Retry On Fail asks for again, for as long as n8n holds the execution: any number of images, also those that n8n
 * keeps in memory, and what Google declined.
 */
const ofExecutions = new WeakMap<AbortSignal, Shelf<Settled>>();

function shelfOf(context: IExecuteFunctions): Shelf<Settled> | null {
	const execution = context.getExecutionCancelSignal();
	if (execution === undefined || context.getNode().retryOnFail !== true) return null;
	const known = ofExecutions.get(execution);
	if (known !== undefined) return known;
	const shelf = createShelf<Settled>(now, { most: Infinity, keepMs: Infinity });
	ofExecutions.set(execution, shelf);
	return shelf;
}

/** Files that are loaded at once to be handed on. */
const COPIES_AT_ONCE = 4;

/** Lends `use` what is unclaimed. Where it throws, so that n8n gets nothing of the run, what the run had is left. */
export async function withUnclaimed<T>(
	context: IExecuteFunctions,
	use: (unclaimed: Unclaimed) => Promise<T>,
): Promise<T> {
	const own = shelfOf(context);
	const copying = pLimit(COPIES_AT_ONCE);
	const results: { readonly wish: Wish; readonly settled: Settled }[] = [];
	const remember: Unclaimed['remember'] = (wish, settled) => {
		for (const each of settled)
			if (each.status === 'ok' || each.status === 'refused') results.push({ wish, settled: each });
	};
	let isHandedOn = false;
	try {
		const handedOn = await use({
			async claim(wish, stemFor) {
				if (!own?.has(wish.name) && !shared.has(wish.name)) return null;
				const claimed = await copying(async () => await claim(context, own, wish, stemFor));
				remember(wish, claimed ?? []);
				return claimed;
			},
			remember,
		});
		isHandedOn = true;
		return handedOn;
	} finally {
		for (const { wish, settled } of isHandedOn ? [] : results) {
			const left = { wish: wish.name, references: await wish.references(), settled };
			own?.put(left);
			if (isLasting(left) && context.getWorkflow().id) shared.put(left);
		}
	}
}

async function claim(
	context: IExecuteFunctions,
	own: Shelf<Settled> | null,
	wish: Wish,
	stemFor: StemFor,
): Promise<readonly Settled[] | null> {
	if (cancelSignal(context).aborted) return null;
	// A reference image that cannot be loaded is told by the call.
	const references = await wish.references().catch(() => null);
	if (references === null) return null;
	const retried = own?.take(wish.name, references);
	if (retried) {
		shared.remove(retried);
		return [renamed(retried.settled, stemFor)];
	}
	for (;;) {
		const left = shared.take(wish.name, references);
		if (left === null) return null;
		own?.remove(left);
		const settled = await copied(context, left.settled, stemFor);
		// Where the file is gone, another of the same kind may not be.
		if (settled === null) continue;
		if (settled.some(({ status }) => status !== 'ok')) shared.put(left);
		return settled;
	}
}

/** A reference to an image that n8n keeps in memory would hold its bytes. */
const isLasting = (left: Left<Settled>): left is Left<Success> =>
	left.settled.status === 'ok' &&
	left.settled.images.every(({ binary }) => binary.id !== undefined);
