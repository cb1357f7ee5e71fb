import { remedyOf, type LaneStatus, type NotMade } from 'gemini-t2i/pool';
import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';
import { LONG_LIST, LONG_LIST_ADVICE } from '../description/generating';
import type { Finished } from '../drawing/drawRun';
import type { Success } from '../drawing/settled';

/** Sums a run up under its output: what came of it, what it cost, and what would have helped. */
export function addSummary(
	context: IExecuteFunctions,
	finished: Finished,
	waiting: number | null,
): void {
	const retired = retiredLanes(finished.lanes);
	const sentences = [tally(finished, waiting ?? 0), ...retired, ...advice(finished)];
	const isClean = failuresOf(finished).length === 0 && retired.length === 0;
	const hints: NodeExecutionHint[] = [
		{ message: sentences.join(' '), type: isClean ? 'info' : 'warning', location: 'outputPane' },
	];
	if (waiting === null && finished.results.length > LONG_LIST) {
		hints.push({ message: LONG_LIST_ADVICE, type: 'info', location: 'outputPane' });
	}
	context.addExecutionHints?.(...hints);
}

const failuresOf = ({ results }: Finished): readonly NotMade[] =>
	results.flat().filter((each) => each.status !== 'ok');

function tally(finished: Finished, waiting: number): string {
	const successes = finished.results.flat().filter((each) => each.status === 'ok');
	const made = imagesOf(successes.filter(({ isTakenOver }) => !isTakenOver));
	const takenOver = imagesOf(successes.filter(({ isTakenOver }) => isTakenOver));
	const failures = failuresOf(finished);
	const counts = [
		`${made} ${made === 1 ? 'image' : 'images'} made`,
		takenOver > 0 ? `${takenOver} taken over from an earlier run that had paid for them` : '',
		counted(failures, 'refused', 'refused'),
		counted(failures, 'failed', 'failed'),
		counted(failures, 'notStarted', 'not started'),
		waiting === 0 ? '' : `${waiting} not ready yet`,
	];
	const cost = finished.spentUsd;
	const sum = cost > 0 ? ` Estimated cost of this execution so far: $${cost.toFixed(4)}.` : '';
	return `${counts.filter(Boolean).join(', ')}.${sum}`;
}

const imagesOf = (successes: readonly Success[]): number =>
	successes.reduce((sum, { images }) => sum + images.length, 0);

function counted(failures: readonly NotMade[], status: NotMade['status'], word: string): string {
	const count = failures.filter((failure) => failure.status === status).length;
	return count === 0 ? '' : `${count} ${word}`;
}

/** Rows with credentials of their own bring lanes of one name: the same is said once. */
const retiredLanes = (lanes: readonly LaneStatus[]): readonly string[] => [
	...new Set(
		lanes
			.filter(({ state }) => state === 'retired')
			.map(({ lane, reason }) => `${lane} is out of use: ${reason}.`),
	),
];

export const isOfEndpoint = (end: NotMade): boolean => remedyOf(end).concerns === 'endpoint';

function advice(finished: Finished): readonly string[] {
	const { plan, onError } = finished;
	const failures = failuresOf(finished);
	const retryHelps = failures.some((failure) => remedyOf(failure).helps === 'retry');
	return [
		retryHelps && plan.options.maxRetries === 0
			? 'Set the option Retries per Image to 2 to try such images again.'
			: '',
		onError === 'continue' && failures.some((failure) => !isOfEndpoint(failure))
			? 'To get the items without an image at an output of their own, set On Error in Settings to "Continue (using error output)".'
			: '',
	].filter(Boolean);
}
