import { replacementFor } from './models/catalogue';
import { spoken, type Names } from './names';
import type { Cause, Fault, FaultDetail, FaultKind, NotImages, Refused } from './outcome';
import type { PoolEnd } from './result';

/** What a lane's state means for the person who reads it. */
const CAUSES: Record<Cause, string> = {
	badKey: 'the API key is not accepted',
	forbidden: 'this API key is not let in there',
	billing: 'its credits are used up, or billing is not set up',
	modelMissing: 'it does not offer this model',
	wrongUrl: 'its address is not a Gemini API',
	throttled: 'it is at its rate limit',
	dailyQuota: 'its daily quota is used up',
	regionBlocked: 'Google does not serve the region it is called from',
	unreachable: 'it cannot be reached',
	serverFault: 'it does not answer properly',
	gatewayTimeout: 'a gateway on the way gave it up',
	timeout: 'it does not answer in time',
	truncated: 'its answers break off',
};

/** What a person may do, in the order of their promise: a sentence, or several things of which one is enough. */
const ADVICE: Record<NotImages['kind'], string | readonly string[]> = {
	refused: 'Change the prompt and try again.',
	badRequest: 'Change the request as it says.',
	aborted: 'Run it again.',
	badKey: 'Put a valid API key in its place.',
	forbidden: 'Lift what keeps this key out, or use another one.',
	billing: 'Add credits or set up billing for the key’s project.',
	modelMissing: 'Choose another model, or an endpoint that offers this one.',
	wrongUrl: 'Check the {baseUrl} and the {apiVersion} of the endpoint.',
	throttled: ['try again later', 'lower {rateLimit}', 'add a separately paid project’s key'],
	dailyQuota: 'Try again after midnight Pacific time, or raise the quota at Google.',
	regionBlocked: 'Use an endpoint in a region that Google serves.',
	unreachable: ['check the {baseUrl} and the network', 'add a second endpoint'],
	serverFault: ['try again later', 'allow retries', 'add a second endpoint'],
	gatewayTimeout: ['allow retries', 'raise the time limit of the gateway', 'add a second endpoint'],
	timeout: ['raise {timeout}', 'allow retries', 'add a second endpoint'],
	truncated: ['allow retries', 'try again later', 'add a second endpoint'],
	notGemini: 'Switch off the conversion to another format at the relay, or use another endpoint.',
	noImage: ['allow retries', 'ask for a picture more clearly'],
};

/** What came of a call, for the person who reads it. */
const SAYS: Record<NotImages['kind'], string> = {
	...CAUSES,
	refused: 'it declined the prompt',
	badRequest: 'it does not accept the request',
	aborted: 'the call was stopped',
	notGemini: 'it does not answer as the Gemini API does',
	noImage: 'it answered without an image',
};

/** Where a newcomer begins. */
const BILLING =
	'Set up billing for the key’s project at aistudio.google.com (API Keys, Set up Billing): image models need it.';

/** In the place of the general words, where more is known. */
const DETAILS: Record<FaultDetail, { readonly says: string; readonly advice: string }> = {
	spendingCap: {
		says: 'its spending cap or budget is used up',
		advice: 'Raise the cap or budget where it was set, or wait for its next period.',
	},
	noBilling: {
		says: 'billing is not set up for its project',
		advice: BILLING,
	},
	noFreeTier: {
		says: 'the free tier does not offer this',
		advice: BILLING,
	},
	projectDenied: {
		says: 'Google has denied its project or account access',
		advice: 'Use a key of another project or account, or ask the support there.',
	},
	apiDisabled: {
		says: 'the Gemini API is not switched on in its project',
		advice: 'Switch on the Generative Language API for the key’s project in Google’s console.',
	},
	modelDenied: {
		says: 'this API key may not use this model',
		advice: 'Choose another model, or use a key that has access to it.',
	},
	field: { says: 'it does not accept a field of the request', advice: ADVICE.badRequest as string },
	moved: {
		says: 'its address has moved',
		advice: 'If that is where the API is now, put it into the {baseUrl} of the endpoint.',
	},
	guarded: {
		says: 'a page stands before it, of a firewall or a login',
		advice: 'Let API calls pass there, or check the {baseUrl} of the endpoint.',
	},
	garbled: {
		says: 'its answer cannot be unpacked',
		advice: 'Switch off compression at the relay, or use another endpoint.',
	},
	address: {
		says: 'it answers with the address of an image in place of the image',
		advice:
			'Switch off the upload of images at the relay, so that it passes them on, or use another endpoint.',
	},
};

