import { readdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import pLimit from 'p-limit';
import { IMAGE_FILE } from './fileNames';
import { matchImages, type Found, type Sought } from './match';
import { contentOf, readNotes, shapeOf, type Notes } from './metadata';
import type { Wanted } from './plan';
import { isWholeImage } from './wholeImage';

export const REPLACED = 'replaced';

/** Files looked into at the same time. */
const AT_ONCE = 32;

/** What a directory holds, compared with what is wanted. Paths are relative to it, with forward slashes. */
export interface Stock {
	/** Images that need not be made, with the file that each lies in. */
	readonly there: ReadonlyMap<Wanted, string>;
	/** In their order. */
	readonly missing: readonly Wanted[];
	/** Of those missing: their prompt was refused the last time. */
	readonly refused: ReadonlySet<Wanted>;
	/** Whole images of which nothing is written down, in place of a wanted one. */
	readonly unnoted: number;
	/** Images of which nothing is written down and that have no place in this list. */
	readonly strangers: readonly string[];
	/** Of images that are in a batch, each with the file that tells so. */
	readonly tickets: Notes['tickets'];
	/** Image files by their stem, whole or not. */
	readonly files: ReadonlyMap<string, readonly string[]>;
}

/** The name of a file without its extension. */
export const stemOf = (file: string): string => file.slice(0, -extname(file).length);

/** Image files of a folder and, for what was replaced, of all folders in it. */
const listFolder = async (directory: string, folder: string): Promise<readonly string[]> => {
	const recursive = folder === REPLACED;
	const names = await readdir(join(directory, folder), { recursive }).catch(
		(reason: NodeJS.ErrnoException) => {
			if (reason.code === 'ENOENT') return [];
			throw reason;
		},
	);
	return names
		.filter((name) => IMAGE_FILE.test(name))
		.map((name) => (folder === '.' ? name : `${folder}/${name.replaceAll('\\', '/')}`));
};

const listImages = async (directory: string, folders: ReadonlySet<string>) => {
	const files = new Map<string, string[]>();
	for (const folder of folders) {
		for (const file of await listFolder(directory, folder)) {
			const stem = stemOf(file);
			files.set(stem, [...(files.get(stem) ?? []), file]);
		}
	}
	return files;
};

const wholeOnes = async (
	directory: string,
	files: readonly string[],
	{ images }: Notes,
): Promise<readonly Found[]> => {
	const limit = pLimit(AT_ONCE);
	const found = await Promise.all(
		files.map((file) =>
			limit(async (): Promise<readonly Found[]> => {
				const noted = images.get(file) ?? null;
				const whole = await isWholeImage(join(directory, file), noted?.bytes);
				return whole ? [{ file, stem: stemOf(file), noted }] : [];
			}),
		),
	);
	return found.flat();
};

/** Input images are read only where something is known of the same prompt, and may be the same image. */
const soughtOf = async (
	wanted: readonly Wanted[],
	{ prompts }: Notes,
): Promise<readonly (Sought & { readonly wanted: Wanted })[]> => {
	const stems = new Set(wanted.map(({ stem }) => stem));
	const limit = pLimit(AT_ONCE);
	const idsOf = async ({ request, inputs }: Wanted): Promise<readonly string[]> =>
		prompts.has(request.prompt)
			? await Promise.all(inputs.map((each) => limit(() => each.identity())))
			: inputs.map(({ name }) => name);
	return await Promise.all(
		wanted.map(async (each) => {
			const { model, prompt, aspectRatio, imageSize } = each.request;
			const { otherStem } = each;
			return {
				wanted: each,
				stem: each.stem,
				otherStem: otherStem !== null && stems.has(otherStem) ? null : otherStem,
				content: contentOf(prompt, await idsOf(each)),
				shape: shapeOf(model, aspectRatio, imageSize),
			};
		}),
	);
};

/** Learns what earlier runs, or the tool before this one, left in a directory. Changes nothing. */
export const takeStock = async (directory: string, wanted: readonly Wanted[]): Promise<Stock> => {
	const notes = await readNotes(directory);
	const folders = new Set([
		'.',
		REPLACED,
		...wanted.map(({ stem }) => dirname(stem)),
		...[...notes.images.keys()].map(dirname).filter((each) => !each.startsWith(`${REPLACED}/`)),
	]);
	const files = await listImages(directory, folders);
	const sought = await soughtOf(wanted, notes);
	const stems = new Set(sought.flatMap(({ stem, otherStem }) => [stem, otherStem]));
	const contents = new Set(sought.map(({ content }) => content));
	const candidates = [...files].flatMap(([stem, group]) =>
		group.filter((file) => {
			const noted = notes.images.get(file);
			return noted === undefined ? stems.has(stem) : contents.has(noted.content);
		}),
	);
	const matched = matchImages(sought, await wholeOnes(directory, candidates, notes));
	const there = new Map([...matched].map(([each, { file }]) => [each.wanted, file] as const));
	return {
		there,
		missing: wanted.filter((each) => !there.has(each)),
		refused: new Set(
			sought.filter(({ content }) => notes.refused.has(content)).map((each) => each.wanted),
		),
		unnoted: [...matched.values()].filter(({ noted }) => noted === null).length,
		strangers: [...files].flatMap(([stem, group]) =>
			stems.has(stem) || stem.startsWith(`${REPLACED}/`)
				? []
				: group.filter((file) => !notes.images.has(file)),
		),
		tickets: notes.tickets,
		files,
	};
};
