import { classifyReply, type Reading } from '../call/classify';
import { captionFor } from '../call/secrets';
import { field, isObject, words } from '../json';
import type { Mask } from '../lane';
import type { Outcome } from '../outcome';

/** What came of one request of a batch. */
export interface Member {
	/** The one it was sent with. */
	readonly key: string;
	readonly outcome: Outcome;
}

/** Reads one member of a result: a reply as to a call of its own, or an error in the place of it. */
export function memberOf(json: unknown, reading: Reading & { readonly mask: Mask }): Member {
	const error = field(json, 'error');
	const reply = isObject(error) ? { error: withHttpStatus(error) } : field(json, 'response');
	const outcome = classifyReply(
		{ status: 200, headers: new Headers(), json: reply ?? {}, text: '', end: 'whole' },
		reading,
	);
	return {
		key: words(field(json, 'metadata'), 'key') || words(json, 'key'),
		outcome:
			outcome.kind === 'images'
				? { ...outcome, text: captionFor(reading.mask, outcome.text) }
				: outcome,
	};
}

/** google.rpc.Code, by which errors within a batch are numbered, as HTTP statuses. */
const HTTP_STATUS: Readonly<Record<number, number>> = {
	3: 400,
	5: 404,
	7: 403,
	8: 429,
	9: 400,
	11: 400,
	13: 500,
	14: 503,
	16: 401,
};

function withHttpStatus(error: Readonly<Record<string, unknown>>) {
	const { code } = error;
	const isRpc = typeof code === 'number' && code < 100;
	return isRpc ? { ...error, code: HTTP_STATUS[code] ?? 500 } : error;
}
