import type { LaneStatus } from '../pool/status';
import type { Entry } from './entry';
import type { Standing } from './tally';

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
export const statusOf = (standing: Standing): string => {
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
