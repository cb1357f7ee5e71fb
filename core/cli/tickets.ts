import { hashOf } from '../src/batch/ticket';
import type { TicketLine } from './metadata';
import type { Wanted } from './plan';
import type { Stock } from './stock';

/** What metadata.jsonl tells of images that are in a batch: how to get them, until they are there. */
export interface Tickets {
	/** A ticket of an earlier run for what this asks for, each once; `''` where there is none. */
	take(hash: string): string;
	/** Written down as soon as Google has it. */
	note(ticket: string): void;
	/** Its image is there, or will never be. */
	close(ticket: string): void;
}

/** Which of these images are in a batch of an earlier run. */
export const waitingInBatch = (
	{ tickets }: Pick<Stock, 'tickets'>,
	wanted: readonly Wanted[],
): ReadonlySet<Wanted> => {
	const { take } = openTickets(
		tickets,
		'',
		() => {},
		() => '',
	);
	return new Set(wanted.filter(({ request }) => take(hashOf(request)) !== ''));
};

/** `known`: each with the file that tells of it. Those of `own` come first: nodes that share a list take none from each other. */
export const openTickets = (
	known: ReadonlyMap<string, string>,
	own: string,
	note: (line: TicketLine) => void,
	time: () => string,
): Tickets => {
	const isOwn = ([, file]: readonly [string, string]) => Number(file === own);
	const left = new Map<string, string[]>();
	for (const [ticket] of [...known].sort((one, other) => isOwn(other) - isOwn(one))) {
		const hash = /#([^-]*)-/.exec(ticket)?.[1] ?? '';
		left.set(hash, [...(left.get(hash) ?? []), ticket]);
	}
	return {
		take: (hash) => left.get(hash)?.shift() ?? '',
		note: (batch) => note({ status: 'pending', batch, time: time() }),
		close: (batch) => note({ status: 'collected', batch, time: time() }),
	};
};
