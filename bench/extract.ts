/**
 * Does extraction take linear time, whatever the text?
 * Run: npx tsx bench/extract.ts
 *
 * Each row is one kind of text, each column a size in MB: the median of three runs in milliseconds, and last what a
 * megabyte costs at 20 MB beside what it costs at 5 MB. 1 is linear, 4 would be quadratic.
 */
import { performance } from 'node:perf_hooks';
import { looseJson } from '../core/src/call/loose';
import { scanJson } from '../core/src/call/scan';
import { maskOf } from '../core/src/call/secrets';
import { findDataUrls } from '../core/src/image/dataUrls';

const SIZES_MB = [1, 5, 20];
const CHUNK = 64 * 1024;
const mask = maskOf([{ key: 'key-of-the-bench', label: 'Endpoint 1' }]);

const fill = (piece: string, bytes: number) =>
	piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);

/** Texts in which a data URL is searched. */
const TEXTS: Readonly<Record<string, (bytes: number) => string>> = {
	'one data URL': (bytes) => `data:image/png;base64,${fill('QUJD', bytes)}`,
	'wrapped base64': (bytes) => `data:image/png;base64,${fill(`${'QUJD'.repeat(19)}\n`, bytes)}`,
	'data: data: data:': (bytes) => fill('data:', bytes),
	'heads without base64': (bytes) => fill('data:image/png;base64,', bytes),
	'heads that never end': (bytes) => fill('data:image/png;a=b', bytes),
	'open markdown': (bytes) => fill('![](data:image/png;base64,QUJD', bytes),
	'open brackets': (bytes) => fill('![', bytes),
	'JPEGs without end': (bytes) => `data:image/jpeg;base64,/9j/${fill('QUJD ', bytes)}`,
	'white space': (bytes) => `data:image/png;base64,${fill(' ', bytes)}`,
	'a bare picture of blanks': (bytes) => `iVBORw0KGgo${fill(' ', bytes)}!`,
	'fenced blanks': (bytes) => `\`\`\`${fill(' ', bytes)}!`,
	'line feeds': (bytes) => `data:,${fill('\n', bytes)}`,
};

/** Bodies that the scan must get through. */
const BODIES: Readonly<Record<string, (bytes: number) => string>> = {
	'scan: backslashes': (bytes) => `{"text":"${fill('\\\\', bytes)}"}`,
	'scan: quotes': (bytes) => `{"text":"${fill('\\"', bytes)}"}`,
	'scan: short strings': (bytes) => `["${fill('","', bytes)}"]`,
	'scan: escaped image': (bytes) => `{"inlineData":{"data":"${fill('QUJ\\/', bytes)}"}}`,
	'scan: spaced image': (bytes) => `{"inlineData":{"data":"${fill('QUJD ', bytes)}"}}`,
	'scan: padded image': (bytes) => `{"inlineData":{"data":"${fill('=', bytes)}"}}`,
	'scan: many images': (bytes) => `[${fill('{"inlineData":{"data":"QUJD"}},', bytes)}`,
	'scan: open brackets': (bytes) => fill('[', bytes),
	'scan: one long key': (bytes) => `{"${fill('k', bytes)}":1}`,
	'scan: white space': (bytes) => `{${fill(' \n', bytes)}}`,
};

/** Words of a server, in which keys and complaints are searched. */
const WORDS: Readonly<Record<string, (bytes: number) => string>> = {
	'words: plain': (bytes) => fill('word ', bytes),
	'words: percent': (bytes) => fill('%25', bytes),
	'words: entities': (bytes) => fill('&amp;', bytes),
	'words: backslashes': (bytes) => fill('\\\\', bytes),
	'words: open tags': (bytes) => fill('<b', bytes),
	'words: base64 of keys': (bytes) =>
		fill(Buffer.from('key-of-the-bench').toString('base64'), bytes),
	'almost JSON: brackets': (bytes) => fill("{'a':", bytes),
	'almost JSON: quotes': (bytes) => fill("'", bytes),
	'almost JSON: backslashes': (bytes) => `'${fill('\\\\', bytes)}`,
};

function scan(body: Buffer) {
	const scanning = scanJson(() => 0);
	for (let at = 0; at < body.length; at += CHUNK) scanning.push(body.subarray(at, at + CHUNK));
	scanning.end();
}

function medianMs(work: () => void): number {
	const all = Array.from({ length: 3 }, () => {
		const startedAt = performance.now();
		work();
		return performance.now() - startedAt;
	});
	return all.sort((one, other) => one - other)[1]!;
}

function row(name: string, workOn: (bytes: number) => () => void) {
	const ms = SIZES_MB.map((megabytes) => medianMs(workOn(megabytes * 1024 * 1024)));
	const columns = SIZES_MB.map((megabytes, index) => [`${megabytes} MB`, round(ms[index]!)]);
	return {
		text: name,
		...Object.fromEntries(columns),
		'20 : 5, per MB': round(ms[2]! / 4 / ms[1]!),
	};
}

const round = (value: number) => Math.round(value * 10) / 10;

console.table([
	...Object.entries(TEXTS).map(([name, make]) =>
		row(name, (bytes) => {
			const text = make(bytes);
			return () => findDataUrls(text);
		}),
	),
	...Object.entries(WORDS).map(([name, make]) =>
		row(name, (bytes) => {
			// These are cut short before they are looked at; what counts is that nothing depends on that.
			const text = make(bytes / 16);
			return name.startsWith('words') ? () => mask(text) : () => looseJson(`{${text}`);
		}),
	),
	...Object.entries(BODIES).map(([name, make]) =>
		row(name, (bytes) => {
			const body = Buffer.from(make(bytes));
			return () => scan(body);
		}),
	),
]);
