import { imageSizeOf } from '../models/cost';
import type { ImageRequest } from '../request';
import type { Unit } from './sets';
import { hashOf, readTickets, withImage, type Ticket } from './ticket';
import { CHANGED, NO_TICKET, type Ended, type Pending } from './words';

/** What one row asks for, and where it is so far. */
export interface BatchWish {
	readonly request: ImageRequest;
	/** Images, 1 or more. */
	readonly count: number;
	/** What an earlier pass told; `''` where nothing is submitted yet. */
	readonly ticket: string;
}

/** One row on its way through a pass. */
export interface BatchRow {
	readonly wish: BatchWish;
	readonly hash: string;
	tickets: readonly Ticket[];
	/** Why it has nothing yet, in the words of what happened last. */
	told: Pending | null;
	/** Images that no batch will bring. */
	readonly ends: Ended[];
}

export function batchRowOf(wish: BatchWish): BatchRow {
	const hash = hashOf(wish.request);
	const tickets = readTickets(wish.ticket);
	const row = { wish, hash, tickets: tickets ?? [], told: null, ends: [] };
	const isChanged = row.tickets.some((ticket) => ticket.hash !== hash);
	if (tickets !== null && !isChanged) return row;
	return {
		...row,
		tickets: [],
		ends: Array(wish.count).fill(tickets === null ? NO_TICKET : CHANGED),
	};
}

/** Images that this row would have to pay for. */
export const imagesToSubmit = (wish: BatchWish): number => missingOf(batchRowOf(wish));

const imagesOf = (tickets: readonly Ticket[]): number =>
	tickets.reduce((sum, { from, to }) => sum + to - from + 1, 0);

/** Images of a row that are in no batch yet. */
export const missingOf = ({ wish, tickets, ends }: BatchRow): number =>
	Math.max(0, wish.count - imagesOf(tickets) - ends.length);

/**
 * What is to be submitted, in the order of the rows. Equal requests are numbered on from those that have a ticket already,
 * here or in `earlier` runs of the execution: each of them is to become an image of its own.
 */
export function unitsOf(rows: readonly BatchRow[], earlier: readonly string[]): readonly Unit[] {
	const numbers = new Map<string, number>();
	const tickets = [
		...rows.flatMap((row) => row.tickets),
		...earlier.flatMap((text) => readTickets(text) ?? []),
	];
	for (const { hash, to } of tickets) numbers.set(hash, Math.max(to, numbers.get(hash) ?? 0));
	return rows.flatMap((row, place) =>
		Array.from({ length: missingOf(row) }, (): Unit => {
			const number = (numbers.get(row.hash) ?? 0) + 1;
			numbers.set(row.hash, number);
			const { request } = row.wish;
			const imageSize = imageSizeOf(request);
			return { row: place, model: request.model, imageSize, hash: row.hash, number };
		}),
	);
}

/** Notes that an image of a row is in a batch now. */
export function noteTicket(row: BatchRow, job: string, { hash, number }: Unit): void {
	row.tickets = withImage(row.tickets, { job, hash, from: number });
}
