import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

const file = path.join(__dirname, '../docs/benchmarks.md');

const HEAD = `# Benchmarks

Each section is written by the command it names, on the day and the machine it names. Read the ratios: the times and the
megabytes are that machine's.
`;

/** Puts a section into docs/benchmarks.md, in place of an earlier one of the same title. */
export function writeSection(title: string, command: string, body: string): void {
	const text = existsSync(file) ? readFileSync(file, 'utf8') : HEAD;
	const [head = '', ...sections] = text.split(/^(?=## )/m);
	const own = `## ${title}\n\n\`${command}\` · ${today()} · ${machine()}\n\n${body.trim()}\n`;
	const place = sections.findIndex((section) => section.startsWith(`## ${title}\n`));
	if (place === -1) sections.push(own);
	else sections[place] = own;
	writeFileSync(file, `${[head, ...sections].map((part) => part.trim()).join('\n\n')}\n`);
}

/** Rows of the same columns as a Markdown table, numbers to the right, as prettier would write it. */
export function table(rows: ReadonlyArray<Readonly<Record<string, string | number>>>): string {
	const columns = Object.keys(rows[0]!);
	const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
	const isNumber = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
	const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => [...row[at]!].length)));
	const line = (row: readonly string[]) =>
		`| ${row.map((cell, at) => pad(cell, widths[at]!, isNumber[at]!)).join(' | ')} |`;
	const rule = widths.map((width, at) => '-'.repeat(width - 1) + (isNumber[at] ? ':' : '-'));
	return [line(cells[0]!), line(rule), ...cells.slice(1).map(line)].join('\n');
}

function pad(text: string, width: number, right: boolean): string {
	const gap = ' '.repeat(width - [...text].length);
	return right ? gap + text : text + gap;
}

const today = () => new Date().toISOString().slice(0, 10);

const machine = () =>
	[
		`${cpus().length} x ${cpus()[0]!.model.trim()}`,
		`${Math.round(totalmem() / 2 ** 30)} GB`,
		`${process.platform} ${process.arch}`,
		`Node ${process.versions.node}`,
	].join(', ');