/** What is said of a fault, and what to do about it. */
export const saysOf = ({ kind, detail }: Pick<Fault, 'kind' | 'detail'>): string =>
	detail === null ? SAYS[kind] : DETAILS[detail].says;

/**
 * @param names null: they stay open, for whoever speaks the sentence
 * @param followed what has been tried already, and is not advised again
 */
export function adviceOf(
	{ kind, detail }: Pick<NotImages, 'kind'> & Partial<Pick<Fault, 'detail'>>,
	names: Names | null = null,
	followed: readonly string[] = [],
): string {
	const advice = detail ? DETAILS[detail].advice : ADVICE[kind];
	const words =
		typeof advice === 'string' ? advice : oneOf(advice.filter((each) => !followed.includes(each)));
	return names === null ? words : spoken(words, names);
}

const CHECK_ADDRESS = 'Check {baseUrl} and {apiVersion}.';
const TRY_LATER = 'The endpoint does not work right now. Try again in a few minutes.';

/** What came of asking for a list of models, and what to do: no image was asked for. */
const CHECKED: Readonly<Record<FaultKind, string>> = {
	badKey: 'The endpoint does not accept this key. Replace the key.',
	forbidden: 'This key may not be used here. Check its restrictions and permissions.',
	billing:
		'The account has no credit left, or its project no billing. Add credit, or set up billing at aistudio.google.com.',
	modelMissing: `The endpoint has no list of models here. ${CHECK_ADDRESS}`,
	wrongUrl: `Nothing at this address speaks the Gemini API. ${CHECK_ADDRESS}`,
	badRequest: `The endpoint does not understand the request. ${CHECK_ADDRESS}`,
	throttled: 'The endpoint asks to wait. Try again in a minute.',
	dailyQuota: 'The quota of the day is used up. It is renewed at midnight Pacific time.',
	regionBlocked:
		'Google does not serve the place it is called from. Use an endpoint in another region.',
	unreachable: 'The address cannot be reached. Check {baseUrl}, network and proxy settings.',
	timeout: 'No answer came in time. Try again, or check {baseUrl} and proxy settings.',
	aborted: 'No answer came in time. Try again, or check {baseUrl} and proxy settings.',
	gatewayTimeout: TRY_LATER,
	serverFault: TRY_LATER,
	truncated: TRY_LATER,
	noImage: TRY_LATER,
	notGemini: TRY_LATER,
};

/** The same of a lane that was only checked. */
export function checkedWords(
	{ kind, detail }: Pick<Fault, 'kind' | 'detail'>,
	names: Names,
): string {
	if (detail === null) return spoken(CHECKED[kind], names);
	return `${sentence(DETAILS[detail].says)} ${adviceOf({ kind, detail }, names)}`;
}

/** What to choose where a model is gone: it is never swapped silently. Null where that is not it, or nothing is known to choose. */
export function replacementWords({ kind }: Pick<NotImages, 'kind'>, model: string): string | null {
	const replacement = kind === 'modelMissing' ? replacementFor(model) : null;
	return replacement && `Use ${replacement} in place of ${model}.`;
}

