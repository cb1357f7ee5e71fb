import type { Fault, NotImages } from '../outcome';
import { adviceOf, answerOf, declinedWords, quoted, saysOf } from '../words';
import type { Job } from './job';
import type { BatchLane } from './lane';

/** Why a row has nothing yet, and what happens next. */
export interface Pending {
	readonly code: string;
	readonly message: string;
}

const ASK_AGAIN = '{comeBack}';

const pending = (code: string, ...sentences: readonly string[]): Pending => ({
	code,
	message: [...sentences, ASK_AGAIN].filter(Boolean).join(' '),
});

const NOT_YET = 'Not handed to Google yet';

export const SUBMITTED = pending(
	'submitted',
	'Handed to Google in a batch. It is often ready in ten minutes, and at most in a day.',
);
export const STOPPING = pending('stopped', `${NOT_YET}.`);
export const WAITING = pending('waiting', 'Google has not begun with this batch yet.');
export const RUNNING = pending('running', 'Google is working on this batch.');

export const notYet = (code: string, reasons: readonly string[]): Pending =>
	pending(code, `${NOT_YET}. ${listed(reasons)}`);

export const unclear = (lane: BatchLane, fault: Fault): Pending =>
	pending(
		'unclear',
		`It is not clear whether Google has taken the batch: ${toldOf(lane, fault)}.`,
		'It is looked for before anything is paid again.',
	);

export const notLookedUp = (reasons: readonly string[]): Pending =>
	pending('notLookedUp', `The batch could not be looked up this time. ${listed(reasons)}`);

export const notFetched = (lane: BatchLane, fault: Fault): Pending =>
	pending(
		'notFetched',
		`The batch is done, and its images could not be fetched this time: ${toldOf(lane, fault)}.`,
		'Google keeps them.',
	);

/** How a row ended without an image. */
export interface Ended {
	readonly status: 'failed' | 'notStarted';
	readonly code: string;
	readonly message: string;
}

const failed = (code: string, ...sentences: readonly string[]): Ended => ({
	status: 'failed',
	code,
	message: sentences.filter(Boolean).join(' '),
});

const RUN_AGAIN = 'Try again: it is handed in anew, and this batch is not charged.';

export function jobEnded({ state, said }: Job): Ended {
	const words = said && `Google says: ${quoted(said)}.`;
	if (state === 'expired') {
		return failed(
			'batchExpired',
			'Google did not get to this batch in two days.',
			words,
			RUN_AGAIN,
		);
	}
	if (state === 'cancelled')
		return failed('batchCancelled', 'The batch was cancelled.', words, RUN_AGAIN);
	return failed('batchFailed', 'Google could not work on this batch.', words, RUN_AGAIN);
}

/** No key can see it. It is gone after some days, or it belongs to another project. */
export const gone = (reasons: readonly string[]): Ended =>
	failed(
		'batchGone',
		'The batch is not there any more.',
		listed(reasons),
		'Try again to have it made anew.',
	);

export const foreign = (reasons: readonly string[]): Ended =>
	failed(
		'batchOfOtherProject',
		'No API key here may see the batch: it belongs to another project, or is gone.',
		listed(reasons),
		'Put a key of that project back, or empty {ticket} to have the image made anew.',
	);

export const CHANGED = failed(
	'batchChanged',
	'The item was changed since it was handed in.',
	'Change it back to get the image that was made, or empty {ticket} to have it made anew.',
);

export const NO_TICKET = failed(
	'batchUnknown',
	'What stands in {ticket} is not what was written there (batches/ID#key).',
	'Map the column that holds it, or empty {ticket} to have the image made.',
);

export const MISSING = failed(
	'noImage',
	'The batch is done and holds nothing for this item.',
	'Have it made once more with {submitAgain}.',
);

export const TOO_LARGE = failed(
	'tooLarge',
	'With its input images this item is larger than the 18 MB that a batch may have.',
	'Use smaller images, or make it without a batch.',
);

export const STOPPED: Ended = {
	status: 'notStarted',
	code: 'stopStartingAfter',
	message: 'Not handed in, since {stopStartingAfter} was over. Run it again.',
};

/** Every lane has said no. */
export const nowhere = (kind: string, reasons: readonly string[]): Ended =>
	failed(
		kind,
		`No endpoint takes this batch. ${listed(reasons)}`,
		'Use a key of Google’s own API and a model that has batches, or make it without a batch.',
	);

export const declined = (lane: BatchLane, fault: Fault): Ended =>
	failed(fault.kind, `${toldOf(lane, fault)}.`, adviceOf(fault));

/** `Endpoint 1 #1: it is at its rate limit (status 429, “…”)` */
export function toldOf({ label }: Pick<BatchLane, 'label'>, fault: Fault): string {
	const answer = answerOf(fault);
	const says = fault.status === 404 ? 'this endpoint has no Batch API' : saysOf(fault);
	return `${label}: ${says}${answer && ` (${answer})`}`;
}

const listed = (reasons: readonly string[]): string =>
	reasons.length === 0 ? '' : `${reasons.join('; ')}.`;

/** What came of one request within a batch, where that is no image. */
export function memberEnded(lane: string, outcome: NotImages) {
	if (outcome.kind === 'refused') {
		return { status: 'refused', code: outcome.reason, message: declinedWords(outcome) } as const;
	}
	const said = outcome.message && ` (${quoted(outcome.message)})`;
	return failed(
		outcome.kind,
		`${lane}, in the batch: ${saysOf(outcome)}${said}.`,
		'Have it made once more with {submitAgain}.',
	);
}

/** An input image could not be read. */
export const unreadable = (reason: unknown): Ended =>
	failed(
		'badRequest',
		`An input image could not be used: ${reason instanceof Error ? reason.message : String(reason)}`,
		'Check the node before this one.',
	);

/** The SDK would not send the request. */
export function unsent(fault: Fault): Ended {
	const said = fault.message && ` (${quoted(fault.message)})`;
	return failed(fault.kind, `This request cannot be sent${said}.`, adviceOf(fault));
}

/** Ended, and yet Google has what was made, or may have it: the ticket is still good. */
const STILL_THERE: ReadonlySet<string> = new Set(
	[CHANGED, NO_TICKET, foreign([])].map(({ code }) => code),
);
export const isStillThere = (code: string): boolean => STILL_THERE.has(code);
