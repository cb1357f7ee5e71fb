import { DEFAULT_MODEL } from '../src/models/catalogue';
import { readRatio } from '../src/models/ratio';
import { RequestInvalid, resolveRequest, type RequestInput } from '../src/models/resolve';
import type { ImageRequest } from '../src/request';
import type { Arguments } from './arguments';
import { numberOf, UsageInvalid, wholeFrom } from './input';
import type { InputImage } from './inputImages';
import type { Row } from './promptsFile';

/** Columns that say how a row is drawn; whatever else it holds is carried into its metadata. */
const OWN_COLUMNS = [
	'index',
	'aspect_ratio',
	'width',
	'height',
	'image_size',
	'model',
	'thinking_level',
	'system_instruction',
];

/** A column's text; null where the row lacks it or leaves it blank. */
export const readColumn = ({ columns, place }: Row, name: string): string | null => {
	const value = (Object.hasOwn(columns, name) ? columns[name] : null) ?? '';
	if (typeof value === 'string' || typeof value === 'number') return String(value).trim() || null;
	throw new UsageInvalid(`${place}: ${name} must be a text or a number.`);
};

/** What a row holds besides what it asks for: an id, a product number; null where there is nothing. */
export const carriedColumns = (
	{ columns }: Row,
	used: readonly string[],
): Row['columns'] | null => {
	const rest = Object.entries(columns).filter(
		([name]) => !OWN_COLUMNS.includes(name) && !used.includes(name),
	);
	return rest.length === 0 ? null : Object.fromEntries(rest);
};

const readPixels = (row: Row, name: 'width' | 'height'): number | null => {
	const text = readColumn(row, name);
	return text === null ? null : numberOf(text, `${row.place}: ${name}`, wholeFrom(1));
};

/** `16:9`, however it is spelled, or `auto`; which of them a model has is found out with the rest of the request. */
export const checkRatio = (given: string, place: string): string => {
	const ratio = readRatio(given);
	if (/^(\d+:\d+|auto)$/.test(ratio)) return ratio;
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

/** The prompt, as the file has it. A field that is not there is told with those that are. */
const readPrompt = (row: Row, column: string): string => {
	if (row.refusal !== null) throw new UsageInvalid(row.refusal);
	const prompt = readColumn(row, column);
	if (prompt !== null || Object.hasOwn(row.columns, column)) return prompt ?? '';
	const names = Object.keys(row.columns);
	const there = names.length === 0 ? 'It has none at all.' : `Its fields are ${names.join(', ')}.`;
	throw new UsageInvalid(
		`${row.place} has no field named ${column}. ${there} Rename one, or name it with --prompt_column.`,
	);
};

/** What holds for a row besides what it says itself. */
interface Asking {
	readonly promptColumn: string;
	readonly inputs: readonly InputImage[];
	readonly options: Arguments;
	/** Of the variable. */
	readonly aspectRatio: string | null;
}

/** What a row asks for; what is nearest holds: the row, the option, the variable. Throws `UsageInvalid`. */
export const readRequest = (
	row: Row,
	{ promptColumn, inputs, options, aspectRatio }: Asking,
): ImageRequest => {
	const prompt = readPrompt(row, promptColumn);
	try {
		return resolveRequest({
			prompt,
			model: readColumn(row, 'model') ?? options.model_name ?? DEFAULT_MODEL,
			imageSize: readColumn(row, 'image_size') ?? options.image_size ?? 'auto',
			thinkingLevel: readColumn(row, 'thinking_level') ?? options.thinking_level ?? 'auto',
			systemInstruction:
				readColumn(row, 'system_instruction') ?? options.system_instruction ?? null,
			googleSearch: options.google_search === true,
			includeText: options.include_text === true,
			referenceImages: inputs,
			additionalFields: options.additional_fields ?? {},
			...readShape(row, options, aspectRatio),
		});
	} catch (reason) {
		if (!(reason instanceof RequestInvalid)) throw reason;
		throw new UsageInvalid(`${row.place}: ${reason.message}`);
	}
};
