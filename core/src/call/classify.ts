import type { Fault, FaultKind, Outcome } from '../outcome';
import { NO_USAGE, type Usage } from '../image/image';
import { extractImages } from '../image/extract';
import { judgeError } from './classifyError';
import { bareError, findError, plainComplaint, statusWithin } from './errorBody';
import { hintMs } from './hint';
import type { Tell } from './secrets';
import { count, field, list, words } from '../json';
import type { Reply } from './body';

/** Google declined for good: the same prompt would be declined again. */
const FINAL_REASONS = new Set([
	'SAFETY',
	'IMAGE_SAFETY',
	'PROHIBITED_CONTENT',
	'IMAGE_PROHIBITED_CONTENT',
	'RECITATION',
	'IMAGE_RECITATION',
	'BLOCKLIST',
	'SPII',
	'LANGUAGE',
]);

const LONGEST_REASON = 64;
const LONGEST_VERSION = 128;

/** What the classifier needs beyond the reply. */
export interface Reading {
	readonly tell: Tell;
	/** Epoch milliseconds, for Retry-After dates. */
	readonly wallClock: () => number;
}

/** Turns a reply into its outcome, by the outcome table. Pure. */
export function classifyReply(reply: Reply, reading: Reading): Outcome {
	const success = reply.status >= 200 && reply.status < 300;
	// What an error status says it says, even where its page never ended.
	if (!success) return classifyError(reply, reading);
	if (reply.json === undefined && reply.end === 'aborted') {
		return fault(reply, reading, 'aborted', 'The call was stopped.');
	}
	if (reply.json === undefined) return classifyForeignBody(reply, reading);
	return classifyAnswer(reply, reading);
}

function classifyError(reply: Reply, reading: Reading, status = reply.status): Fault {
	const error =
		reply.json === undefined ? null : (findError(reply.json) ?? plainComplaint(reply.json));
	const { kind, perModel } = judgeError(status, error);
	if (kind === 'badRequest' && reply.end !== 'whole' && reply.end !== 'overLimit') {
		// What was to come may have named a bad key or a region: too little to give a request up for.
		const cut = reply.end === 'aborted' ? 'aborted' : 'truncated';
		return fault(reply, reading, cut, `HTTP ${reply.status}, and the reply broke off.`);
	}
	const said = (error === null ? reply.text : words(error, 'message')) || `HTTP ${reply.status}`;
	// Elsewhere the hint misleads: a daily quota carries one of seconds.
	const waits = kind === 'throttled' || kind === 'serverFault';
	return {
		...fault(reply, reading, kind, said),
		hintMs: waits ? hintMs(reply.headers, error, reading.wallClock) : null,
		perModel,
	};
}

/** A 200 that is not the API's: a login page, a gateway's apology. Nothing at all is an image that was not made. */
function classifyForeignBody(reply: Reply, reading: Reading): Fault {
	if (reply.end === 'overLimit') return fault(reply, reading, 'badRequest', 'body over the limit');
	if (reply.end === 'brokenOff') {
		return fault(reply, reading, 'truncated', 'The reply broke off before the image was whole.');
	}
	if (reply.text.trim() === '') return fault(reply, reading, 'noImage', 'The reply was empty.');
	return fault(reply, reading, 'serverFault', reply.text);
}

function classifyAnswer(reply: Reply, reading: Reading): Outcome {
	const answers = Array.isArray(reply.json) ? reply.json : [reply.json];
	const candidates = answers.flatMap((answer) => list(answer, 'candidates'));
	const error = candidates.length === 0 ? (findError(reply.json) ?? bareError(reply.json)) : null;
	if (error !== null) return classifyError(reply, reading, statusWithin(error));

	const usage = readUsage(answers, reply.headers);
	const version = answers.map((answer) => words(answer, 'modelVersion')).find(Boolean);
	const modelVersion = version ? reading.tell(version, LONGEST_VERSION) : null;
	const refusal = findRefusal(answers, candidates);
	// A draft of an image that was then declined, or that was still being worked on, is no result.
	const drafts = refusal === null && reply.end === 'whole';
	const { images, text } = extractImages(candidates, { drafts });
	const [first, ...others] = images;
	if (first) return { kind: 'images', images: [first, ...others], text, usage, modelVersion };
	if (refusal) {
		const said = reading.tell(refusal.text || text);
		const reason = reading.tell(refusal.reason, LONGEST_REASON);
		return { kind: 'refused', reason, text: said, usage, modelVersion };
	}
	const { kind, said } = explainMissing(reply, candidates, text);
	return { ...fault(reply, reading, kind, said), usage };
}

function findRefusal(answers: readonly unknown[], candidates: readonly unknown[]) {
	for (const answer of answers) {
		const feedback = field(answer, 'promptFeedback');
		const reason = words(feedback, 'blockReason');
		if (reason) return { reason, text: words(feedback, 'blockReasonMessage') };
	}
	const declined = candidates.find((one) => FINAL_REASONS.has(words(one, 'finishReason')));
	if (declined === undefined) return null;
	return { reason: words(declined, 'finishReason'), text: words(declined, 'finishMessage') };
}

function explainMissing(
	reply: Reply,
	candidates: readonly unknown[],
	text: string,
): { kind: FaultKind; said: string } {
	const finishes = candidates.map((one) => words(one, 'finishReason')).filter(Boolean);
	if (finishes.includes('MAX_TOKENS')) {
		return { kind: 'badRequest', said: 'MAX_TOKENS: the answer reached its token limit.' };
	}
	if (reply.end === 'overLimit') return { kind: 'badRequest', said: 'body over the limit' };
	if (reply.end === 'aborted') return { kind: 'aborted', said: 'The call was stopped.' };
	if (reply.end === 'brokenOff') {
		return { kind: 'truncated', said: 'The reply broke off before the image was whole.' };
	}
	const finish = finishes.find((reason) => reason !== 'STOP');
	const message = candidates.map((one) => words(one, 'finishMessage')).find(Boolean);
	const said = [finish, message ?? text].filter(Boolean).join(': ');
	return { kind: 'noImage', said: said || 'The reply held no image.' };
}

function fault(reply: Reply, { tell }: Reading, kind: FaultKind, said: string): Fault {
	return {
		kind,
		status: reply.status,
		message: tell(said),
		hintMs: null,
		detail: null,
		perModel: false,
		usage: NO_USAGE,
	};
}

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