/** What Google's reasons for declining mean. */
const REASONS: Readonly<Record<string, string>> = {
	SAFETY: 'Google’s safety filter stopped it',
	IMAGE_SAFETY: 'Google’s safety filter stopped the image it had drawn',
	PROHIBITED_CONTENT: 'the prompt asks for something that Google forbids',
	IMAGE_PROHIBITED_CONTENT: 'the image it had drawn shows something that Google forbids',
	RECITATION: 'the answer came too close to a work that is protected',
	IMAGE_RECITATION: 'the image came too close to a picture that is protected',
	BLOCKLIST: 'the prompt holds a word that Google blocks',
	SPII: 'the prompt seems to hold someone’s personal data',
	BLOCKED: 'a filter on the way stopped it',
	LANGUAGE: 'it does not understand the language of the prompt',
	IMAGE_OTHER: 'Google gives no reason',
	OTHER: 'Google gives no reason',
};

/** Another's words, without the full stop that would double ours; `''` where there are none. */
export const quoted = (words: string): string => words && `“${words.replace(/\.$/, '')}”`;

/** The status and the words of an answer; `''` where there are none. */
export const answerOf = ({ status, message }: Pick<Fault, 'status' | 'message'>): string =>
	[status && `status ${status}`, quoted(message)].filter(Boolean).join(', ');

/** That a prompt was declined, why, with Google's code and words behind it, and what to do. */
export function declinedWords({ reason, text }: Pick<Refused, 'reason' | 'text'>): string {
	const why = Object.hasOwn(REASONS, reason) ? `${REASONS[reason]} (${reason})` : reason;
	const words = text && ` ${quoted(text)}.`;
	return `The model declined to make this image: ${why}.${words} ${ADVICE.refused as string}`;
}

/**
 * That an image to work from could not be read, in the words of whoever gave it.
 * @param names null: they stay open
 */
export function unreadableWords(why: string, names: Names | null = null): string {
	const words = `An input image could not be used: ${why} {checkInput}`;
	return names === null ? words : spoken(words, names);
}

/** `A, b, or c.` */
function oneOf(choices: readonly string[]): string {
	const all =
		choices.length < 2
			? choices.join('')
			: `${choices.slice(0, -1).join(', ')}, or ${choices.at(-1)}`;
	return sentence(all);
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** Why the pool starts nothing for a request. */
export type NotStarted = Exclude<PoolEnd, 'deadline' | 'noLane'>;

const NOT_STARTED: Record<NotStarted, string> = {
	stopped: 'Not started, since an earlier item had stopped the run.',
	withdrawn:
		'Not started, since another image of the same prompt had come to nothing. See there what to change.',
	stopStartingAfter: 'Not started, since {stopStartingAfter} was over. Run it again.',
	maxCost: 'Not started, since {maxCost} would have been exceeded. Raise it and try again.',
	unknownPrice:
		'Not started, since the price of this model is not known and {maxCost} could not be kept. Take that off or choose another model.',
};

export const notStartedWords = (code: NotStarted, names: Names): string =>
	spoken(NOT_STARTED[code], names);

/** Why something rests, in the words of the answer that made it so. */
export function reasonOf(fault: Absence['fault'], when = ''): string {
	const facts = [answerOf(fault), when].filter(Boolean).join(', ');
	return `${saysOf(fault)}${facts && ` (${facts})`}`;
}

/** A lane that is not there for a request, and when it is back. */
interface Absence {
	readonly lane: string;
	readonly fault: Pick<Fault, 'kind' | 'detail' | 'status' | 'message'>;
	readonly backAt: number;
}

/** What keeps lanes away, in the words of the answers that did; of which the same is to be said, once. */
export function listed(outages: readonly Absence[], now: number): string {
	const lanes = new Map<string, string[]>();
	for (const { lane, fault, backAt } of outages) {
		const said = reasonOf(fault, `tried again in ${minutes(backAt - now)}`);
		lanes.set(said, [...(lanes.get(said) ?? []), lane]);
	}
	return [...lanes]
		.map(([said, [first, ...others]]) => {
			const same = others.length > 0 && `, and so for ${others.join(', ')}`;
			return `${first}: ${said}${same || ''}`;
		})
		.join('; ');
}

function minutes(ms: number): string {
	const whole = Math.max(1, Math.ceil(ms / 60_000));
	return whole < 120 ? `${whole} min` : `${Math.round(whole / 60)} h`;
}
