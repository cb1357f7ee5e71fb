import { mkdir, statfs } from 'node:fs/promises';
import type { Pool } from '../src/pool/pool';
import type { Tenant } from '../src/pool/tenant';
import { systemClock } from '../src/system';
import { drawAll } from './drawAll';
import { refusedBefore, skippedEntry, type Entry } from './entry';
import { UsageInvalid } from './input';
import { lockDirectory } from './lock';
import { metadataFile } from './metadata';
import { givingWay } from './moves';
import { openOutput, OutputInvalid, type Output } from './output';
import type { Wanted } from './plan';
import type { Share } from './share';
import { images, openReport, type Report } from './report';
import type { Stopping } from './stopping';
import { openTally } from './tally';
import { openTickets, waitingInBatch, type Tickets } from './tickets';
import type { Stream } from './terminal';

/** What the process lends to a run. */
export interface Terminal {
	readonly stdout: Stream;
	readonly stderr: Stream;
	readonly stopping: Stopping;
	/** All of standard input. */
	readStdin(): Promise<Buffer>;
}

/** Puts a run on the pool, or hands it in in batch. */
export type Join = (around: { openTickets(): Tickets; tell(sentence: string): void }) => Tenant;

/** How a run deals with what is there. */
export interface RunOptions {
	readonly directory: string;
	readonly json: boolean;
	/** Half price, later. */
	readonly batch: boolean;
	/** All is drawn again. */
	readonly redraw: boolean;
	/** Prompts that were refused the last time are not asked again. */
	readonly skipRefused: boolean;
}

/** Less than a few images: whoever starts with it pays for some that cannot be written. */
const LEAST_FREE_BYTES = 16 * 2 ** 20;

const makeDirectory = async (directory: string): Promise<void> => {
	await mkdir(directory, { recursive: true });
	const { bavail, bsize, blocks } = await statfs(directory);
	// Some network file systems do not tell.
	if (blocks === 0 || bavail * bsize >= LEAST_FREE_BYTES) return;
	throw new UsageInvalid(
		`The disk of ${directory} is full: ${Math.floor((bavail * bsize) / 2 ** 20)} MB are free. Make room, or choose another --output_dir.`,
	);
};

/** What the file system refuses, as a sentence. */
export const asOutputInvalid = (directory: string) => (reason: unknown) => {
	if (reason instanceof UsageInvalid) throw reason;
	throw new OutputInvalid(directory, reason);
};

/** What was found in the directory, and what becomes of it: said before anything is paid for. */
const findings = (
	{ stock, moves }: Output,
	toMake: readonly Wanted[],
	{ redraw, batch }: RunOptions,
): readonly string[] => {
	const few = stock.strangers.slice(0, 3).join(', ');
	const toReplace = givingWay(stock, moves, toMake).size - moves.inTheWay.length;
	const inBatch = batch ? 0 : waitingInBatch(stock, toMake).size;
	return [
		moves.misplaced.length > 0 &&
			`${images(moves.misplaced.length)} renamed after their rows of now.`,
		moves.inTheWay.length > 0 &&
			`${images(moves.inTheWay.length)} of no row any more moved to replaced/.`,
		toReplace > 0 &&
			`${images(toReplace)} to be moved to replaced/ as others are made in their place.`,
		inBatch > 0 &&
			`${images(inBatch)} in a batch already, to be paid for all the same: made once more now. --batch collects ${inBatch === 1 ? 'it' : 'them'}.`,
		!redraw &&
			stock.unnoted > 0 &&
			`${images(stock.unnoted)} taken for made by name alone, since metadata.jsonl does not tell of them. If they show something else, choose another --output_dir.`,
		stock.strangers.length > 0 &&
			stock.missing.length > 0 &&
			`${images(stock.strangers.length)} there of no row of this list, of which metadata.jsonl does not tell: ${few}${stock.strangers.length > 3 ? ', ...' : ''}.`,
	].filter((line) => line !== false);
};

