import progressBar from 'cli-progress';
import type { Options, SingleBar } from 'cli-progress';
import type { LaneStatus } from '../src/pool/pool';
import type { Entry } from './entry';
import type { Standing, Tally } from './tally';

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

/** `1 image`, `2 images`. */
const images = (count: number): string => `${count} image${count === 1 ? '' : 's'}`;

/** `3.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export const inWords = (ms: number): string => {
	if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** How a run stands: images done, failed, per minute, cost, time left. */
const statusOf = (standing: Standing): string => {
	const { made, skipped, refused, failed, total, perMinute, costUsd, leftMs } = standing;
	return [
		`${made + skipped}/${total} images`,
		`${refused + failed} failed`,
		`${perMinute.toFixed(1)}/min`,
		`$${costUsd.toFixed(2)}`,
		leftMs === null ? 'time left unknown' : `${inWords(leftMs)} left`,
	].join(' | ');
};

const dollars = ({ costUsd, unpriced }: Standing): string =>
	`$${costUsd.toFixed(2)}${unpriced > 0 ? ` and ${images(unpriced)} without a known price` : ''}`;

/** One line about an image. `stem` names it where there is no file. */
export const lineOf = (entry: Entry, stem: string): string =>
	entry.status === 'ok'
		? `${entry.file} made by ${entry.lane} in ${inWords(entry.duration_ms ?? 0)}`
		: `${stem} ${entry.status === 'notStarted' ? 'not started' : entry.status} (${entry.code}): ${entry.message}`;

/** Longer than any wait that a run sits out. */
const OUT_MS = 5 * 60_000;

/** Lanes that people should know of, since they serve nothing until something is done about them. */
const linesOfLanes = (lanes: readonly LaneStatus[]): readonly string[] =>
	lanes
		.filter(({ state, backInMs }) => state === 'retired' || backInMs > OUT_MS)
		.map(({ lane, reason }) => `${lane} was left out: ${reason}.`);

/** The end of a run, for people. */
export const summaryOf = (
	standing: Standing,
	directory: string,
	lanes: readonly LaneStatus[],
): string => {
	const { total, made, extras, skipped, refused, failed, open } = standing;
	const counts = [
		`${made} made`,
		`${extras} more came along`,
		`${skipped} there already`,
		`${refused} refused`,
		`${failed} failed`,
		`${open} not started or broken off`,
	].filter((count, index) => index === 0 || !count.startsWith('0 '));
	const rate = `${inWords(standing.elapsedMs)}, ${standing.perMinute.toFixed(1)} a minute`;
	const lines = [
		`${images(total)} asked for: ${counts.join(', ')}. ${rate}, about ${dollars(standing)}.`,
		`Images and metadata.jsonl are in ${directory}.`,
	];
	lines.push(...linesOfLanes(lanes));
	if (refused > 0) lines.push('A refused image needs another prompt.');
	if (failed + open > 0) lines.push('Run the same command again to make what is missing.');
	return lines.join('\n');
};
