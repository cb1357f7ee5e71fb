/**
 * What do 45 images at 1K cost, one call each or in batch? Calls as the server counted them, dollars by the tokens of the
 * replies, memory above rest of a process of its own; images of 3 MB.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { startEmulator } from '../test/support/emulator/emulator';
import { table } from './report';

const ROWS = 45;
const HOUR_MS = 60 * 60_000;

interface Measured {
	readonly usd: number;
	readonly images: number;
	readonly megabytes: number;
}

async function measure(way: 'calls' | 'batch') {
	const emulator = await startEmulator({ imageSizePx: 64, latencyMs: 1000 });
	const child = fork(path.join(__dirname, 'batch/measure.ts'), [way, emulator.url, String(ROWS)], {
		execArgv: ['--expose-gc', '--import', 'tsx'],
	});
	let measured: Measured | null = null;
	child.on('message', (message) => {
		if (message !== 'turn') {
			measured = message as Measured;
			return;
		}
		emulator.batches.turn(HOUR_MS);
		child.send('turned');
	});
	await once(child, 'close');
	// The first image of each way only warms up.
	const count = (action: string) =>
		emulator.requests.filter(({ action: own, prompt, body }) => {
			const first = JSON.stringify(body ?? '').includes('row -1 ') || prompt.includes('row -1 ');
			return own === action && !first;
		}).length;
	const { usd, images, megabytes } = measured!;
	const row = {
		[`${ROWS} rows at 1K`]: way === 'calls' ? 'Generate Image' : 'Generate Image in Batch',
		images,
		'calls for images': count('generateContent'),
		'batches made': count('batchCreate'),
		dollars: usd.toFixed(3),
		'peak above rest, MB': megabytes.toFixed(0),
	};
	await emulator.close();
	return row;
}

async function main() {
	console.log(table([await measure('calls'), await measure('batch')]));
}

void main();
