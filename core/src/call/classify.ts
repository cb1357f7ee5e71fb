import { NO_USAGE, type Usage } from '../image/image';
import { extractElsewhere, extractImages, type Extracted } from '../image/extract';
import { count, field, isObject, list, words } from '../json';
import type { Fault, Outcome, Refused } from '../outcome';
import type { Reply } from './body';
import { complains, complaintOf } from './complaint';
import { hintMs } from './hint';
import { scanJson } from './scan';
import type { Tell } from './secrets';
import { isPerModel, verdictOf, type Facts, type Form } from './verdicts';

const LONGEST_REASON = 64;
const LONGEST_VERSION = 128;

/** What the classifier needs beyond the reply. */
export interface Reading {
	readonly tell: Tell;
	/** Epoch milliseconds, for Retry-After dates. */
	readonly wallClock: () => number;
}

/** What a reply shows, and how it is told to a person. */
interface Seen {
	readonly facts: Facts;
	readonly said: string;
	readonly hintMs: number | null;
	readonly usage: Usage;
	readonly modelVersion: string | null;
}

/** Turns a reply into its outcome, by the table in `verdicts.ts`. Pure. */
export function classifyReply(reply: Reply, reading: Reading): Outcome {
	const isSuccess = reply.status >= 200 && reply.status < 300;
	// What an error status says it says, even where its page never ended.
	return isSuccess
		? classifyAnswer(reply, reading)
		: judge(reply, seenError(reply, reading), reading);
}

function classifyAnswer(packed: Reply, reading: Reading): Outcome {
	const reply = { ...packed, json: opened(packed.json) };
	const answers = answersIn(reply.json);
	const candidates = answers.flatMap((answer) => list(answer, 'candidates'));
	const usage = readUsage(answers, reply.headers);
	const version = answers.map((answer) => words(answer, 'modelVersion')).find(Boolean);
	const modelVersion = version ? reading.tell(version, LONGEST_VERSION) : null;
	const blocked = seenBlocked(answers);
	const finished = seenFinished(candidates);
	// A draft of an image that was then declined, or that was still being worked on, is no result.
	const drafts = reply.end === 'whole' && blocked === null && !isDeclined(finished);
	const found = extractImages(candidates, { drafts });
	const isForeign = candidates.length === 0 && blocked === null;
	const all = isForeign ? extractElsewhere(reply.json) : found;
	const [first, ...others] = all.images;
	if (first) {
		return { kind: 'images', images: [first, ...others], text: all.text, usage, modelVersion };
	}
	if (complains(reply.json)) return judge(reply, { ...seenError(reply, reading), usage }, reading);
	const seen = blocked ?? seenAnswer(reply, all, finished);
	return judge(reply, { ...seen, hintMs: null, usage, modelVersion }, reading);
}

/** Where a relay puts Google's answer one level deeper. */
const WRAPPERS = ['response', 'data', 'result', 'body', 'output'];
const ANSWERS = ['candidates', 'promptFeedback', 'usageMetadata'];

