import type { LaneStatus } from '../src/pool/pool';
import { remedyOf } from '../src/remedy';
import { LOST, WAITS_AT_GOOGLE, type Entry } from './entry';
import type { Progress, Tally } from './tally';
import { openBar, visible, type Stream } from './terminal';

/** What a run tells people and programs. */
export interface Report {
	settled(entry: Entry, stem: string): void;
	/** Something that is no image: it stands on standard error, above the bar. */
	tell(sentence: string): void;
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
	/** How the lanes stand just now. */
	lanes?(): readonly LaneStatus[];
}

/** Where nothing can be redrawn, a line says how things stand, so often. */
const STATUS_EVERY_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * A bar on a terminal, else a line an image and, now and then, one that says how things stand. Images go to standard
 * output, images that were not made to standard error, the summary to both people and logs: standard output, or
 * standard error with `--json`.
 */
export const openReport = (options: ReportOptions): Report => {
	const { stdout, stderr, json, tally, directory, lanes = () => [] } = options;
	const sharesTerminal = stdout.isTTY === true;
	const hasBar = stderr.isTTY && !stdout.isPipe && !(json && sharesTerminal);
	const { total } = tally.progress();
	let isOver = false;
	const status = (): string => statusOf(tally.progress(), isOver ? null : lanes());
	const bar = hasBar ? openBar(stderr, total, status) : null;

	const tell = (sentence: string): void => {
		const lines = sentence.split('\n').map(visible).join('\n');
		if (bar !== null) bar.tell(lines);
		else stderr.write(`${lines}\n`);
	};

	let toldMs = 0;
	const tellStatus = (): void => {
		const { elapsedMs } = tally.progress();
		if (bar !== null || stderr.isTTY || elapsedMs - toldMs < STATUS_EVERY_MS) return;
		toldMs = elapsedMs;
		tell(status());
	};

	/** What keeps a key from serving is told once, when it happens: those that wait for it settle much later. */
	const known = new Set<string>();
	const tellOutages = (): void => {
		for (const { lane, state, reason } of lanes()) {
			// What the other side said, behind it in brackets, may differ each time.
			const cause = `${lane} ${reason.split(' (')[0]}`;
			if (state === 'ready' || known.has(cause)) continue;
			known.add(cause);
			tell(`${lane}: ${reason}.`);
		}
	};
	const looking = setInterval(() => {
		tellOutages();
		tellStatus();
	}, LOOK_EVERY_MS);
	looking.unref();

	const settled = (entry: Entry, stem: string): void => {
		if (json) stdout.write(`${JSON.stringify(entry)}\n`);
		tellStatus();
		const { open } = tally.progress();
		bar?.update(total - open);
		if (entry.status === 'refused' || entry.status === 'failed') tell(lineOf(entry, stem));
		else if (entry.status === 'ok' && !json && !(bar !== null && sharesTerminal))
			stdout.write(`${visible(lineOf(entry, stem))}\n`);
	};

	const close = (last: readonly LaneStatus[]): void => {
		clearInterval(looking);
		isOver = true;
		bar?.close();
		const progress = tally.progress();
		const summary = summaryOf(progress, directory, last);
		const lines = summary.split('\n').map(visible).join('\n');
		(json ? stderr : stdout).write(`${lines}\n`);
		if (json) stdout.write(`${JSON.stringify(summaryLine(progress, directory, summary))}\n`);
	};

	return { settled, tell, close };
};

/** `1 image`, `2 images`. */
export const images = (count: number): string => `${count} image${count === 1 ? '' : 's'}`;

/** `3.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export const inWords = (ms: number): string => {
	if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** What a run that has made nothing yet is waiting for. */
const waitOf = (lanes: readonly LaneStatus[]): string => {
	const inFlight = lanes.reduce((sum, lane) => sum + lane.inFlight, 0);
	const resting = lanes.find(({ state }) => state !== 'ready');
	if (inFlight > 0) return `${inFlight} in the making`;
	if (resting === undefined) return 'waiting for the next start that the limit permits';
	return `waiting: ${resting.lane}: ${resting.reason}, asked again in ${inWords(resting.backInMs)}`;
};

