import { NO_USAGE } from '../image/image';
import { replacementFor } from '../models/catalogue';
import type { NotImages } from '../outcome';
import type { Account, NotMade } from '../result';
import type { Item } from './item';
import type { Lane } from './lanes';
import type { Cause } from './policy';
import type { Outage } from './survey';

/** What a lane's state means for the person who reads it. */
export const CAUSES: Record<Cause, string> = {
	badKey: 'the API key is not accepted',
	forbidden: 'this API key may not use this model',
	billing: 'its credits are used up, or billing is not set up',
	modelMissing: 'it does not offer this model',
	wrongUrl: 'its address is not a Gemini API',
	throttled: 'it is at its rate limit',
	dailyQuota: 'its daily quota is used up',
	regionBlocked: 'Google does not serve the region it is called from',
	unreachable: 'it cannot be reached',
	serverFault: 'it does not answer properly',
	timeout: 'it does not answer in time',
	truncated: 'its answers break off',
};

const ADVICE: Record<NotImages['kind'], string> = {
	refused: 'Change the prompt and run the item again.',
	badRequest: 'Change the request as it says.',
	aborted: 'Run it again.',
	badKey: 'Put a valid API key in its place.',
	forbidden: 'Choose another model, or use a key that has access to it.',
	billing: 'Add credits or set up billing for the key’s project.',
	modelMissing: 'Choose another model, or an endpoint that offers this one.',
	wrongUrl: 'Check the Base URL and the API Version of the endpoint.',
	throttled: 'Try again later, lower Requests per Minute, or add a separately paid project’s key.',
	dailyQuota: 'Try again after midnight Pacific time, or raise the quota at Google.',
	regionBlocked: 'Use an endpoint in a region that Google serves.',
	unreachable: 'Check the Base URL and the network, or add a second endpoint.',
	serverFault: 'Try again later, allow retries, or add a second endpoint.',
	timeout: 'Raise the timeout, allow retries, or add a second endpoint.',
	truncated: 'Allow retries, or add a second endpoint.',
	noImage: 'Allow retries, or ask for a picture more clearly.',
};

/** A model that is gone is never swapped silently: its replacement is named. */
function adviceFor(kind: NotImages['kind'], { model }: Item): string {
	const replacement = kind === 'modelMissing' ? replacementFor(model) : null;
	return replacement === null ? ADVICE[kind] : `Use ${replacement} in place of ${model}.`;
}

const SAYS: Record<NotImages['kind'], string> = {
	...CAUSES,
	refused: 'it declined the prompt',
	badRequest: 'it does not accept the request',
	aborted: 'the call was stopped',
	noImage: 'it answered without an image',
};

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
		`${lane.label}: ${SAYS[kind]}${answer && ` (${answer})`}.`,
		item.attempts.length > 1 && `Tried ${item.attempts.length} times.`,
		others.length > 0 && `${listed(others, now)}.`,
		adviceFor(kind, item),
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
		only ? adviceFor(only, item) : 'Mend one of them, or add another endpoint or key.',
	);
}

/** Its time is used up, or would be before anything comes back. */
export function byDeadline(item: Item, now: number): NotMade {
	const { lane, outcome } = (item.last ?? {}) as { lane?: Lane; outcome?: NotImages };
	return end(
		item,
		now,
		'failed',
		'deadline',
		'No image was made in the time there was.',
		outcome && `Last, ${lane!.label}: ${SAYS[outcome.kind]}.`,
		outcome ? adviceFor(outcome.kind, item) : 'Check the endpoints, or try again later.',
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
