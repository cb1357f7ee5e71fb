import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Fetch } from '../src/effects';
import { inputTypeOf } from '../src/image/picture';
import type { Reference } from '../src/request';
import { UsageInvalid } from './input';
import type { Row } from './promptsFile';

/** An image to work from, as a list names it. It is read by the call that sends it. */
export interface InputImage extends Reference {
	/** As it is named: a path, or an address. */
	readonly name: string;
	/** Where it is. */
	readonly from: string;
	/** Tells it from every other one: the SHA-256 of a file's bytes, or its address. */
	identity(): Promise<string>;
}

/** A file or an address that held an image when the list was read, and does not any more. */
export class InputImageGone extends Error {
	override readonly name = 'InputImageGone';
}

/** Gemini takes no more, and a request holds all of them. */
const LARGEST_BYTES = 20 * 2 ** 20;
const DOWNLOAD_MS = 60_000;

const TAKEN = 'PNG, JPEG, WebP or HEIC';

const isAddress = (name: string): boolean => /^https?:\/\//i.test(name);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const firstBytes = (path: string): Buffer => {
	const file = openSync(path, 'r');
	try {
		const bytes = Buffer.alloc(16);
		return bytes.subarray(0, readSync(file, bytes, 0, 16, 0));
	} finally {
		closeSync(file);
	}
};

const refuse = (place: string, name: string, why: string): never => {
	throw new UsageInvalid(`${place}: the input image ${name} ${why}`);
};

const fromFile = (name: string, from: string, place: string): InputImage => {
	if (!existsSync(from)) refuse(place, name, 'is not there. Check its path.');
	const { size } = statSync(from);
	if (size > LARGEST_BYTES) refuse(place, name, 'is above 20 MB. Make it smaller.');
	const mimeType = inputTypeOf(firstBytes(from));
	if (mimeType === null) refuse(place, name, `is no ${TAKEN} file.`);
	let known: string | null = null;
	const load = async (): Promise<Buffer> => {
		const bytes = await readFile(from).catch((reason: NodeJS.ErrnoException) => {
			throw new InputImageGone(`The input image ${name} cannot be read (${reason.code}).`);
		});
		known = sha256(bytes);
		return bytes;
	};
	const identity = async () => known ?? sha256(await load());
	return { name, from, mimeType: mimeType ?? '', load, identity };
};

/** All bytes, or why they are not to be had. Rejects where the connection fails or breaks off, or takes too long. */
const download = async (address: string, fetch: Fetch): Promise<Buffer | string> => {
	const { status, body } = await fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
	if (status !== 200 || body === null) {
		await body?.cancel();
		return `cannot be downloaded (status ${status})`;
	}
	const pieces: Uint8Array[] = [];
	const reader = body.getReader();
	let size = 0;
	for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
		pieces.push(piece.value);
		size += piece.value.length;
		if (size <= LARGEST_BYTES) continue;
		await reader.cancel();
		return 'is above 20 MB';
	}
	return Buffer.concat(pieces);
};

const fromAddress = (name: string, fetch: Fetch): InputImage => ({
	name,
	from: name,
	mimeType: 'image/png',
	identity: async () => name,
	async load() {
		const gone = (why: string) => new InputImageGone(`The input image ${name} ${why}.`);
		const bytes = await download(name, fetch).catch(() => 'cannot be downloaded');
		if (typeof bytes === 'string') throw gone(bytes);
		if (inputTypeOf(bytes) === null) throw gone(`is no ${TAKEN} file`);
		return bytes;
	},
});

/** How lists for editing usually call such columns. */
const USUAL_COLUMN = /^(?:input_)?images?(?:_(?:url|path|file))?(?:_\d+)?$/i;

/** `a.png`, `a.png,b.png` or `["a.png","b.png"]`, as the tool before this one takes them. */
const namesOf = (value: unknown, exists: (name: string) => boolean): readonly string[] => {
	if (Array.isArray(value)) return value.map(String);
	const text = typeof value === 'string' ? value.trim() : '';
	if (text === '' || exists(text)) return text === '' ? [] : [text];
	if (text.startsWith('[')) {
		try {
			return namesOf(JSON.parse(text), exists);
		} catch {
			return [text];
		}
	}
	return isAddress(text) && !/,\s*https?:/i.test(text)
		? [text]
		: text
				.split(',')
				.map((name) => name.trim())
				.filter(Boolean);
};

/** Where images for the rows of a list come from. */
export interface InputImages {
	/** The columns that name them. Throws `UsageInvalid` where there should be one and is none. */
	columns(rows: readonly Row[]): readonly string[];
	/** Those of one row, its own after those that are for all. Throws `UsageInvalid`. */
	read(row: Row, columns: readonly string[]): readonly InputImage[];
}

interface Naming {
	readonly edit: boolean;
	readonly forAll: readonly string[];
	readonly named: readonly string[] | null;
	/** The list's own place, from which its paths are told; null where it has none. */
	readonly list: string | null;
	readonly fetch: Fetch;
}

export const openInputImages = ({ edit, forAll, named, list, fetch }: Naming): InputImages => {
	const pathOf = (name: string): string => {
		const beside = list === null ? name : resolve(dirname(list), name);
		return isAbsolute(name) || existsSync(beside) ? beside : resolve(name);
	};
	const open = (name: string, path: string, place: string): InputImage =>
		isAddress(name) ? fromAddress(name, fetch) : fromFile(name, path, place);
	return {
		columns(rows) {
			const there = [...new Set(rows.flatMap(({ columns }) => Object.keys(columns)))];
			const missing = named?.find((name) => !there.includes(name));
			if (missing !== undefined) {
				throw new UsageInvalid(
					`No row has a column named ${missing}. Check --input_image_column. There are ${there.join(', ')}.`,
				);
			}
			if (named !== null || !edit) return named ?? [];
			const usual = there.filter((name) => USUAL_COLUMN.test(name));
			if (usual.length > 0 || forAll.length > 0) return usual;
			throw new UsageInvalid(
				`No column of the list names images to edit. Name it with --input_image_column. There are ${there.join(', ')}.`,
			);
		},
		read: (row, columns) => [
			...forAll.map((name) => open(name, resolve(name), '--input_image')),
			...columns.flatMap((column) => {
				const names = namesOf(row.columns[column], (name) => existsSync(pathOf(name)));
				return names.map((name) => open(name, pathOf(name), row.place));
			}),
		],
	};
};
