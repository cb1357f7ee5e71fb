import { CsvError, parse } from 'csv-parse/sync';
import { UsageInvalid } from './input';

/** A record of a table: its columns by name, and the line of the file on which it ends. */
export interface TableRow {
	readonly line: number;
	readonly columns: Readonly<Record<string, string>>;
}

/** Excel writes down which separator it took, as a line of its own. */
const SEPARATOR_LINE = /^sep=(.)(?:\r\n|\n|\r)/;

/** A spreadsheet of a country with decimal commas separates columns by semicolons. What is in quotes does not count. */
const delimiterOf = (text: string): string => {
	const bare = text.replace(/"(?:[^"]|"")*"/g, '');
	const header = /^[^\r\n]*/.exec(bare.trimStart())?.[0] ?? '';
	const counts = [',', ';', '\t'].map((each) => [header.split(each).length, each] as const);
	return counts.reduce((most, each) => (each[0] > most[0] ? each : most))[1];
};

/** A column without a name, as an empty one of a spreadsheet, is left out. */
const columnNames = (header: readonly string[], name: string): (string | false)[] => {
	const names = header.map((column) => column.trim());
	const twice = names.find((column, index) => column !== '' && names.indexOf(column) < index);
	if (twice === undefined) return names.map((column) => column || false);
	throw new UsageInvalid(`${name} has two columns named ${twice}. Give each a name of its own.`);
};

interface Parsed {
	readonly record: Record<string, string>;
	readonly info: { readonly lines: number };
}

/** The records of a table with a header, in their order. Throws `UsageInvalid`. */
export const readTable = (text: string, name: string, delimiter?: string): readonly TableRow[] => {
	const told = SEPARATOR_LINE.exec(text);
	const table = told === null ? text : text.slice(told[0].length);
	try {
		const rows = parse(table, {
			delimiter: delimiter ?? told?.[1] ?? delimiterOf(table),
			columns: (header: string[]) => columnNames(header, name),
			info: true,
			skip_empty_lines: true,
			relax_column_count_less: true,
			// Tables with tabs are written without quotes more often than not.
			relax_quotes: delimiter === '\t',
		}) as unknown as readonly Parsed[];
		return rows.map(({ record, info }) => ({
			line: info.lines + (told === null ? 0 : 1),
			columns: record,
		}));
	} catch (reason) {
		if (!(reason instanceof CsvError)) throw reason;
		throw new UsageInvalid(
			`${name} cannot be read as CSV: ${reason.message}. Put texts with commas or quotes into double quotes.`,
		);
	}
};
