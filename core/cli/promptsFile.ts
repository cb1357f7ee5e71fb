import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { readTable } from './csv';
import { UsageInvalid } from './input';

/** One prompt and what it carries: its columns, by name, as the file has them. */
export interface Row {
	/** For sentences: `prompts.csv, line 3`. */
	readonly place: string;
	/** What numbers its files: its place among all lines of a text, blank ones too, or among the entries. From 0. */
	readonly index: number;
	readonly columns: Readonly<Record<string, unknown>>;
	/** Why it cannot be read; null where it can. */
	readonly refusal: string | null;
}

export const PROMPT_FORMATS = ['jsonl', 'json', 'txt', 'csv', 'tsv'] as const;
export type PromptFormat = (typeof PROMPT_FORMATS)[number];

const row = (place: string, index: number, columns: Row['columns']): Row => ({
	place,
	index,
	columns,
	refusal: null,
});

const badRow = (place: string, index: number, refusal: string): Row => ({
	place,
	index,
	columns: {},
	refusal: `${place} ${refusal}`,
});

/** A bare string is the prompt. */
const rowOf = (value: unknown, place: string, index: number, promptColumn: string): Row => {
	if (typeof value === 'string') return row(place, index, { [promptColumn]: value });
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
		return row(place, index, { ...value });
	}
	return badRow(place, index, 'must be a text or an object with a prompt.');
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

type Read = (text: string, name: string, promptColumn: string) => readonly Row[];

const readJson: Read = (text, name, promptColumn) => {
	let rows: unknown;
	try {
		rows = JSON.parse(text);
	} catch {
		throw new UsageInvalid(`${name} is not valid JSON. Check its quotes, commas and braces.`);
	}
	if (Array.isArray(rows)) {
		return rows.map((value, index) =>
			rowOf(value, `${name}, entry ${index + 1}`, index, promptColumn),
		);
	}
	throw new UsageInvalid(`${name} must be an array of texts or of objects with a prompt.`);
};

const readJsonLines: Read = (text, name, promptColumn) =>
	linesOf(text, name).map(({ text: line, place, index }) => {
		try {
			return rowOf(JSON.parse(line), place, index, promptColumn);
		} catch {
			return badRow(place, index, 'is not valid JSON. Check its quotes, commas and braces.');
		}
	});

/** Records count, as in the tool before this one, and not lines; one of empty cells is counted and left out. */
const readRecords =
	(delimiter?: string): Read =>
	(text, name, promptColumn) => {
		const rows = readTable(text, name, delimiter);
		const names = Object.keys(rows[0]?.columns ?? {});
		if (rows.length > 0 && !names.includes(promptColumn)) {
			throw new UsageInvalid(
				`${name} needs a column named ${promptColumn}. Its columns are ${names.join(', ')}. Rename one, or name it with --prompt_column.`,
			);
		}
		return rows.flatMap(({ line, columns }, index) => {
			const isEmpty = Object.values(columns).every((cell) => cell.trim() === '');
			return isEmpty ? [] : [row(`${name}, line ${line}`, index, columns)];
		});
	};

const readers: Readonly<Record<PromptFormat, Read>> = {
	jsonl: readJsonLines,
	json: readJson,
	txt: (text, name, promptColumn) =>
		linesOf(text, name).map((line) => row(line.place, line.index, { [promptColumn]: line.text })),
	csv: readRecords(),
	tsv: readRecords('\t'),
};

/** Another encoding, as Excel's plain CSV has, would be drawn as gibberish, and paid for. A mark in front is taken off. */
const toText = (bytes: Buffer, name: string): string => {
	const advice = 'Save it anew, as "CSV UTF-8" or with that encoding.';
	// Letters of UTF-16 are valid UTF-8 with zeros between, which no text has.
	if (bytes.includes(0)) {
		throw new UsageInvalid(`${name} is not in UTF-8: it looks like UTF-16. ${advice}`);
	}
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new UsageInvalid(`${name} is not in UTF-8. ${advice}`);
	}
};

/** What standard input holds, where nobody tells: an array, a line of JSON, or else one prompt a line. */
const formatOf = (text: string): PromptFormat => {
	const start = text.trimStart();
	if (start.startsWith('[')) return 'json';
	return start.startsWith('{') ? 'jsonl' : 'txt';
};

/** A list of prompts: where it lies, or what standard input held, and how it is to be read. */
export interface PromptsSource {
	/** `-` for standard input. */
	readonly path: string;
	readonly stdin: Buffer | null;
	/** Null where its name tells. */
	readonly format: PromptFormat | null;
	readonly promptColumn: string;
	/** How its option is called. */
	readonly option: string;
}

const readBytes = ({ path, stdin, option }: PromptsSource): Buffer => {
	if (path === '-') return stdin ?? Buffer.alloc(0);
	try {
		return readFileSync(path);
	} catch (reason) {
		const code = (reason as NodeJS.ErrnoException).code ?? 'unknown';
		throw new UsageInvalid(`${path} cannot be read (${code}). Check ${option}.`);
	}
};

/** The rows of a list in UTF-8, in their order, those that cannot be read too. Throws `UsageInvalid`. */
export const readPromptsFile = (source: PromptsSource): readonly Row[] => {
	const { path, promptColumn, option } = source;
	const name = path === '-' ? 'Standard input' : basename(path);
	const extension = extname(path).slice(1).toLowerCase();
	const byName = PROMPT_FORMATS.find((each) => each === extension) ?? null;
	if (path !== '-' && source.format === null && byName === null) {
		throw new UsageInvalid(
			`${option} takes a .jsonl, .json, .txt or .csv file, or .tsv; ${name} is none of them. --prompts_format tells how to read it.`,
		);
	}
	const text = toText(readBytes(source), name);
	const rows = readers[source.format ?? byName ?? formatOf(text)](text, name, promptColumn);
	if (rows.length > 0) return rows;
	throw new UsageInvalid(`${name} holds no prompt yet. Add one and run the command again.`);
};
