import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metadataFile } from './metadata';

/** What metadata.jsonl tells of images that are in a batch: how to get them, until they are there. */
export interface Tickets {
	/** A ticket of an earlier run for what this asks for, each once; `''` where there is none. */
	take(hash: string): string;
	/** Written down as soon as Google has it. */
	note(ticket: string): void;
	/** Its image is there, or will never be. */
	close(ticket: string): void;
}

interface Line {
	readonly status: 'pending' | 'collected';
	readonly batch: string;
	/** ISO 8601. */
	readonly time: string;
}

const lineOf = (text: string): Partial<Line> => {
	try {
		return JSON.parse(text) as Partial<Line>;
	} catch {
		return {}; // torn by a crash
	}
};

export const openTickets = (directory: string, share: string, time: () => string): Tickets => {
	const path = join(directory, metadataFile(share));
	const open = new Set<string>();
	const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
	for (const { status, batch = '' } of text.split('\n').filter(Boolean).map(lineOf)) {
		if (status === 'pending') open.add(batch);
		else if (status === 'collected') open.delete(batch);
	}
	const add = (status: Line['status'], batch: string) =>
		appendFileSync(path, `${JSON.stringify({ status, batch, time: time() } satisfies Line)}\n`);
	const left = [...open];
	return {
		take(hash) {
			const found = left.findIndex((ticket) => ticket.includes(`#${hash}-`));
			return found < 0 ? '' : left.splice(found, 1)[0]!;
		},
		note: (ticket) => add('pending', ticket),
		close: (ticket) => add('collected', ticket),
	};
};
