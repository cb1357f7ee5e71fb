import { access, mkdir, rename } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { Image } from '../src/image/image';
import type { Entry } from './entry';
import { recoverPartials, writeAtomically } from './files';
import { extraStem } from './fileNames';
import { metadataFile, metadataWriter, readNotes, type TicketLine } from './metadata';
import { applyMoves, NO_MOVES, planMoves, replacedStem, type Moves } from './moves';
import type { Wanted } from './plan';
import { stemOf, takeStock, type Stock } from './stock';

/** The output directory refuses an image. What was made before is there, and the same command goes on from it. */
export class OutputInvalid extends Error {
	override readonly name = 'OutputInvalid';
	/** The same without advice. */
	readonly what: string;

	constructor(path: string, reason: unknown) {
		const code = (reason as NodeJS.ErrnoException).code ?? String(reason);
		const what = `${path} cannot be written (${code}).`;
		super(`${what} Make room or permit it, then run the same command again.`);
		this.what = what;
	}
}

/** The output directory of one run. Paths are relative to it, with forward slashes. */
export interface Output {
	readonly stock: Stock;
	/** What changed its name as the directory was opened. */
	readonly moves: Moves;
	/** The file that is this image already; null where it has to be made. */
	find(wanted: Wanted): string | null;
	/**
	 * Writes an image under the stem and returns its file. What stood there is moved to `replaced/`, never overwritten.
	 * `noteOf` is written down just before the image has its name, so that no image is there of which nothing is known.
	 */
	write(stem: string, image: Image, noteOf?: (file: string) => Entry): Promise<string>;
	/** Writes an image that came along with that of `stem`, under the first stem after it that nothing else has. */
	writeExtra(stem: string, image: Image, noteOf?: (file: string) => Entry): Promise<string>;
	note(line: Entry | TicketLine): void;
	/** The first note that could not be taken; null while all is well. No image is lost by it. */
	refusal(): OutputInvalid | null;
}

interface Opening {
	/** Of a list that several nodes share; `''` where one run does it all. */
	readonly share?: string;
	/** All is drawn again: what stands there gives way for good. */
	readonly redraw?: boolean;
}

const exists = async (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);

/** Creates the folders and brings what a killed run left half done to its end. */
const tidy = async (directory: string, wanted: readonly Wanted[]): Promise<void> => {
	const notes = await readNotes(directory);
	for (const folder of new Set(['.', ...wanted.map(({ stem }) => dirname(stem))])) {
		await mkdir(join(directory, folder), { recursive: true });
		await recoverPartials(join(directory, folder), (name) => {
			const file = folder === '.' ? name : `${folder}/${name}`;
			return notes.images.get(file)?.bytes ?? null;
		});
	}
};

/**
 * Creates the directory, learns what earlier runs left in it, and gives each image the name that its row has now.
 * Rejects with `OutputInvalid`.
 */
export const openOutput = async (
	directory: string,
	wanted: readonly Wanted[],
	{ share = '', redraw = false }: Opening = {},
): Promise<Output> => {
	const metadata = join(directory, metadataFile(share));
	const time = () => new Date().toISOString();

	const open = async () => {
		await mkdir(directory, { recursive: true });
		// What another node is writing just now looks half done.
		if (share === '') await tidy(directory, wanted);
		const note = metadataWriter(metadata);
		const stock = await takeStock(directory, wanted);
		const files = new Map([...stock.files].map(([stem, group]) => [stem, [...group]]));

		const forget = (file: string) => {
			const rest = (files.get(stemOf(file)) ?? []).filter((each) => each !== file);
			if (rest.length > 0) files.set(stemOf(file), rest);
			else files.delete(stemOf(file));
		};
		const move = async (from: string, to: string, redrawn = false): Promise<void> => {
			note({ status: 'moved', file: to, from, redrawn, time: time() });
			await mkdir(dirname(join(directory, to)), { recursive: true });
			// Whoever took it away meanwhile has moved it already.
			await rename(join(directory, from), join(directory, to)).catch((reason) => {
				if ((reason as NodeJS.ErrnoException).code !== 'ENOENT') throw reason;
			});
			forget(from);
			files.set(stemOf(to), [...(files.get(stemOf(to)) ?? []), to]);
		};
		const toReplaced = async (file: string, redrawn = false): Promise<string> => {
			const stem = replacedStem(file);
			let target = stem + extname(file);
			for (let n = 2; await exists(join(directory, target)); n++)
				target = `${stem}-${n}${extname(file)}`;
			await move(file, target, redrawn);
			return target;
		};
		// Nodes that share a list would move each other's images: there they are taken where they lie.
		const moves = redraw || share !== '' ? NO_MOVES : planMoves(stock);
		const settled = await applyMoves(moves, { rename: move, toReplaced });
		return { note, stock, files, moves, settled, toReplaced };
	};

	const opened = await open().catch((reason: unknown) => {
		throw new OutputInvalid(directory, reason);
	});
	const { note, stock, files, moves, settled, toReplaced } = opened;
	const stems = new Set(wanted.map(({ stem }) => stem));

	let refusal: OutputInvalid | null = null;
	const tryNote = (line: Entry | TicketLine) => {
		try {
			note(line);
		} catch (reason) {
			refusal ??= new OutputInvalid(metadata, reason);
		}
	};

	const write: Output['write'] = async (stem, image, noteOf) => {
		const former = files.get(stem) ?? [];
		const file = `${stem}.${image.extension}`;
		try {
			for (const each of former) await toReplaced(each, redraw);
			files.set(stem, [file]);
			await writeAtomically(join(directory, file), image.data, () => {
				if (noteOf !== undefined) tryNote(noteOf(file));
			});
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
		stock,
		moves,
		find: (each) => (redraw ? null : (settled.get(each) ?? stock.there.get(each) ?? null)),
		write,
		writeExtra: (stem, image, noteOf) => write(freeStem(stem), image, noteOf),
		note: tryNote,
		refusal: () => refusal,
	};
};
