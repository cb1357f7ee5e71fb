import {
	appendFileSync,
	closeSync,
	createReadStream,
	existsSync,
	fstatSync,
	openSync,
	readSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import type { Entry } from './entry';

export const METADATA_FILE = 'metadata.jsonl';

/** What an earlier run wrote down of a file it made. */
export interface Record {
	readonly prompt: string;
	readonly bytes: number;
}

const parseLine = (line: string): Partial<Entry> | null => {
	try {
		return JSON.parse(line) as Partial<Entry> | null;
	} catch {
		return null; // torn by a crash
	}
};

/** The files that earlier runs made, by name; the last line about a file holds. */
export const readMetadata = async (path: string): Promise<ReadonlyMap<string, Record>> => {
	const records = new Map<string, Record>();
	if (!existsSync(path)) return records;
	for await (const line of createInterface({ input: createReadStream(path) })) {
		const { status, file, prompt, bytes } = parseLine(line) ?? {};
		if (status !== 'ok' || typeof file !== 'string') continue;
		if (typeof prompt === 'string' && typeof bytes === 'number')
			records.set(file, { prompt, bytes });
	}
	return records;
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
 * Adds one line for each image that settles. Each is one synchronous append, so that a run that is killed leaves
 * at most its last line torn; what is added later begins on a line of its own.
 */
export const metadataWriter = (path: string): ((entry: Entry) => void) => {
	const torn = !['', '\n'].includes(lastByte(path));
	if (torn) appendFileSync(path, '\n');
	return (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`);
};
