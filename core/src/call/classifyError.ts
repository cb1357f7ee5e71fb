import type { FaultKind } from '../outcome';
import { reasons, violations } from './errorBody';
import { words } from '../json';

/** What an error status and its body mean, before the words are made. */
export interface Verdict {
	readonly kind: FaultKind;
	readonly perModel: boolean;
}

const NAMES_THE_KEY = /api[ _-]?key/i;
const SAYS_THE_KEY_IS_BAD =
	/api[ _-]?key (is )?(not valid|invalid|expired|not found)|API_KEY_INVALID/i;
const CREDITS_DEPLETED = /credits? (are|is|have been|has been)? ?(depleted|exhausted|used up)/i;
const NO_ENTITLEMENT = /\blimit: ?0(?!\.?\d)/i;

const verdict = (kind: FaultKind, perModel = false): Verdict => ({ kind, perModel });

/**
 * Reads one error.
 * @param status the HTTP status, or the one an error in a 200 speaks of
 * @param error  the error's object, or null where the body was no JSON
 */
export function judgeError(status: number, error: unknown): Verdict {
	if (status < 400) return verdict('serverFault');
	if (status >= 500) return verdict('serverFault');
	const message = words(error, 'message');
	const isBilling =
		status === 402 ||
		CREDITS_DEPLETED.test(message) ||
		reasons(error).includes('BILLING_DISABLED') ||
		/^insufficient_(user_)?quota$/.test(words(error, 'code') || words(error, 'type'));
	if (isBilling) return verdict('billing');
	switch (status) {
		case 400:
			return verdict(error === null ? 'serverFault' : judgeBadRequest(error, message));
		case 401:
			return verdict('badKey');
		case 403:
			return verdict(namesTheKey(error, message) ? 'badKey' : 'forbidden');
		case 404:
			return verdict(error === null ? 'wrongUrl' : 'modelMissing');
		case 408:
			return verdict('serverFault');
		case 413:
			return verdict('badRequest');
		case 429:
			return judgeQuota(error, message);
		default:
			// A page in HTML was not written by the API: someone on the way answered instead.
			return verdict(error === null ? 'serverFault' : 'badRequest');
	}
}

function judgeBadRequest(error: unknown, message: string): FaultKind {
	if (reasons(error).includes('API_KEY_INVALID') || SAYS_THE_KEY_IS_BAD.test(message)) {
		return 'badKey';
	}
	return words(error, 'status') === 'FAILED_PRECONDITION' ? 'regionBlocked' : 'badRequest';
}

const namesTheKey = (error: unknown, message: string) =>
	NAMES_THE_KEY.test(message) || reasons(error).some((reason) => reason.startsWith('API_KEY_'));

function judgeQuota(error: unknown, message: string): Verdict {
	const hit = violations(error);
	if (hit.some(({ quotaValue }) => quotaValue === '0') || NO_ENTITLEMENT.test(message)) {
		return verdict('modelMissing');
	}
	const daily = hit.filter(({ quotaId }) => /PerDay/i.test(quotaId));
	const decisive = daily.length > 0 ? daily : hit;
	// Of several limits one that counts all models together stops the whole lane.
	const perModel =
		decisive.length > 0 && decisive.every(({ quotaId }) => /PerModel/i.test(quotaId));
	return verdict(daily.length > 0 ? 'dailyQuota' : 'throttled', perModel);
}
