import type { ImageRequest } from '../request';
import type { Unsent } from './body';
import { noteTicket, unitsOf, type BatchRow } from './rows';
import { fillSets, isSet, type BatchSet, type Unsendable } from './sets';
import { submitSet, type Submitted, type Submitting } from './submit';
import { writeTickets } from './ticket';
import { SUBMITTED, TOO_LARGE, unreadable, unsent, type Ended } from './words';

interface Around extends Submitting {
	readonly workflow: string;
	readonly earlier: readonly string[];
	/** Runs what has the same name one after another, whichever execution asks. */
	oneAtATime<T>(name: string, run: () => Promise<T>): Promise<T>;
	bodyOf(request: ImageRequest): Promise<string | Unsent>;
	submitted(row: number, ticket: string): void;
}

/** Submits what no batch has yet, set after set, and notes in each row what became of it. */
export async function submitRows(rows: readonly BatchRow[], around: Around): Promise<void> {
	const units = unitsOf(rows, around.earlier);
	const bodyOf = ({ row }: { row: number }) => around.bodyOf(rows[row]!.wish.request);
	/** By model, a set that Google may have: those behind it wait, since without them the next pass would fill it otherwise. */
	const unclear = new Map<string, Submitted>();
	for await (const set of fillSets(units, around.workflow, bodyOf)) {
		around.host.signal.throwIfAborted();
		if (isSet(set)) {
			const submitted =
				unclear.get(set.model) ??
				(await around.oneAtATime(set.displayName, () => submitSet(set, around)));
			if (isUnclear(submitted)) unclear.set(set.model, submitted);
			note(rows, set, submitted, around);
		} else {
			const end = endOf(set.reason);
			for (const unit of units) if (unit.row === set.row) rows[set.row]!.ends.push(end);
		}
	}
}

function endOf(reason: Unsendable['reason']): Ended {
	if (reason === 'tooLarge') return TOO_LARGE;
	return 'unsent' in reason ? unsent(reason.unsent) : unreadable(reason.thrown);
}

const isUnclear = (submitted: Submitted): boolean =>
	submitted.kind === 'later' && submitted.told.code === 'unclear';

function note(
	rows: readonly BatchRow[],
	{ units }: BatchSet,
	submitted: Submitted,
	around: Pick<Around, 'submitted'>,
): void {
	for (const unit of units) {
		const row = rows[unit.row]!;
		if (submitted.kind === 'over') row.ends.push(submitted.end);
		else if (submitted.kind === 'later') row.told = submitted.told;
		else noteTicket(row, submitted.job.name, unit);
		// A batch that was found may be done already: it is looked up.
		if (submitted.kind === 'job' && submitted.isNew) row.told = SUBMITTED;
	}
	if (submitted.kind !== 'job') return;
	for (const place of new Set(units.map(({ row }) => row))) {
		around.submitted(place, writeTickets(rows[place]!.tickets));
	}
}