/** Cloud functions write the answer out into a text: `{statusCode, body: "{\"candidates\": ...}"}`. */
function opened(json: unknown): unknown {
	if (!isObject(json)) return json;
	const name = WRAPPERS.find((wrapper) => /^\s*[{[]/.test(words(json, wrapper)));
	if (name === undefined) return json;
	const scan = scanJson(() => 0);
	scan.push(Buffer.from(words(json, name)));
	const inner = scan.end().json;
	return inner === undefined ? json : { ...json, [name]: inner };
}

const answersIn = (json: unknown): readonly unknown[] =>
	(Array.isArray(json) ? json : [json]).map((answer: unknown) => {
		const isAnswer = (value: unknown) => ANSWERS.some((name) => field(value, name) !== undefined);
		if (isAnswer(answer)) return answer;
		return WRAPPERS.map((name) => field(answer, name)).find(isAnswer) ?? answer;
	});

type SeenAnswer = Pick<Seen, 'facts' | 'said'>;

const answer = (form: Form, said: string, name = '', message = ''): SeenAnswer => ({
	facts: { status: 200, form, names: [name], quotas: [], words: message },
	said,
});

function seenBlocked(answers: readonly unknown[]): SeenAnswer | null {
	for (const { promptFeedback } of answers.map((one) => ({
		promptFeedback: field(one, 'promptFeedback'),
	}))) {
		const reason = words(promptFeedback, 'blockReason');
		if (reason) return answer('blocked', words(promptFeedback, 'blockReasonMessage'), reason);
	}
	return null;
}

/** How the candidates ended: the one that was declined decides, else one that did not simply stop. */
function seenFinished(candidates: readonly unknown[]): SeenAnswer | null {
	const ends = candidates
		.map((one) => ({ reason: words(one, 'finishReason'), said: words(one, 'finishMessage') }))
		.filter(({ reason }) => reason !== '')
		.map(({ reason, said }) => answer('finished', said, reason, said));
	const isEnd = ({ facts }: SeenAnswer) => !/^STOP$/i.test(facts.names[0] ?? '');
	return ends.find(isDeclined) ?? ends.find(isFinal) ?? ends.find(isEnd) ?? ends[0] ?? null;
}

const kindOf = (seen: SeenAnswer | null) => seen && verdictOf(seen.facts).kind;
const isDeclined = (seen: SeenAnswer | null) => kindOf(seen) === 'refused';
const isFinal = (seen: SeenAnswer) => kindOf(seen) === 'badRequest';

/** Why an answer holds no image. */
function seenAnswer(reply: Reply, found: Extracted, finished: SeenAnswer | null): SeenAnswer {
	const { text, isCut, address } = found;
	if (finished !== null && (isDeclined(finished) || isFinal(finished))) {
		return {
			...finished,
			said: finished.said || (isFinal(finished) ? said(finished, TOO_LONG) : text),
		};
	}
	if (reply.end !== 'whole') return ENDS[reply.end];
	if (isCut) return answer('cutPicture', 'The picture breaks off before its end.');
	if (address !== null) return answer('address', `The image is only at ${address}`);
	if (reply.json === undefined) return seenText(reply.text);
	if (finished !== null) {
		return { ...finished, said: said(finished, finished.said || text) };
	}
	const form = foreignFormOf(reply.json);
	if (form !== null) {
		return answer('foreign', [`An answer with “${form}”`, text].filter(Boolean).join(': '));
	}
	return answer('answer', text || words(reply.json, 'message') || 'The reply held no image.');
}

const TOO_LONG = 'the answer grew longer than the request allows (maxOutputTokens)';
const CUT = 'The reply broke off before the image was whole.';
const ENDS: Record<Exclude<Reply['end'], 'whole'>, SeenAnswer> = {
	aborted: answer('aborted', 'The call was stopped.'),
	brokenOff: answer('brokenOff', CUT),
	overLimit: answer('overLimit', 'body over the limit'),
	garbled: answer(
		'garbled',
		'It says that its answer is compressed, by Content-Encoding, and it is not.',
	),
	moved: answer('moved', ''),
};

function said({ facts }: SeenAnswer, message: string): string {
	const reason = /^STOP$/i.test(facts.names[0] ?? '') ? '' : facts.names[0];
	return [reason, message].filter(Boolean).join(': ') || 'The reply held no image.';
}

/** A 200 that is not the API's: a login page, a gateway's apology. Nothing at all is an image that was not made. */
function seenText(text: string): SeenAnswer {
	if (text.trim() === '') return answer('answer', 'The reply was empty.');
	if (isBinary(text)) return answer('garbled', NO_TEXT);
	return BARE.test(text)
		? answer('foreign', 'An image without the JSON around it')
		: answer('page', readable(text));
}

/** The whole reply is a picture in base64, or JSON that was written out into a text. */
const BARE = /^\s*"?\s*(?:(?:data:)?image\/[\w+.-]+;base64,|iVBORw0KGgo|\/9j\/|\{\s*\\"candidates)/;

const NO_TEXT = 'The reply is no text: it may be compressed without saying so in Content-Encoding.';

/** Bytes that are no UTF-8 at all. */
const isBinary = (text: string) => (text.slice(0, 64).match(/[\0-\x08\ufffd]/g) ?? []).length > 8;

/** What tells the answer of another API best. */
const FOREIGN = [
	'choices',
	'output',
	'predictions',
	'artifacts',
	'images',
	'data',
	'object',
	'content',
];

function foreignFormOf(json: unknown): string | null {
	const first: unknown = Array.isArray(json) ? json.find(isObject) : json;
	if (!isObject(first) || ANSWERS.some((name) => field(first, name) !== undefined)) return null;
	const told = FOREIGN.find((name) => Boolean(field(first, name)));
	return (
		told ?? Object.keys(first).find((name) => Boolean(first[name]) && !OF_ANY.test(name)) ?? null
	);
}

/** Fields of Google's answers that stand there although nothing came, and words. */
const OF_ANY = /^(?:model_?version|response_?id|create_?time|candidates|message|msg)$/i;

function seenError(reply: Reply, { wallClock }: Reading): Seen {
	const { status, headers, text } = reply;
	const complaint = complaintOf(reply.json ?? text);
	const isPage = reply.json === undefined && (complaint?.names.length === 0 || isMarkup(text));
	const form =
		reply.end === 'moved' ? 'moved' : isPage ? 'page' : complaint?.isGoogles ? 'google' : 'json';
	return {
		facts: {
			status: speaksOf(status, complaint),
			form: complaint === null ? 'empty' : form,
			names: complaint?.names ?? [],
			quotas: complaint?.quotas ?? [],
			words: complaint?.words ?? '',
		},
		said: (isPage ? pageSaid(text) : (complaint?.said ?? '')) || `HTTP ${status}`,
		hintMs: hintMs(headers, complaint?.fault, wallClock),
		usage: NO_USAGE,
		modelVersion: null,
	};
}

/** A relay may send any error with a status of its own: 200, 400, 500. Then Google's own word counts. */
function speaksOf(status: number, complaint: ReturnType<typeof complaintOf>): number {
	if (status < 300) return complaint?.status ?? 0;
	const isRelayed = complaint?.isGoogles === true && (status === 400 || status >= 500);
	return isRelayed ? (complaint.status ?? status) : status;
}

const isMarkup = (text: string) => text.trimStart().startsWith('<');

const pageSaid = (text: string) => (isBinary(text) ? '' : readable(text));

/** A page without what nobody reads. */
const readable = (page: string) => page.replace(/<(script|style)\b[^]*?(?:<\/\1\s*>|$)/gi, ' ');

/** Makes the outcome of the row that a reply falls under. */
function judge(reply: Reply, seen: Seen, { tell }: Reading): Fault | Refused {
	const { facts, usage, modelVersion } = seen;
	const row = verdictOf(facts);
	if (row.kind === 'refused') {
		const reason = tell(reasonOf(facts), LONGEST_REASON);
		return { kind: 'refused', reason, text: tell(seen.said), usage, modelVersion };
	}
	const isCut = reply.end === 'brokenOff' || reply.end === 'aborted';
	const isError = reply.status < 200 || reply.status >= 300;
	// What was to come may have named a bad key or a region: too little to give a request up for.
	const cut = isError && isCut && row.kind === 'badRequest';
	const isQuota = row.kind === 'throttled' || row.kind === 'dailyQuota';
	// Elsewhere the hint misleads: a daily quota carries one of seconds.
	const waits = row.kind === 'throttled' || row.kind === 'serverFault';
	return {
		kind: cut ? (reply.end === 'aborted' ? 'aborted' : 'truncated') : row.kind,
		detail: cut ? null : (row.detail ?? null),
		status: reply.status,
		message: tell(cut ? `HTTP ${reply.status}, and the reply broke off.` : seen.said),
		hintMs: waits ? seen.hintMs : null,
		perModel: isQuota && isPerModel(row, facts.quotas),
		usage,
	};
}

const UPPER = /\b(?:IMAGE_)?(?:PROHIBITED_CONTENT|SAFETY|RECITATION|BLOCKLIST|SPII)\b/;

/** Google's reason, which relays put into words. */
const reasonOf = ({ names, words: all }: Facts): string =>
	names.find((name) => UPPER.test(name)) ??
	UPPER.exec(all)?.[0] ??
	names.find((name) => /^[a-z_]+$/i.test(name) && !OF_FORM.test(name)) ??
	'BLOCKED';

/** Names that tell the form of a complaint, and not what it is about. */
const OF_FORM =
	/^(?:INVALID_ARGUMENT|FAILED_PRECONDITION|PERMISSION_DENIED|error|null|none|\w*_error)$/i;

/** Google's own token counts. A reply in several pieces repeats them; the last piece has the whole. */
function readUsage(answers: readonly unknown[], headers: Reply['headers']): Usage {
	const metadata = answers
		.map((answer) => field(answer, 'usageMetadata'))
		.filter(Boolean)
		.at(-1);
	const details = list(metadata, 'candidatesTokensDetails');
	const ofModality = (modality: string) =>
		details
			.filter((detail) => words(detail, 'modality').toUpperCase() === modality)
			.reduce<number>((sum, detail) => sum + (tokens(detail, 'tokenCount') ?? 0), 0);
	const imageTokens = ofModality('IMAGE');
	const others = (tokens(metadata, 'candidatesTokenCount') ?? 0) - imageTokens;
	const tier = words(metadata, 'serviceTier') || (headers.get('x-gemini-service-tier') ?? '');
	return {
		promptTokens: tokens(metadata, 'promptTokenCount'),
		// A count of nothing is no count: no image is free.
		imageTokens: imageTokens > 0 ? imageTokens : null,
		thoughtTokens: tokens(metadata, 'thoughtsTokenCount'),
		// Without details nothing tells image from text.
		textTokens: details.length === 0 ? null : Math.max(ofModality('TEXT'), others),
		totalTokens: tokens(metadata, 'totalTokenCount'),
		serviceTier: /^[\w-]{1,64}$/.test(tier) ? tier.toLowerCase() : null,
	};
}

/** JSON can write a number that no token count is. */
function tokens(from: unknown, name: string): number | null {
	const value = count(from, name);
	return value !== null && Number.isFinite(value) && value >= 0 ? value : null;
}
