import { NO_USAGE } from '../image/image';
import { replacementFor } from '../models/catalogue';
import type { Fault, NotImages } from '../outcome';
import type { Account, NotMade } from '../result';
import { ADVICE, adviceOf, CAUSES, saysOf } from '../words';
import type { Item } from './item';
import type { Lane } from './lanes';
import type { Outage } from './survey';

/** A model that is gone is never swapped silently: its replacement is named. */
function adviceFor(fault: Pick<Fault, 'kind' | 'detail'>, { model }: Item): string {
	const replacement = fault.kind === 'modelMissing' ? replacementFor(model) : null;
	return replacement === null ? adviceOf(fault) : `Use ${replacement} in place of ${model}.`;
}

/** What an item has taken so far. */
export function accountOf({ attempts, last, spentUsd, enteredAt }: Item, now: number): Account {
	const { outcome, lane } = last ?? {};
	return {
		lane: lane?.label ?? null,
		attempts,
		usage: outcome?.usage ?? NO_USAGE,
		modelVersion: outcome && 'modelVersion' in outcome ? outcome.modelVersion : null,
		durationMs: now - enteredAt,
		costUsd: outcome?.kind === 'images' ? spentUsd : (spentUsd ?? 0),
	};
}

const end = (
	item: Item,
	now: number,
	status: NotMade['status'],
	code: string,
	...sentences: readonly (string | false | null | undefined)[]
): NotMade => ({
	status,
	code,
	message: sentences.filter(Boolean).join(' '),
	account: accountOf(item, now),
});

/** The last outcome decides. */
export function byOutcome(item: Item, now: number, outages: readonly Outage[]): NotMade {
	const { lane, outcome } = item.last as { lane: Lane; outcome: NotImages };
	if (outcome.kind === 'refused') {
		const declined = `The model declined to make this image: ${outcome.reason}.`;
		const words = outcome.text && `${quoted(outcome.text)}.`;
		return end(item, now, 'refused', outcome.reason, declined, words, ADVICE.refused);
	}
	const { kind, status, message } = outcome;
	const answer = [status && `status ${status}`, quoted(message)].filter(Boolean).join(', ');
	const others = outages.filter((outage) => outage.lane !== lane.label);
	return end(
		item,
		now,
		'failed',
		kind,
		`${lane.label}: ${saysOf(outcome)}${answer && ` (${answer})`}.`,
		item.attempts.length > 1 && `Tried ${item.attempts.length} times.`,
		others.length > 0 && `${listed(others, now)}.`,
		adviceFor(outcome, item),
	);
}

/** No lane is left, and none comes back by waiting. */
export function byExhaustion(item: Item, now: number, outages: readonly Outage[]): NotMade {
	const causes = new Set(outages.map(({ cause }) => cause));
	const [cause] = causes;
	const only = causes.size === 1 ? cause : undefined;
	const last = item.last?.outcome;
	const said = last && 'message' in last ? quoted(last.message) : '';
	return end(
		item,
		now,
		'failed',
		only ?? 'noLane',
		`No API key can make this image now. ${listed(outages, now)}.`,
		said && `The last answer was ${said}.`,
		only
			? adviceFor({ kind: only, detail: null }, item)
			: 'Mend one of them, or add another endpoint or key.',
	);
}

/** Its time is used up, or would be before anything comes back. */
export function byDeadline(item: Item, now: number): NotMade {
	// Whoever was declined or answered has ended: what is left to wait after is a fault.
	const { lane, outcome } = (item.last ?? {}) as { lane?: Lane; outcome?: Fault };
	return end(
		item,
		now,
		'failed',
		'deadline',
		'No image was made in the time there was.',
		outcome && `Last, ${lane!.label}: ${saysOf(outcome)}.`,
		outcome ? adviceFor(outcome, item) : 'Check the endpoints, or try again later.',
	);
}

const NOT_STARTED = {
	stopped: 'Not started, since an earlier item had stopped the run.',
	withdrawn:
		'Not started, since another image of the same prompt had come to nothing. See there what to change.',
	stopStartingAfter:
		'Not started, since the time set in Stop Starting After was over. Run it again.',
	maxCost:
		'Not started, since Maximum Cost would have been exceeded. Raise it and run the item again.',
	unknownPrice:
		'Not started, since the price of this model is not known and Maximum Cost could not be kept. Set it to 0 or choose another model.',
} as const;

/** Nothing was served, so nothing was paid. */
export const notStarted = (item: Item, now: number, code: keyof typeof NOT_STARTED): NotMade =>
	end(item, now, 'notStarted', code, NOT_STARTED[code]);

/** Another's words, without the full stop that would double ours. */
function quoted(words: string): string {
	return words && `“${words.replace(/\.$/, '')}”`;
}

function listed(outages: readonly Outage[], now: number): string {
	return outages
		.map(
			({ lane, cause, backAt }) =>
				`${lane}: ${CAUSES[cause]} (tried again in ${minutes(backAt - now)})`,
		)
		.join('; ');
}

function minutes(ms: number): string {
	const whole = Math.max(1, Math.ceil(ms / 60_000));
	return whole < 120 ? `${whole} min` : `${Math.round(whole / 60)} h`;
}
