import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { UsageInvalid } from './input';

/** One prompt and what it carries: its columns, by name, as the file has them. */
export interface Row {
	/** For sentences: `prompts.csv, line 3`. */
	readonly place: string;
	/** What numbers its files: its place among all lines of a text, blank ones too, or among the entries. From 0. */
	readonly index: number;
	readonly columns: Readonly<Record<string, unknown>>;
}

/** A bare string is a prompt. */
const toColumns = (value: unknown, place: string): Row['columns'] => {
	if (typeof value === 'string') return { prompt: value };
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
	throw new UsageInvalid(`${place} must be a text or an object with a prompt.`);
};

const parseJson = (text: string, place: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		throw new UsageInvalid(`${place} is not valid JSON. Check its quotes, commas and braces.`);
	}
};

interface Line {
	readonly text: string;
	readonly place: string;
	readonly index: number;
}

/** Lines that are not blank. */
const linesOf = (text: string, name: string): readonly Line[] =>
	text
		.split(/\r\n|\n|\r/)
		.map((line, index) => ({ text: line.trim(), place: `${name}, line ${index + 1}`, index }))
		.filter((line) => line.text !== '');

const readJson = (text: string, name: string): readonly Row[] => {
	const rows = parseJson(text, name);
	if (!Array.isArray(rows)) {
		throw new UsageInvalid(`${name} must be an array of texts or of objects with a prompt.`);
	}
	return rows.map((row, index) => {
		const place = `${name}, entry ${index + 1}`;
		return { place, index, columns: toColumns(row, place) };
	});
};

interface CsvRow {
	readonly record: Record<string, string>;
	readonly info: { readonly lines: number };
}

/** A spreadsheet of a country with decimal commas separates columns by semicolons. */
const delimiterOf = (text: string): string => {
	const header = text.split(/[\r\n]/, 1)[0] ?? '';
	return header.includes(';') && !header.includes(',') ? ';' : ',';
};

const columnNames = (header: readonly string[], name: string): string[] => {
	const names = header.map((column) => column.trim());
	const twice = names.find((column, index) => names.indexOf(column) < index);
	if (twice !== undefined) {
		throw new UsageInvalid(`${name} has two columns named ${twice}. Give each a name of its own.`);
	}
	if (names.includes('prompt')) return names;
	throw new UsageInvalid(
		`${name} needs a column named prompt. Its columns are ${names.join(', ')}.`,
	);
};

const readCsv = (text: string, name: string): readonly Row[] => {
	try {
		const rows = parseCsv(text, {
			delimiter: delimiterOf(text),
			columns: (header: string[]) => columnNames(header, name),
			info: true,
			skip_empty_lines: true,
			skip_records_with_empty_values: true,
			relax_column_count_less: true,
		}) as unknown as readonly CsvRow[];
		return rows.map(({ record, info }, index) => ({
			place: `${name}, line ${info.lines}`,
			index,
			columns: record,
		}));
	} catch (reason) {
		if (!(reason instanceof CsvError)) throw reason;
		throw new UsageInvalid(
			`${name} cannot be read as CSV: ${reason.message}. Put texts with commas or quotes into double quotes.`,
		);
	}
};

const formats: Readonly<Record<string, (text: string, name: string) => readonly Row[]>> = {
	'.jsonl': (text, name) =>
		linesOf(text, name).map((line) => ({
			place: line.place,
			index: line.index,
			columns: toColumns(parseJson(line.text, line.place), line.place),
		})),
	'.json': readJson,
	'.txt': (text, name) =>
		linesOf(text, name).map(({ text: prompt, place, index }) => ({
			place,
			index,
			columns: { prompt },
		})),
	'.csv': readCsv,
};

/** Another encoding, as Excel's plain CSV has, would be drawn as gibberish, and paid for. A mark in front is taken off. */
const readUtf8 = (path: string, name: string): string => {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (reason) {
		const code = (reason as NodeJS.ErrnoException).code ?? 'unknown';
		throw new UsageInvalid(`${path} cannot be read (${code}). Check --prompts_file.`);
	}
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new UsageInvalid(
			`${name} is not in UTF-8. Save it anew, as "CSV UTF-8" or with that encoding.`,
		);
	}
};

/** The rows of a .jsonl, .json, .txt or .csv file in UTF-8, in their order. Throws `UsageInvalid`. */
export const readPromptsFile = (path: string): readonly Row[] => {
	const name = basename(path);
	const read = formats[extname(path).toLowerCase()];
	if (read === undefined) {
		throw new UsageInvalid(
			`--prompts_file takes a .jsonl, .json, .txt or .csv file; ${name} is none of them.`,
		);
	}
	const rows = read(readUtf8(path, name), name);
	if (rows.length > 0) return rows;
	throw new UsageInvalid(`${name} holds no prompt yet. Add one and run the command again.`);
};
