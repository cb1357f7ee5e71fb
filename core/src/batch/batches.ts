import type { Clock, Host } from '../effects';
import type { Made, NotMade } from '../result';
import { withMask } from '../call/secrets';
import { namesOf, spoken, type Names } from '../names';
import { addressesOf } from '../pool/lanes';
import type { PoolSettings } from '../settings/settings';
import { bodyOf } from './body';
import { collectRows, type Kept } from './collectRows';
import { createBatchLane } from './lane';
import { batchRowOf, type BatchRow, type BatchWish } from './rows';
import { submitRows } from './submitRows';
import { writeTickets } from './ticket';

/** What came of a row in one pass. */
export type Fate<T> =
	| {
			readonly status: 'pending';
			readonly code: string;
			readonly message: string;
			/** To be given with the row the next time; `''` where nothing is submitted yet. */
			readonly ticket: string;
	  }
	| {
			readonly status: 'ended';
			/** In order, each as its host kept it, or why there is none. */
			readonly images: readonly (Kept<T> | NotMade)[];
			readonly ticket: string;
	  };

export interface Pass<T> extends Host {
	readonly settings: PoolSettings;
	/** Whose batches they are: it becomes a part of their names. */
	readonly workflow: string;
	/** Makes what was made before once more, but for batches that this host names as its own. */
	readonly submitAgain: boolean;
	isOwn(job: string): boolean;
	/** Tickets of earlier runs of the same execution. */
	readonly earlier: readonly string[];
	/** Tries of a create that was not answered and has made nothing. */
	readonly maxRetries: number;
	readonly retryDelayMs: number;
	/** What its host calls otherwise. */
	readonly names?: Partial<Names>;
	/** Pool time from which nothing is submitted; null: no such time. */
	readonly stopStartingAt: number | null;
	/** Aborted: nothing further is submitted; what is done is collected all the same. */
	readonly ending?: AbortSignal;
	/** More of a row is in batches now, new or found. */
	submitted(row: number, ticket: string): void;
	/**
	 * What was stored of rows of which the rest was not there yet, by batch and key: given again with the next pass, it is
	 * neither fetched nor stored once more. For a host to hold as long as it holds what `save` has stored.
	 */
	readonly stored?: Map<string, T>;
	/** Stores what came of one request, while nothing else is read. */
	save(row: number, index: number, made: Made): Promise<T>;
}

/** Batches of one process. */
export interface Batches {
	/**
	 * Submits what has no ticket and collects what is done. Costs nothing where all is submitted. Rejects only when the
	 * host's signal is aborted, or where `save` does.
	 */
	pass<T>(wishes: readonly BatchWish[], pass: Pass<T>): Promise<readonly Fate<T>[]>;
}

/** Two of them in one process could submit a set at the same time, and pay for it twice. */
export function createBatches(clock: Clock): Batches {
	const oneAtATime = createLocks();
	return {
		async pass(wishes, pass) {
			pass.signal.throwIfAborted();
			const rows = wishes.map(batchRowOf);
			const { endpoints } = pass.settings;
			const weights = endpoints.flatMap(({ keys, weight }) => keys.map(() => weight));
			const addresses = withMask(endpoints.flatMap(addressesOf));
			const lanes = addresses.map((address, index) =>
				createBatchLane(address, weights[index]!, pass, clock),
			);
			const around = { ...pass, host: pass, clock, lanes, oneAtATime };
			await submitRows(rows, {
				...around,
				bodyOf: (request) => bodyOf(request, addresses[0]!, pass, clock),
			});
			const collected = await collectRows(rows, around);
			const names = namesOf(pass.names);
			return rows.map((row, place) => fateOf(row, collected[place]!, names));
		},
	};
}

function fateOf<T>(
	row: BatchRow,
	images: readonly (Kept<T> | NotMade)[] | null,
	names: Names,
): Fate<T> {
	const ticket = writeTickets(row.tickets);
	if (images === null) {
		const { code, message } = row.told!;
		return { status: 'pending', code, message: spoken(message, names), ticket };
	}
	const told = images.map((each) =>
		'message' in each ? { ...each, message: spoken(each.message, names) } : each,
	);
	return { status: 'ended', images: told, ticket: ticket || row.wish.ticket };
}

/** Runs what has the same name one after another. */
function createLocks(): <T>(name: string, run: () => Promise<T>) => Promise<T> {
	const last = new Map<string, Promise<unknown>>();
	return async (name, run) => {
		const mine = (last.get(name) ?? Promise.resolve()).then(run, run);
		last.set(name, mine);
		try {
			return await mine;
		} finally {
			if (last.get(name) === mine) last.delete(name);
		}
	};
}
