import type { Fault, NotImages } from '../outcome';
import { remedyOf } from '../remedy';
import {
	adviceOf,
	answerOf,
	declinedWords,
	quoted,
	replacementWords,
	saysOf,
	unreadableWords,
} from '../words';
import { hasNoBatchApi, type Denial } from './decide';
import type { Job } from './job';

/** `Endpoint 1 #1: it is at its rate limit (status 429, “…”)` */
export function toldOf(denial: Denial): string {
	const answer = answerOf(denial.fault);
	return `${denial.lane.label}: ${saysTo(denial)}${answer && ` (${answer})`}`;
}

function saysTo(denial: Denial): string {
	const { fault, asked } = denial;
	if (hasNoBatchApi(denial)) return 'this endpoint has no Batch API';
	return asked === 'get' && fault.status === 404 ? 'it has no such batch' : saysOf(fault);
}

const listed = (reasons: readonly string[]): string =>
	reasons.length === 0 ? '' : `${reasons.join('; ')}.`;

const adviceFor = (fault: Fault, model: string): string =>
	replacementWords(fault, model) ?? adviceOf(fault);

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

export const unclear = (denial: Denial): Pending =>
	pending(
		'unclear',
		`It is not clear whether Google has taken the batch: ${toldOf(denial)}.`,
		'It is looked for before anything is paid again.',
	);

export const notLookedUp = (denials: readonly Denial[]): Pending =>
	pending(
		'notLookedUp',
		`The batch could not be looked up this time. ${listed(denials.map(toldOf))}`,
	);

export const notFetched = (denial: Denial): Pending =>
	pending(
		'notFetched',
		`The batch is done, and its images could not be fetched this time: ${toldOf(denial)}.`,
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
export const gone = (denials: readonly Denial[]): Ended =>
	failed(
		'batchGone',
		'The batch is not there any more.',
		listed(denials.map(toldOf)),
		'Try again to have it made anew.',
	);

export const foreign = (denials: readonly Denial[]): Ended =>
	failed(
		'batchOfOtherProject',
		'No API key here may see the batch: it belongs to another project, or is gone.',
		listed(denials.map(toldOf)),
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

const ONCE_MORE = 'Have it made once more with {submitAgain}.';

export const MISSING = failed(
	'noImage',
	'The batch is done and holds nothing for this item.',
	ONCE_MORE,
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

/** Every lane has said no. Those that have batches say what to mend. */
export function nowhere(denials: readonly Denial[], model: string): Ended {
	const told = `No endpoint takes this batch. ${listed(denials.map(toldOf))}`;
	const faults = denials.flatMap((denial) => (isWithoutBatches(denial) ? [] : [denial.fault]));
	const [fault] = faults;
	if (fault === undefined)
		return failed(
			denials[0]!.fault.kind,
			told,
			'Use a key of Google’s own API, or make it without a batch.',
		);
	if (faults.some(({ kind }) => kind !== fault.kind))
		return failed('noLane', told, 'Mend one of them, or add a key of Google’s own API.');
	return failed(fault.kind, told, adviceFor(fault, model));
}

/** A request for a list cannot be changed by a person. */
const isWithoutBatches = (denial: Denial): boolean =>
	hasNoBatchApi(denial) || (denial.asked === 'list' && denial.fault.kind === 'badRequest');

export const declined = (denial: Denial): Ended =>
	failed(denial.fault.kind, `${toldOf(denial)}.`, adviceOf(denial.fault));

/** What came of one request for a model within a batch, where that is no image. */
export function memberEnded(lane: string, outcome: NotImages, model: string) {
	if (outcome.kind === 'refused') {
		return { status: 'refused', code: outcome.reason, message: declinedWords(outcome) } as const;
	}
	const said = outcome.message && ` (${quoted(outcome.message)})`;
	return failed(
		outcome.kind,
		`${lane}, in the batch: ${saysOf(outcome)}${said}.`,
		...afterMember(outcome, model),
	);
}

/** A request that is changed makes another batch; the same one finds the batch that is done. */
function afterMember(fault: Fault, model: string): readonly string[] {
	const advice = adviceFor(fault, model);
	const { kind, detail } = fault;
	if (kind === 'badRequest' || (kind === 'modelMissing' && detail === null)) return [advice];
	const { concerns, helps } = remedyOf({ code: kind });
	const passes = helps === 'retry' || (concerns === 'item' && helps === 'later');
	return passes ? [ONCE_MORE] : [advice, 'Then have it made once more with {submitAgain}.'];
}

/** An input image could not be read. */
export const unreadable = (reason: unknown): Ended =>
	failed('badRequest', unreadableWords(reason instanceof Error ? reason.message : String(reason)));

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