/** How a run stands: images done, failed, per minute, cost, and the time left or what is waited for, unless it is over. */
const statusOf = (progress: Progress, lanes: readonly LaneStatus[] | null): string => {
	const { made, skipped, refused, failed, total, perMinute, costUsd, leftMs } = progress;
	const left = leftMs === null ? 'time left unknown' : `${inWords(leftMs)} left`;
	const isIdle = lanes?.every(({ inFlight }) => inFlight === 0) === true;
	return [
		`${made + skipped}/${total} images`,
		`${refused + failed} failed`,
		`${perMinute.toFixed(1)}/min`,
		`$${costUsd.toFixed(2)}`,
		...(lanes === null
			? []
			: [lanes.length > 0 && (leftMs === null || isIdle) ? waitOf(lanes) : left]),
	].join(' | ');
};

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

/** What to do about the images that are not there. */
const adviceOf = ({ refused, failed, open, codes, lost }: Progress): readonly string[] => {
	const count = (counts: (code: string) => boolean) =>
		[...codes].reduce((sum, [code, number]) => sum + (counts(code) ? number : 0), 0);
	const countOf = (name: string) => codes.get(name) ?? 0;
	const [overCost, late] = [countOf('maxCost'), countOf('stopStartingAfter')];
	// What is lost is told apart, with what to do.
	const inVain = count((code) => code === LOST || remedyOf({ code }).helps === 'nothing');
	const toMend = count((code) => remedyOf({ code }).helps === 'mending');
	const waits = countOf(WAITS_AT_GOOGLE);
	const again = 'run the same command again';
	return [
		lost.stems.length > 0 &&
			`${images(lost.stems.length)} made and paid for, about $${lost.costUsd.toFixed(2)}, could not be written and ${lost.stems.length === 1 ? 'is' : 'are'} lost: ${lost.stems.join(', ')}. Make room or permit it, then ${again}.`,
		refused > 0 && 'A refused image needs another prompt.',
		overCost > 0 &&
			`${images(overCost)} not started, since --max_cost would have been exceeded. Raise it and ${again}.`,
		late > 0 && `${images(late)} not started, since the time of --stop_starting_after was over.`,
		toMend > 0 && `Mend what is named above, then ${again}.`,
		waits > 0 &&
			`${images(waits)} in a batch at Google, to be paid for all the same: the same command collects ${waits === 1 ? 'it' : 'them'}.`,
		failed + open - inVain - toMend - waits > 0 &&
			'Run the same command again to make what is missing.',
	].filter((line) => line !== false);
};

/** The end of a run, for people. */
export const summaryOf = (
	progress: Progress,
	directory: string,
	lanes: readonly LaneStatus[],
): string => {
	const { total, made, extras, skipped, refused, failed, open, costUsd, unpriced } = progress;
	const waits = progress.codes.get(WAITS_AT_GOOGLE) ?? 0;
	const counts = [
		`${made} made`,
		`${extras} more came along`,
		`${skipped} there already`,
		`${refused} refused`,
		`${failed} failed`,
		`${waits} in a batch`,
		`${open - waits} not started or broken off`,
	].filter((count, index) => index === 0 || !count.startsWith('0 '));
	const rate = `${inWords(progress.elapsedMs)}, ${progress.perMinute.toFixed(1)} a minute`;
	const price = unpriced > 0 ? ` and ${images(unpriced)} without a known price` : '';
	return [
		`${images(total)} asked for: ${counts.join(', ')}. ${rate}, about $${costUsd.toFixed(2)}${price}.`,
		`Images and metadata.jsonl are in ${directory}.`,
		...linesOfLanes(lanes),
		...adviceOf(progress),
	].join('\n');
};

/** The same for programs: the last line of `--json`. */
const summaryLine = (progress: Progress, directory: string, message: string) => {
	const { total, made, extras, skipped, refused, failed, open, costUsd, elapsedMs } = progress;
	return {
		status: 'summary',
		asked: total,
		made,
		extras,
		skipped,
		refused,
		failed,
		lost: progress.lost.stems.length,
		open,
		cost_usd: Number(costUsd.toFixed(6)),
		elapsed_ms: Math.round(elapsedMs),
		output_dir: directory,
		message,
	};
};