/** What is said, and stopped, at a request to end. */
const obey = (stopping: Stopping, pool: Pool, tenant: Tenant, report: Report): void => {
	stopping.onEnd((asked) => {
		tenant.stopStarting();
		const open = pool.status().reduce((sum, { inFlight }) => sum + inFlight, 0);
		const is = open === 1 ? 'is' : 'are';
		const more = asked === 'person' ? ' Press Ctrl-C again to break off.' : '';
		const waits = `${images(open)} in the making ${is} paid for and ${is} waited for.${more}`;
		report.tell(`Stopping: nothing further is started.${open > 0 ? ` ${waits}` : ''}`);
	});
	stopping.breakOff.addEventListener('abort', () => {
		report.tell(
			'Calls are broken off; images that have arrived are written. What was in the making may be paid for all the same.',
		);
	});
};

interface Making {
	readonly output: Output;
	readonly report: Report;
	readonly tenant: Tenant;
	readonly breakOff: AbortSignal;
	/** Called once for each image that is there, or settles. */
	settled(entry: Entry, wanted: Wanted): void;
	time(): string;
}

/** Tells what was found, and makes the rest. */
const makeMissing = async (
	wanted: readonly Wanted[],
	options: RunOptions,
	{ output, report, tenant, breakOff, settled, time }: Making,
): Promise<void> => {
	const missing: Wanted[] = [];
	const found: (readonly [Entry, Wanted])[] = [];
	for (const each of wanted) {
		const file = output.find(each);
		if (file !== null) found.push([skippedEntry(each, file, time()), each]);
		else if (options.skipRefused && output.stock.refused.has(each)) {
			found.push([refusedBefore(each, time()), each]);
		} else missing.push(each);
	}
	for (const line of findings(output, missing, options)) report.tell(line);
	for (const [entry, each] of found) settled(entry, each);
	const trouble = await drawAll(missing, {
		tenant,
		output,
		breakOff,
		time,
		settled(entry, each) {
			// What was not begun is nothing to remember. The image itself was noted as it was written.
			if (entry.status !== 'notStarted' && entry.status !== 'ok') output.note(entry);
			settled(entry, each);
		},
	});
	if (trouble !== null) report.tell(trouble.message);
};

/**
 * Makes what is missing of a share of the list, in a directory that is kept to this run, and answers with the exit code.
 * `join` puts it on the pool. Rejects with `UsageInvalid` or `OutputInvalid` before any call.
 */
export const runInDirectory = async (
	list: readonly Wanted[],
	share: Share,
	options: RunOptions,
	{ pool, join }: { readonly pool: Pool; readonly join: Join },
	{ stdout, stderr, stopping }: Terminal,
): Promise<number> => {
	const { directory, json, redraw, batch } = options;
	let onLost = (): void => {};
	await makeDirectory(directory).catch(asOutputInvalid(directory));
	const letGo = await lockDirectory(directory, share.name, () => onLost()).catch(
		asOutputInvalid(directory),
	);
	try {
		const { wanted } = share;
		const output = await openOutput(directory, list, { redraw, share: share.name });
		const tally = openTally(wanted.length, () => systemClock.now());
		// A batch waits for Google, and not for a lane.
		const lanes = () => (batch ? [] : pool.status());
		const report = openReport({ stdout, stderr, json, tally, directory, lanes });
		const time = () => new Date(systemClock.wallClock()).toISOString();
		const settled = (entry: Entry, { stem }: Wanted): void => {
			tally.add(entry, stem);
			report.settled(entry, stem);
		};
		try {
			const tenant = join({
				openTickets: () =>
					openTickets(output.stock.tickets, metadataFile(share.name), output.note, time),
				tell: report.tell,
			});
			obey(stopping, pool, tenant, report);
			onLost = () => {
				tenant.stopStarting();
				report.tell(`Another run took over ${directory} while this one stood still. Stopping.`);
			};
			const { breakOff } = stopping;
			const making = { output, report, tenant, breakOff, settled, time };
			await makeMissing(wanted, options, making).finally(() => tenant.leave());
		} finally {
			report.close(lanes());
		}
		const { refused, failed, open } = tally.progress();
		return refused + failed + open === 0 ? 0 : 1;
	} finally {
		await letGo();
	}
};
