/**
 * How long from the last byte to the image's Buffer, how much memory at the peak, how long the event loop stands still?
 * Run: npx tsx bench/decode.ts
 *
 * A server in a process of its own sends replies of one image; each row is measured in a fresh process that is bundled
 * as the published package is. `last byte` is the median of single calls, from the moment undici has the whole body
 * (its `trailers` event) to the image as a Buffer. `above base` is the kernel's peak of the process over what it held
 * after three such calls one by one; with 16 in flight all replies are there but for their last bytes before any may end.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { Measured } from './decode/measure';

const folder = path.join(__dirname, '../node_modules/.cache/bench/decode');
mkdirSync(folder, { recursive: true });
buildSync({
	entryPoints: ['server', 'measure'].map((name) => path.join(__dirname, 'decode', `${name}.ts`)),
	outdir: folder,
	outExtension: { '.js': '.cjs' },
	bundle: true,
	platform: 'node',
	// n8n's own client is measured as it is installed.
	external: ['n8n-core', 'reflect-metadata'],
	logLevel: 'warning',
});

const VARIANTS = ['plain SDK', 'this', "this, n8n's client"];
const SIZES_MB = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [2, 8, 20];

async function main() {
	// It ends with its standard input, and so with this process.
	const server = spawn(process.execPath, [path.join(folder, 'server.cjs')]);
	const [line] = (await once(server.stdout, 'data')) as [Buffer];
	const url = line.toString().trim();
	const measure = (variant: string, megabytes: number, inFlight: number): Measured =>
		JSON.parse(
			execFileSync(
				process.execPath,
				[
					'--expose-gc',
					path.join(folder, 'measure.cjs'),
					url,
					variant,
					`${megabytes}`,
					`${inFlight}`,
				],
				{ encoding: 'utf8', maxBuffer: 1e9 },
			),
		) as Measured;

	const rows: Record<string, string | number>[] = [];
	for (const megabytes of SIZES_MB) {
		const bare = measure('bare decode', megabytes, 1).lastByteMs;
		rows.push({
			MB: megabytes,
			'in flight': 1,
			variant: 'bare decode',
			'last byte ms': round(bare),
		});
		for (const inFlight of [1, 16]) {
			let plainMb = 0;
			for (const variant of VARIANTS) {
				const { lastByteMs, baseMb, peakMb, stallMs, totalMs } = measure(
					variant,
					megabytes,
					inFlight,
				);
				const aboveMb = peakMb - baseMb;
				if (variant === 'plain SDK') plainMb = aboveMb;
				rows.push({
					MB: megabytes,
					'in flight': inFlight,
					variant,
					...(inFlight === 1 && {
						'last byte ms': round(lastByteMs),
						'x bare': round(lastByteMs / bare),
					}),
					'peak MB': Math.round(peakMb),
					'above base MB': Math.round(aboveMb),
					// A single reply is too small beside what a process gives back meanwhile.
					...(inFlight > 1 && { 'of plain': Math.round((aboveMb / plainMb) * 100) / 100 }),
					'stall ms': round(stallMs),
					'all calls ms': Math.round(totalMs),
				});
			}
		}
	}
	console.table(rows);
	server.stdin.end();
}

const round = (value: number) => Math.round(value * 10) / 10;

void main();
