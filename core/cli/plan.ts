import { DEFAULT_MODEL } from '../src/models/catalogue';
import { RequestInvalid, resolveRequest, type RequestInput } from '../src/models/resolve';
import type { ImageRequest } from '../src/request';
import type { Arguments } from './arguments';
import { imageStem, namedStem, numberedStem, otherStem } from './fileNames';
import { parseNumber, wholeFrom, UsageInvalid } from './input';
import { readPromptsFile, type Row } from './promptsFile';

/** One image to make: a row's prompt, and which of its images. */
export interface Wanted {
	/** Counted from 0, as the file names are. */
	readonly row: number;
	/** Counted from 0. */
	readonly image: number;
	readonly request: ImageRequest;
	/** Path below the output directory, without extension. */
	readonly stem: string;
	/** Where an earlier run with another count may have put it; null where nothing but `stem` means this image. */
	readonly otherStem: string | null;
}

/** So many bad rows are named at once; the rest are counted. */
const NAMED_AT_ONCE = 10;

/** A column's text; null where the row lacks it or leaves it blank. */
const readColumn = ({ columns, place }: Row, name: string): string | null => {
	const value = (Object.hasOwn(columns, name) ? columns[name] : null) ?? '';
	if (typeof value === 'string' || typeof value === 'number') return String(value).trim() || null;
	throw new UsageInvalid(`${place}: ${name} must be a text or a number.`);
};

const readPixels = (row: Row, name: 'width' | 'height'): number | null => {
	const text = readColumn(row, name);
	return text === null ? null : parseNumber(text, `${row.place}: ${name}`, wholeFrom(1));
};

/** `16:9` or `auto`; which of them a model has is found out with the rest of the request. */
const checkRatio = (ratio: string, place: string): string => {
	const bare = ratio.replace(/\s/g, '');
	if (/^(\d+:\d+|auto)$/.test(bare)) return bare;
	throw new UsageInvalid(`${place} must be a ratio such as 16:9, or auto.`);
};

/** What is nearest holds: the row's ratio, the row's size, the option's ratio, the options' size, the variable. */
const readShape = (
	row: Row,
	options: Arguments,
	fallback: string | null,
): Pick<RequestInput, 'aspectRatio' | 'width' | 'height'> => {
	const rowRatio = readColumn(row, 'aspect_ratio');
	if (rowRatio !== null) {
		return { aspectRatio: checkRatio(rowRatio, `${row.place}: aspect_ratio`) };
	}
	const own = { width: readPixels(row, 'width'), height: readPixels(row, 'height') };
	const ownSize = own.width !== null || own.height !== null;
	if (!ownSize && options.aspect_ratio !== undefined) return { aspectRatio: options.aspect_ratio };
	const width = own.width ?? options.width;
	const height = own.height ?? options.height;
	if (width !== undefined && height !== undefined) {
		return { aspectRatio: 'fromSize', width, height };
	}
	if (width === undefined && height === undefined) return { aspectRatio: fallback ?? 'auto' };
	throw new UsageInvalid(`${row.place}: width and height go together. Give both, or neither.`);
};

const readRequest = (row: Row, options: Arguments, aspectRatio: string | null): ImageRequest => {
	try {
		return resolveRequest({
			prompt: readColumn(row, 'prompt') ?? '',
			model: readColumn(row, 'model') ?? options.model_name ?? DEFAULT_MODEL,
			imageSize: readColumn(row, 'image_size') ?? options.image_size ?? 'auto',
			...readShape(row, options, aspectRatio),
		});
	} catch (reason) {
		if (!(reason instanceof RequestInvalid)) throw reason;
		throw new UsageInvalid(`${row.place}: ${reason.message}`);
	}
};

const readRows = ({ prompt, prompts_file: file }: Arguments): readonly Row[] => {
	if (prompt !== undefined && file !== undefined) {
		throw new UsageInvalid('Give either --prompt or --prompts_file, not both.');
	}
	if (prompt !== undefined) return [{ place: '--prompt', index: 0, columns: { prompt } }];
	if (file !== undefined) return readPromptsFile(file);
	throw new UsageInvalid(
		'There is nothing to draw yet. Give --prompt "..." or --prompts_file prompts.jsonl.\nSee gemini-t2i --help.',
	);
};

const readStem = (row: Row, index: number, column: string | undefined): string => {
	const name = column === undefined ? null : readColumn(row, column);
	return name === null ? numberedStem(index) : namedStem(name, row.place);
};

/** The row's own `index`, as the tool that this one continues reads it, else its place in the file. */
const readNumber = (row: Row): number => {
	const text = readColumn(row, 'index');
	return text === null ? row.index : parseNumber(text, `${row.place}: index`, wholeFrom(0));
};

/** Rows that ask for the very same have one request: once it is refused, the pool spares all of them. */
const intern = (known: Map<string, ImageRequest>, request: ImageRequest): ImageRequest => {
	const key = JSON.stringify(request);
	const same = known.get(key) ?? request;
	known.set(key, same);
	return same;
};

/** Two rows with one name would replace each other's image. File systems may not tell `Cat` from `cat`. */
const claimStems = () => {
	const owners = new Map<string, string>();
	return (stem: string, { place }: Row): void => {
		const owner = owners.get(stem.toLowerCase());
		if (owner !== undefined) {
			throw new UsageInvalid(
				`${place}: its images would be called ${stem}, as those of ${owner} are. Give each row a name of its own.`,
			);
		}
		owners.set(stem.toLowerCase(), place);
	};
};

/**
 * Every image the command line asks for, in order. All rows are read and checked before the first call is paid.
 * Throws `UsageInvalid`, which names the bad rows by file and line.
 */
export const planImages = (options: Arguments, ratioVariable: string | null): readonly Wanted[] => {
	if (options.aspect_ratio !== undefined) checkRatio(options.aspect_ratio, '--aspect_ratio');
	const aspectRatio = ratioVariable && checkRatio(ratioVariable, 'DG_GEMINI_ASPECT_RATIO');
	const rows = readRows(options);
	const { output_name_column: column, num_images_per_prompt: count } = options;
	if (column !== undefined && !rows.some(({ columns }) => Object.hasOwn(columns, column))) {
		throw new UsageInvalid(`No row has a column named ${column}. Check --output_name_column.`);
	}
	const claim = claimStems();
	const refusals: string[] = [];
	const sameRequests = new Map<string, ImageRequest>();
	const planned = rows.flatMap((row) => {
		try {
			const request = intern(sameRequests, readRequest(row, options, aspectRatio));
			const number = readNumber(row);
			const stem = readStem(row, number, column);
			claim(stem, row);
			return [{ row: number, request, stem }];
		} catch (reason) {
			if (!(reason instanceof UsageInvalid)) throw reason;
			refusals.push(reason.message);
			return [];
		}
	});
	if (refusals.length > 0) {
		const more = refusals.length - NAMED_AT_ONCE;
		const named = refusals.slice(0, NAMED_AT_ONCE);
		throw new UsageInvalid([...named, ...(more > 0 ? [`And ${more} more.`] : [])].join('\n'));
	}
	return planned.flatMap(({ row, request, stem }) =>
		Array.from({ length: count }, (_, image) => ({
			row,
			image,
			request,
			stem: imageStem(stem, image, count),
			otherStem: otherStem(stem, image, count),
		})),
	);
};
