import { ask, openClient } from '../call/ask';
import { createCalls } from '../call/calls';
import { classifyReply } from '../call/classify';
import type { Reply } from '../call/body';
import { maskOf, tellFor } from '../call/secrets';
import type { SdkFetch } from '../call/exchange';
import type { Clock, Fetch, Host } from '../effects';
import { NO_USAGE } from '../image/image';
import { field, isObject, list as listOf, words } from '../json';
import type { LaneAddress } from '../lane';
import type { Fault, Outcome } from '../outcome';
import { jobOf, type Job } from './job';
import { memberOf, type Member } from './member';
import { passMembers } from './passMembers';
import type { BatchSet } from './sets';
import { keyOf } from './ticket';

/** What a call about batches came to. */
export type Answer<T> =
	{ readonly value: T; readonly fault: null } | { readonly value: null; readonly fault: Fault };

/** What one lane can do about batches. None of it takes a window or moves the health of normal calls. */
export interface BatchLane {
	readonly label: string;
	readonly endpoint: string;
	readonly baseUrl: string;
	readonly weight: number;
	/** All batches of the lane's project, or those of the first pages, each of which may take so many milliseconds. */
	list(pages?: number, longestMs?: number): Promise<Answer<readonly Job[]>>;
	/** Not idempotent: whoever gets no answer has to look whether there is a batch now. */
	create(set: BatchSet): Promise<Answer<Job>>;
	/** Hands over what came of each request as it arrives, and waits for that to be taken. */
	collect(name: string, take: (member: Member) => Promise<void>): Promise<Answer<Job>>;
	cancel(name: string): Promise<Answer<true>>;
}

/** Milliseconds. A result may be 400 MB. */
const LONGEST = { list: 60_000, create: 180_000, collect: 900_000, cancel: 60_000 };
const PAGE_SIZE = 100;
/** An endpoint that always names a next page must not be followed for ever. */
const MOST_PAGES = 50;

export function createBatchLane(
	address: LaneAddress,
	weight: number,
	host: Host,
	clock: Pick<Clock, 'wallClock'>,
): BatchLane {
	const { label, endpoint, baseUrl } = address;
	const client = openClient(address);
	const mask = address.mask ?? maskOf([address]);
	const tell = tellFor(mask);
	const reading = { tell, wallClock: () => clock.wallClock() };
	const calls = createCalls(host);

	/** One call through the SDK. What its raw reply is read as is the answer; null: it is not what was asked for. */
	const call = async <T>(
		longestMs: number,
		send: (fetch: SdkFetch) => Promise<unknown>,
		read: (reply: Reply) => T | null,
		fetch: Fetch = host.fetch,
	): Promise<Answer<T>> => {
		const stop = () => calls.abort(host.signal.reason);
		host.signal.addEventListener('abort', stop, { once: true });
		try {
			const { result, timedOut } = await calls.make(longestMs, (signal) =>
				ask({ fetch, sleep: host.sleep, signal }, tell, send),
			);
			host.signal.throwIfAborted();
			if (result.fault !== null) return faulty(result.fault, timedOut);
			const { reply } = result;
			const value =
				reply.status >= 200 && reply.status < 300 && reply.end === 'whole' ? read(reply) : null;
			if (value !== null) return { value, fault: null };
			return faulty(asFault(classifyReply(reply, reading)), timedOut);
		} finally {
			host.signal.removeEventListener('abort', stop);
		}
	};

	return {
		label,
		endpoint,
		baseUrl,
		weight,
		async list(pages = MOST_PAGES, longestMs = LONGEST.list) {
			const jobs: Job[] = [];
			let pageToken = '';
			for (let page = 0; page < pages; page += 1) {
				const config = { pageSize: PAGE_SIZE, ...(pageToken && { pageToken }) };
				const answer = await call(
					longestMs,
					(fetch) => client.batches.list({ config: { ...config, httpOptions: { fetch } } }),
					({ json }) => (isListOfJobs(json) ? json : null),
				);
				if (answer.fault !== null) return answer;
				const found = [...listOf(answer.value, 'operations'), ...listOf(answer.value, 'batches')];
				jobs.push(...found.flatMap((one) => jobOf(one, tell) ?? []));
				pageToken = words(answer.value, 'nextPageToken');
				if (pageToken === '') break;
			}
			return { value: jobs, fault: null };
		},
		async create({ model, displayName, units, bodies }) {
			// The SDK knows no additional fields within a batch: its one list of requests is put in place of an empty one.
			const requests = bodies.map((body, index) => ({
				request: JSON.parse(body) as unknown,
				metadata: { key: keyOf(units[index]!.hash, units[index]!.number) },
			}));
			const extraBody = { batch: { inputConfig: { requests: { requests } } } };
			return await call(
				LONGEST.create,
				(fetch) =>
					client.batches.create({
						model,
						src: { inlinedRequests: [] },
						config: { displayName, httpOptions: { fetch, extraBody } },
					}),
				({ json }) => jobOf(json, tell),
			);
		},
		async collect(name, take) {
			const passing = passMembers(host.fetch, (json) => take(memberOf(json, { ...reading, mask })));
			const answer = await call(
				LONGEST.collect,
				(fetch) => client.batches.get({ name, config: { httpOptions: { fetch } } }),
				({ json }) => jobOf(json, tell),
				passing.fetch,
			);
			passing.throwIfNotTaken();
			return answer;
		},
		cancel: (name) =>
			call(
				LONGEST.cancel,
				(fetch) => client.batches.cancel({ name, config: { httpOptions: { fetch } } }),
				() => true,
			),
	};
}

const faulty = <T>(fault: Fault, timedOut: boolean): Answer<T> => ({
	value: null,
	fault: timedOut && fault.kind === 'aborted' ? { ...fault, kind: 'timeout', message: '' } : fault,
});

/** Images or a refusal are no answer to a question about batches. */
const asFault = (outcome: Outcome): Fault =>
	'message' in outcome
		? outcome
		: {
				kind: 'serverFault',
				status: 200,
				message: 'The answer is not about batches.',
				hintMs: null,
				detail: null,
				perModel: false,
				usage: NO_USAGE,
			};

/** A project without batches is answered with an empty object. Whatever says "yes" to anything is no list. */
const isListOfJobs = (json: unknown): boolean =>
	isObject(json) &&
	(Object.keys(json).length === 0 ||
		['operations', 'batches', 'nextPageToken'].some((name) => field(json, name) !== undefined));
