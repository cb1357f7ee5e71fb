import progressBar from 'cli-progress';
import type { Options, SingleBar } from 'cli-progress';
import type { LaneStatus } from '../pool/status';
import type { Entry } from './entry';
import type { Standing, Tally } from './tally';
import { lineOf, statusOf, summaryOf } from './words';

/** What a report needs to know of a stream of the process. */
export interface Stream extends NodeJS.WritableStream {
	readonly isTTY?: boolean;
	/** Of a terminal, in characters. */
	readonly columns?: number;
}

/** What a run tells people and programs. */
export interface Report {
	settled(entry: Entry, stem: string): void;
	/** `lanes`: how they stand at the end. */
	close(lanes: readonly LaneStatus[]): void;
}

interface ReportOptions {
	readonly stdout: Stream;
	readonly stderr: Stream;
	/** Standard output then holds lines of JSON and nothing else. */
	readonly json: boolean;
	readonly tally: Tally;
	/** The output directory, as the user named it. */
	readonly directory: string;
}

const LONGEST_BAR = 20;
const SHORTEST_BAR = 4;

/** Where nothing can be redrawn, a line says how things stand, so often. */
const STATUS_EVERY_MS = 30_000;

/** Redrawn ten times a second from the tally, so that the time left counts down while images are in the making. */
const openBar = (stream: Stream, tally: Tally): SingleBar => {
	const format = (options: Options, { progress }: { progress: number }): string => {
		const status = statusOf(tally.standing());
		// A line that does not fit would lose its end.
		const barsize = Math.min(LONGEST_BAR, (stream.columns ?? 80) - status.length - 2);
		if (barsize < SHORTEST_BAR) return status;
		return `${progressBar.Format.BarFormat(progress, { ...options, barsize })} ${status}`;
	};
	return new progressBar.SingleBar({
		format,
		stream,
		hideCursor: true,
		gracefulExit: false,
	});
};

/**
 * A bar on a terminal, else a line an image and, now and then, one that says how things stand. Images go to standard
 * output, images that were not made to standard error, the summary to both people and logs: standard output, or
 * standard error with `--json`.
 */
export const openReport = ({ stdout, stderr, json, tally, directory }: ReportOptions): Report => {
	const sharesTerminal = stdout.isTTY === true;
	const bar = stderr.isTTY && !(json && sharesTerminal) ? openBar(stderr, tally) : null;
	const afterBar: string[] = [];
	bar?.start(tally.standing().total, 0);

	const say = (line: string, stream: Stream): void => {
		if (bar !== null && stream.isTTY) afterBar.push(line);
		else stream.write(`${line}\n`);
	};

	let toldMs = 0;
	const tellStatus = (standing: Standing): void => {
		if (standing.elapsedMs - toldMs < STATUS_EVERY_MS) return;
		toldMs = standing.elapsedMs;
		stderr.write(`${statusOf(standing)}\n`);
	};

	const settled = (entry: Entry, stem: string): void => {
		if (json) stdout.write(`${JSON.stringify(entry)}\n`);
		const standing = tally.standing();
		if (!stderr.isTTY) tellStatus(standing);
		bar?.update(standing.total - standing.open);
		if (entry.status === 'skipped') return;
		if (entry.status !== 'ok') say(lineOf(entry, stem), stderr);
		else if (!json && !(bar !== null && sharesTerminal)) stdout.write(`${lineOf(entry, stem)}\n`);
	};

	const close = (lanes: readonly LaneStatus[]): void => {
		bar?.stop();
		for (const line of afterBar) stderr.write(`${line}\n`);
		(json ? stderr : stdout).write(`${summaryOf(tally.standing(), directory, lanes)}\n`);
	};

	return { settled, close };
};
