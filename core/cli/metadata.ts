import {
	appendFileSync,
	closeSync,
	createReadStream,
	existsSync,
	fstatSync,
	openSync,
	readdirSync,
	readSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Entry } from './entry';

/** A share of a list, run by a node of its own, writes a file of its own: appends from several computers would mix. */
export const metadataFile = (share: string): string =>
	share === '' ? 'metadata.jsonl' : `metadata_${share}.jsonl`;

const METADATA_FILE = /^metadata(?:_\w+)?\.jsonl$/;

/** A file that was given another name: written down before it is, so that a kill in between loses nothing. */
export interface Move {
	readonly status: 'moved';
	readonly file: string;
	readonly from: string;
	/** Another one was drawn in its place on purpose: it stands for no row any more. */
	readonly redrawn: boolean;
	/** ISO 8601. */
	readonly time: string;
}

/** That an image is in a batch, and that it is not any more: see `Tickets`. */
export interface TicketLine {
	readonly status: 'pending' | 'collected';
	readonly batch: string;
	/** ISO 8601. */
	readonly time: string;
}

/** What an earlier run wrote down of an image it made. */
export interface Noted {
	/** See `contentOf`. */
	readonly content: string;
	/** See `shapeOf`. */
	readonly shape: string;
	readonly bytes: number;
	/** Stands for no row: it came along beyond those asked for, or was drawn again. */
	readonly spare: boolean;
}

/** What earlier runs wrote down. */
export interface Notes {
	/** By file; the last line about a file holds. */
	readonly images: ReadonlyMap<string, Noted>;
	/** Contents whose last line is a refusal. */
	readonly refused: ReadonlySet<string>;
	/** Of all these. */
	readonly prompts: ReadonlySet<string>;
	/** Of images that are in a batch, each with the file that tells so. */
	readonly tickets: ReadonlyMap<string, string>;
}

/** What an image shows: made from the same prompt and the same input images, it is the same to us. */
export const contentOf = (prompt: string, inputIds: readonly string[] = []): string =>
	JSON.stringify([prompt, ...inputIds]);

/** How it shows it: only where there are several of one content does this decide which is which. */
export const shapeOf = (
	model: string,
	aspectRatio: string | null,
	imageSize: string | null,
): string => JSON.stringify([model, aspectRatio, imageSize]);

type Line = Partial<Entry> | Partial<Move> | Partial<TicketLine>;

const parseLine = (line: string): Line => {
	try {
		return (JSON.parse(line) as Line | null) ?? {};
	} catch {
		return {}; // torn by a crash
	}
};

async function* linesOf(directory: string, name: string) {
	for await (const text of createInterface({ input: createReadStream(join(directory, name)) })) {
		yield { name, line: parseLine(text) };
	}
}

/** The lines of several nodes in the order in which they were written: what one has moved another may have made. */
async function* inOrder(directory: string, names: readonly string[]) {
	const files = names.map((name) => linesOf(directory, name));
	const heads = await Promise.all(files.map((file) => file.next()));
	const timeOf = (file: number) => heads[file]!.value?.line.time ?? '';
	for (;;) {
		const open = [...heads.keys()].filter((file) => !heads[file]!.done);
		if (open.length === 0) return;
		const next = open.reduce((first, file) => (timeOf(file) < timeOf(first) ? file : first));
		yield heads[next]!.value!;
		heads[next] = await files[next]!.next();
	}
}

const notedOf = (entry: Partial<Entry>): Noted | null =>
	typeof entry.prompt === 'string' && typeof entry.bytes === 'number'
		? {
				content: contentOf(entry.prompt, entry.input_ids),
				shape: shapeOf(entry.model ?? '', entry.aspect_ratio ?? null, entry.image_size ?? null),
				bytes: entry.bytes,
				spare: entry.extra === true,
			}
		: null;

/** Reads the notes of all runs in a directory, those of other nodes too. */
export const readNotes = async (directory: string): Promise<Notes> => {
	const images = new Map<string, Noted>();
	const refused = new Set<string>();
	const prompts = new Set<string>();
	const tickets = new Map<string, string>();
	const names = existsSync(directory) ? readdirSync(directory).sort() : [];
	const own = names.filter((each) => METADATA_FILE.test(each));
	for await (const { name, line: entry } of inOrder(directory, own)) {
		if ('prompt' in entry && typeof entry.prompt === 'string') prompts.add(entry.prompt);
		if (entry.status === 'moved') {
			const moved = images.get(entry.from ?? '');
			if (moved === undefined || entry.file === undefined) continue;
			images.set(entry.file, { ...moved, spare: moved.spare || entry.redrawn === true });
		} else if (entry.status === 'refused' && typeof entry.prompt === 'string') {
			refused.add(contentOf(entry.prompt, entry.input_ids));
		} else if (entry.status === 'ok' && typeof entry.file === 'string') {
			const noted = notedOf(entry);
			if (noted === null) continue;
			images.set(entry.file, noted);
			refused.delete(noted.content);
		} else if (entry.status === 'pending') tickets.set(entry.batch ?? '', name);
		else if (entry.status === 'collected') tickets.delete(entry.batch ?? '');
	}
	return { images, refused, prompts, tickets };
};

const lastByte = (path: string): string => {
	const file = openSync(path, 'a+');
	try {
		const byte = Buffer.alloc(1);
		const { size } = fstatSync(file);
		return size === 0 ? '' : byte.toString('latin1', 0, readSync(file, byte, 0, 1, size - 1));
	} finally {
		closeSync(file);
	}
};

/**
 * Adds one line for each image that settles or moves. Each is one synchronous append, so that a run that is killed
 * leaves at most its last line torn; what is added later begins on a line of its own.
 */
export const metadataWriter = (path: string): ((line: Entry | Move | TicketLine) => void) => {
	const torn = !['', '\n'].includes(lastByte(path));
	if (torn) appendFileSync(path, '\n');
	return (line) => appendFileSync(path, `${JSON.stringify(line)}\n`);
};
