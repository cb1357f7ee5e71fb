import { NO_USAGE } from '../image/image';
import type { Fault, NotImages } from '../outcome';
import type { Account, NotMade } from '../result';
import {
	adviceOf,
	answerOf,
	declinedWords,
	listed,
	notStartedWords,
	replacementWords,
	saysOf,
	type NotStarted,
} from '../words';
import type { Item } from './item';
import type { Lane } from './lanes';
import type { Outage } from './survey';

/** Nothing is advised that was tried. */
function adviceFor(
	fault: Pick<NotImages, 'kind'> & Partial<Pick<Fault, 'detail'>>,
	{ request, retries, failed, names }: Item,
): string {
	const endpoints = new Set([...failed].map(({ endpoint }) => endpoint)).size;
	const followed = [
		...(retries > 0 ? ['allow retries'] : []),
		...(endpoints > 1 ? ['add a second endpoint'] : []),
	];
	return replacementWords(fault, request.model) ?? adviceOf(fault, names, followed);
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
		return end(item, now, 'refused', outcome.reason, declinedWords(outcome));
	}
	const others = outages.filter((outage) => outage.lane !== lane.label);
	const said = answerOf(outcome);
	return end(
		item,
		now,
		'failed',
		outcome.kind,
		`${lane.label}: ${saysOf(outcome)}${said && ` (${said})`}.`,
		item.attempts.length > 1 && `Tried ${item.attempts.length} times.`,
		others.length > 0 && `${listed(others, now)}.`,
		adviceFor(outcome, item),
	);
}

/** No lane is left, and none comes back by waiting. */
export function byExhaustion(item: Item, now: number, outages: readonly Outage[]): NotMade {
	const kinds = new Set(outages.map(({ fault }) => fault.kind));
	const only = kinds.size === 1 ? outages[0]!.fault : null;
	// Time would mend it, more of it than there is.
	const isLimit = only?.kind === 'throttled';
	return end(
		item,
		now,
		'failed',
		isLimit ? 'deadline' : (only?.kind ?? 'noLane'),
		`No API key can make this image now. ${listed(outages, now)}.`,
		only ? adviceFor(only, item) : 'Mend one of them, or add another endpoint or key.',
	);
}

/**
 * Its time is used up, or would be before anything comes back.
 * @param waits what it waits for
 */
export function byDeadline(item: Item, now: number, waits: readonly Outage[]): NotMade {
	// Whoever was declined or answered has ended: what is left to wait after is a fault.
	const { lane, outcome } = (item.last ?? {}) as { lane?: Lane; outcome?: Fault };
	const fault = outcome ?? waits[0]?.fault;
	const said = outcome && answerOf(outcome);
	return end(
		item,
		now,
		'failed',
		'deadline',
		'No image was made in the time there was.',
		waits.length > 0 && `${listed(waits, now)}.`,
		outcome &&
			!waits.some((each) => each.lane === lane!.label) &&
			`Last, ${lane!.label}: ${saysOf(outcome)}${said && ` (${said})`}.`,
		fault ? adviceFor(fault, item) : 'Check the endpoints, or try again later.',
	);
}

/** Nothing was served, so nothing was paid. */
export const notStarted = (item: Item, now: number, code: NotStarted): NotMade =>
	end(item, now, 'notStarted', code, notStartedWords(code, item.names));
