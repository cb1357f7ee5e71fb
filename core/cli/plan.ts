import type { Fetch } from '../src/effects';
import type { ImageRequest } from '../src/request';
import { toNumber } from '../src/settings/fields';
import type { Arguments } from './arguments';
import { imageStem, namedStem, numberedStem, otherStem } from './fileNames';
import { openInputImages, type InputImage } from './inputImages';
import { UsageInvalid, wholeFrom } from './input';
import { readPromptsFile, type Row } from './promptsFile';
import { carriedColumns, checkRatio, readColumn, readRequest } from './rowRequest';

/** One image to make: a row's prompt, and which of its images. */
export interface Wanted {
	/** The number in its file's name. */
	readonly row: number;
	/** Counted from 0. */
	readonly image: number;
	readonly request: ImageRequest;
	/** Path below the output directory, without extension. */
	readonly stem: string;
	/** Where an earlier run with another count may have put it; null where nothing but `stem` means this image. */
	readonly otherStem: string | null;
	/** What else its row holds; null where there is nothing. */
	readonly columns: Row['columns'] | null;
	/** Images to work from. */
	readonly inputs: readonly InputImage[];
}

/** What a plan needs of its surroundings. */
export interface Surroundings {
	/** All of standard input, where the list comes from there. */
	readonly stdin: Buffer | null;
	/** For images to work from that have an address. */
	readonly fetch: Fetch;
}

/** So many bad rows are named with their reason; of the rest, where they are. */
const NAMED_AT_ONCE = 10;

/** How the column is called that holds the prompts. */
const promptColumnOf = ({ edit, prompt_column, instruction_key }: Arguments): string =>
	prompt_column ?? instruction_key ?? (edit ? 'instruction' : 'prompt');

const single = (prompt: string, column: string): Row => ({
	place: '--prompt',
	index: 0,
	columns: { [column]: prompt },
	refusal: null,
});

const readRows = (options: Arguments, stdin: Buffer | null): readonly Row[] => {
	const { prompt, prompts_file, input, prompts_format } = options;
	const path = prompts_file ?? input;
	const promptColumn = promptColumnOf(options);
	if (prompt !== undefined && path !== undefined) {
		throw new UsageInvalid('Give either --prompt or --prompts_file, not both.');
	}
	if (prompts_file !== undefined && input !== undefined) {
		throw new UsageInvalid('Give either --prompts_file or --input, not both.');
	}
	if (prompt !== undefined) {
		const text = prompt === '-' ? (stdin?.toString('utf8').trim() ?? '') : prompt;
		return [single(text, promptColumn)];
	}
	if (path !== undefined) {
		const option = prompts_file === undefined ? '--input' : '--prompts_file';
		const format = prompts_format ?? null;
		return readPromptsFile({ path, stdin, format, promptColumn, option });
	}
	throw new UsageInvalid(
		'There is nothing to draw yet. Give --prompt "..." or --prompts_file prompts.jsonl.\nSee gemini-t2i --help.',
	);
};

const readStem = (row: Row, index: number, column: string | undefined): string => {
	const name = column === undefined ? null : readColumn(row, column);
	return name === null ? numberedStem(index) : namedStem(name, row.place);
};

/** The row's own `index`, as the tool that this one continues reads it, else its place in the file. */
const numberOfRow = (row: Row): number => {
	const number = toNumber(readColumn(row, 'index') ?? row.index, wholeFrom(0).accepts);
	if (number !== null) return number;
	throw new UsageInvalid(
		`${row.place}: index must be a whole number, since it numbers the files. Rename the column if it means something else.`,
	);
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

const unitAndNumber = (place: string): readonly [string, number] => {
	const [, unit = '', number = '0'] = /(line|entry) (\d+)$/.exec(place) ?? [];
	return [unit, Number(number)];
};

/** `lines 3, 5-9`: where the rows are that are not named one by one. */
const inShort = (places: readonly string[]): string => {
	const [unit] = unitAndNumber(places[0] ?? '');
	const runs: [number, number][] = [];
	for (const [, number] of places.map(unitAndNumber)) {
		const last = runs.at(-1);
		if (last?.[1] === number - 1) last[1] = number;
		else runs.push([number, number]);
	}
	const plural = places.length === 1 ? unit : unit === 'line' ? 'lines' : 'entries';
	const words = runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
	return `${plural} ${words.join(', ')}`;
};

const refuseBadRows = (refusals: readonly { place: string; message: string }[]): void => {
	if (refusals.length === 0) return;
	const named = refusals.slice(0, NAMED_AT_ONCE).map(({ message }) => message);
	const rest = refusals.slice(NAMED_AT_ONCE).map(({ place }) => place);
	const more = rest.length > 0 ? [`And ${rest.length} more: ${inShort(rest)}.`] : [];
	throw new UsageInvalid([...named, ...more].join('\n'));
};

/**
 * Every image the list asks for, in order. All rows are read and checked before the first call is paid.
 * Throws `UsageInvalid`, which names the bad rows by file and line.
 */
export const planImages = (
	options: Arguments,
	ratioVariable: string | null,
	{ stdin, fetch }: Surroundings,
): readonly Wanted[] => {
	if (options.aspect_ratio !== undefined) checkRatio(options.aspect_ratio, '--aspect_ratio');
	const aspectRatio = ratioVariable && checkRatio(ratioVariable, 'DG_GEMINI_ASPECT_RATIO');
	const rows = readRows(options, stdin);
	const { output_name_column: column, num_images_per_prompt: count } = options;
	if (column !== undefined && !rows.some(({ columns }) => Object.hasOwn(columns, column))) {
		throw new UsageInvalid(`No row has a column named ${column}. Check --output_name_column.`);
	}
	const promptColumn = promptColumnOf(options);
	const images = openInputImages({
		edit: options.edit === true,
		forAll: options.input_image ?? [],
		named: options.input_image_column ?? null,
		list: options.prompts_file ?? options.input ?? null,
		fetch,
	});
	const imageColumns = images.columns(rows);
	const claim = claimStems();
	const refusals: { place: string; message: string }[] = [];
	const sameRequests = new Map<string, ImageRequest>();
	const planned = rows.flatMap((row) => {
		try {
			const inputs = images.read(row, imageColumns);
			const asked = readRequest(row, { promptColumn, inputs, options, aspectRatio });
			const request = intern(sameRequests, asked);
			const number = numberOfRow(row);
			const stem = readStem(row, number, column);
			claim(stem, row);
			const columns = carriedColumns(row, [promptColumn, ...imageColumns]);
			return [{ row: number, request, stem, columns, inputs }];
		} catch (reason) {
			if (!(reason instanceof UsageInvalid)) throw reason;
			refusals.push({ place: row.place, message: reason.message });
			return [];
		}
	});
	refuseBadRows(refusals);
	return planned.flatMap(({ stem, ...row }) =>
		Array.from({ length: count }, (_, image) => ({
			...row,
			image,
			stem: imageStem(stem, image, count),
			otherStem: otherStem(stem, image, count),
		})),
	);
};
