import { access, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { Image } from '../src/image/image';
import { removePartials, writeAtomically } from './files';
import { extraStem } from './fileNames';
import { METADATA_FILE, metadataWriter, readMetadata, type Record } from './metadata';
import type { Entry } from './entry';
import type { Wanted } from './plan';
import { isWholeImage } from './wholeImage';

const IMAGE_FILE = /\.(?:png|jpe?g|webp|gif)$/i;
const REPLACED = 'replaced';

/** The output directory refuses an image. What was made before is there, and the same command goes on from it. */
export class OutputInvalid extends Error {
	override readonly name = 'OutputInvalid';

	constructor(path: string, reason: unknown) {
		const code = (reason as NodeJS.ErrnoException).code ?? String(reason);
		super(
			`${path} cannot be written (${code}). Make room or permit it, then run the same command again.`,
		);
	}
}

/** The output directory of one run. Paths are relative to it, with forward slashes. */
export interface Output {
	/** The file that is this image already; null where it has to be made. */
	find(wanted: Wanted): Promise<string | null>;
	/** Writes an image under the stem and returns its file. What stood there is moved to `replaced/`, never overwritten. */
	write(stem: string, image: Image): Promise<string>;
	/** Writes an image that came along with that of `stem`, under the first stem after it that nothing else has. */
	writeExtra(stem: string, image: Image): Promise<string>;
	note(entry: Entry): void;
}

/** Image files by their stem. Creates the folders, and removes what a killed run left half written. */
const listImages = async (
	directory: string,
	folders: ReadonlySet<string>,
): Promise<Map<string, string[]>> => {
	const files = new Map<string, string[]>();
	for (const folder of folders) {
		await mkdir(join(directory, folder), { recursive: true });
		await removePartials(join(directory, folder));
		for (const name of await readdir(join(directory, folder))) {
			if (!IMAGE_FILE.test(name)) continue;
			const file = folder === '.' ? name : `${folder}/${name}`;
			const stem = file.slice(0, -extname(file).length);
			files.set(stem, [...(files.get(stem) ?? []), file]);
		}
	}
	return files;
};

/** A file is the image a run is after if it is whole and, where an earlier run noted its prompt, made from this one. */
const isThisImage = async (
	path: string,
	record: Record | undefined,
	prompt: string,
): Promise<boolean> => {
	if (record !== undefined && record.prompt !== prompt) return false;
	return await isWholeImage(path, record?.bytes);
};

const exists = async (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);

const moveToReplaced = async (directory: string, file: string): Promise<void> => {
	const extension = extname(file);
	const stem = join(directory, REPLACED, file.slice(0, -extension.length));
	let target = stem + extension;
	for (let n = 2; await exists(target); n++) target = `${stem}-${n}${extension}`;
	await mkdir(dirname(target), { recursive: true });
	// Whoever took it away meanwhile has moved it already.
	await rename(join(directory, file), target).catch((reason: NodeJS.ErrnoException) => {
		if (reason.code !== 'ENOENT') throw reason;
	});
};

/** What earlier runs left, and the way to add to it. */
const openDirectory = async (directory: string, folders: ReadonlySet<string>) => {
	try {
		const files = await listImages(directory, folders);
		const records = await readMetadata(join(directory, METADATA_FILE));
		return { files, records, note: metadataWriter(join(directory, METADATA_FILE)) };
	} catch (reason) {
		throw new OutputInvalid(directory, reason);
	}
};

/** Creates the directory and learns what earlier runs left in it. Rejects with `OutputInvalid`. */
export const openOutput = async (directory: string, wanted: readonly Wanted[]): Promise<Output> => {
	const stems = new Set(wanted.map(({ stem }) => stem));
	const folders = new Set(['.', ...wanted.map(({ stem }) => dirname(stem))]);
	const { files, records, note } = await openDirectory(directory, folders);

	const find = async ({ stem, otherStem, request }: Wanted): Promise<string | null> => {
		const candidates = otherStem === null || stems.has(otherStem) ? [stem] : [stem, otherStem];
		for (const file of candidates.flatMap((candidate) => files.get(candidate) ?? [])) {
			if (await isThisImage(join(directory, file), records.get(file), request.prompt)) return file;
		}
		return null;
	};

	const write = async (stem: string, image: Image): Promise<string> => {
		const former = files.get(stem) ?? [];
		const file = `${stem}.${image.extension}`;
		files.set(stem, [file]);
		try {
			for (const each of former) await moveToReplaced(directory, each);
			await writeAtomically(join(directory, file), image.data);
		} catch (reason) {
			throw new OutputInvalid(join(directory, file), reason);
		}
		return file;
	};

	const freeStem = (stem: string): string => {
		const isTaken = (candidate: string) => stems.has(candidate) || files.has(candidate);
		let position = 1;
		while (isTaken(extraStem(stem, position))) position += 1;
		return extraStem(stem, position);
	};

	return {
		find,
		write,
		writeExtra: (stem, image) => write(freeStem(stem), image),
		note(entry) {
			try {
				note(entry);
			} catch (reason) {
				throw new OutputInvalid(join(directory, METADATA_FILE), reason);
			}
		},
	};
};
