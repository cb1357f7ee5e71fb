import { type Chaos, makeChaos } from './chaos';
import type { Flood } from './flood';
import type { LoggedRequest } from './log';
import { makeThrottle, type Throttle } from './throttle';

/**
 * How a request is answered. Fields combine: `{delayMs: 500, fixture: 'overloaded.json', gzip: true}`. Without
 * `fixture`, `status`, `redirect`, `reset` or `hang` the answer is the usual one, sent as the rest says.
 */
export interface Reply {
	/** A file of `test/support/fixtures`, with the status and headers of its index. */
	fixture?: string;
	status?: number;
	/** A string is sent as it is, anything else as JSON. */
	body?: unknown;
	headers?: Record<string, string>;
	/** Answers 307 with this location. */
	redirect?: string;
	/** The connection is reset before any reply. */
	reset?: boolean;
	/** What was asked for is done before it is answered like this: a reply that is lost, of a batch that was made. */
	takesEffect?: boolean;
	/** A body such as no server should send. */
	flood?: Flood;
	/** No reply ever. */
	hang?: boolean;
	/** Wait before the reply, in place of the emulator's latency. */
	delayMs?: number;
	/** Wait until so many calls are in progress at once: what was in flight together is then no matter of timing. */
	gather?: number;
	/**
	 * The body stops early: `end` with a last chunk, as if it were whole; `length` short of its Content-Length;
	 * `chunked` without the last chunk; `reset` by a reset; `hang` and nothing more comes; `open` does not stop early,
	 * but the connection is held open behind it.
	 */
	cut?: 'end' | 'length' | 'chunked' | 'reset' | 'hang' | 'open';
	/** Where it stops: a share of the body (0.5 where unset), or right behind the first image. */
	cutAt?: number | 'afterImage';
	/** The body in pieces of `bytes`, one every `everyMs`. */
	drip?: { bytes: number; everyMs: number };
	gzip?: boolean;
	/** Indented as Google's are (the emulator's default), or in one line. */
	pretty?: boolean;
	/** The image grown to this size, still a valid PNG. */
	megabytes?: number;
	format?: 'png' | 'jpeg';
	/** Images in the one reply. */
	images?: number;
	/** An image part with `thought: true` comes first. */
	thought?: boolean;
	/** Goes over the usual `usageMetadata`: thoughts, a service tier, counts that cannot be true. */
	usage?: object;
}

/** What a rule answers, besides plain replies. A rule that holds nothing against a request lets it pass. */
export type RuleReply = Reply | { throttle: Throttle } | { chaos: Chaos };

export interface Rule {
	match?: {
		key?: string;
		/** A string must occur in the prompt. */
		prompt?: string | RegExp;
		model?: string;
		path?: string | RegExp;
		action?: LoggedRequest['action'];
	};
	/** The rule is spent after this many answers. */
	times?: number;
	/** Only every n-th matching request. */
	every?: number;
	reply: RuleReply;
}

export interface Faults {
	/** Asked in the order in which they were added; the first that answers wins. Returns what takes it back. */
	add(rule: Rule): () => void;
	clear(): void;
	/** The reply for a request; null: as usual. */
	replyTo(request: LoggedRequest): Reply | null;
}

export function makeFaults(): Faults {
	let rules: Array<(request: LoggedRequest) => Reply | null> = [];
	return {
		add(rule) {
			const answer = makeRule(rule);
			rules.push(answer);
			return () => (rules = rules.filter((other) => other !== answer));
		},
		clear() {
			rules = [];
		},
		replyTo(request) {
			for (const rule of rules) {
				const reply = rule(request);
				if (reply) return reply;
			}
			return null;
		},
	};
}

function makeRule({ match = {}, times = Infinity, every = 1, reply }: Rule) {
	const answer =
		'throttle' in reply
			? makeThrottle(reply.throttle)
			: 'chaos' in reply
				? makeChaos(reply.chaos)
				: () => reply;
	let matched = 0;
	let answered = 0;
	return (request: LoggedRequest): Reply | null => {
		if (answered >= times || !matches(match, request) || ++matched % every !== 0) return null;
		const given = answer(request);
		if (given) answered++;
		return given;
	};
}

function matches(match: NonNullable<Rule['match']>, request: LoggedRequest): boolean {
	const { key, model, prompt, path, action = 'generateContent' } = match;
	return (
		request.action === action &&
		(key === undefined || request.key === key) &&
		(model === undefined || request.model === model) &&
		holds(request.prompt, prompt) &&
		holds(request.path, path)
	);
}

function holds(text: string, wanted: string | RegExp | undefined): boolean {
	if (wanted === undefined) return true;
	return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
