import { createHash } from 'node:crypto';
import type { ImageRequest } from '../request';

/**
 * Where the images of one row are: in which batch, under which keys. As text `batches/ID#KEY`, and `batches/ID#KEY..3`
 * for several images; a row whose images are in several batches has several of them, with spaces between.
 */
export interface Ticket {
	/** `batches/ID` */
	readonly job: string;
	/** What was asked for, as a hash: a row that was changed since has another one. */
	readonly hash: string;
	/** Equal requests are numbered from 1. */
	readonly from: number;
	readonly to: number;
}

const TICKET = /^(batches\/[^\s/#]+)#([0-9a-f]+)-(\d+)(?:\.\.(\d+))?$/;

/** Null where a text holds anything but tickets; an empty one holds none. */
export function readTickets(text: string): readonly Ticket[] | null {
	const found = text
		.split(/[\s,;]+/)
		.filter(Boolean)
		.map((each) => TICKET.exec(each));
	if (found.includes(null)) return null;
	return found.map((each) => {
		const [, job = '', hash = '', from, to = from] = each!;
		return { job, hash, from: Number(from), to: Number(to) };
	});
}

export const writeTickets = (tickets: readonly Ticket[]): string =>
	tickets
		.map(({ job, hash, from, to }) => `${job}#${keyOf(hash, from)}${to > from ? `..${to}` : ''}`)
		.join(' ');

/** By which a result is matched to its request. */
export const keyOf = (hash: string, number: number): string => `${hash}-${number}`;

/** Every key of a ticket. */
export const keysOf = ({ hash, from, to }: Ticket): readonly string[] =>
	Array.from({ length: to - from + 1 }, (_, index) => keyOf(hash, from + index));

/** One more image of the same request: in the last ticket where it goes on there, else in one of its own. */
export function withImage(tickets: readonly Ticket[], one: Omit<Ticket, 'to'>): readonly Ticket[] {
	const last = tickets.at(-1);
	const goesOn = last?.job === one.job && last.hash === one.hash && last.to + 1 === one.from;
	return goesOn
		? [...tickets.slice(0, -1), { ...last, to: one.from }]
		: [...tickets, { ...one, to: one.from }];
}

/**
 * What a row asks for, in short. Input images are left out, so that a row can be collected without them; so is what has no
 * say in the picture, and whatever is not set: a later version may know more settings.
 */
export function hashOf(request: ImageRequest): string {
	const said = Object.entries(request)
		.filter(([name, value]) => !SILENT.has(name) && value !== null && value !== false)
		.sort(([one], [other]) => (one < other ? -1 : 1));
	return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 12);
}

const SILENT = new Set(['referenceImages', 'serviceTier']);
