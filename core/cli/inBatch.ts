import { createBatches } from '../src/batch/batches';
import { batchPriceOf, estimateBatchUsd } from '../src/batch/price';
import { hashOf } from '../src/batch/ticket';
import { isStillThere } from '../src/batch/words';
import type { Host } from '../src/effects';
import type { Names } from '../src/names';
import { createBudget, type Budget, type Reservation } from '../src/pool/budget';
import type { Tenant } from '../src/pool/tenant';
import type { ImageRequest } from '../src/request';
import { NO_CALL, type Drawn, type Made, type NotMade } from '../src/result';
import type { PoolSettings } from '../src/settings/settings';
import { systemClock } from '../src/system';
import { WAITS_AT_GOOGLE } from './entry';
import { images, inWords } from './report';
import type { Tickets } from './tickets';

interface Options {
	readonly host: Host;
	readonly settings: PoolSettings;
	readonly maxRetries: number;
	readonly retryDelayMs: number;
	readonly stopStartingAt: number | null;
	readonly budget: Budget | null;
	/** What sentences of core speak of. */
	readonly names: Partial<Names>;
	/** Draws once more what is there, and what a batch has brought. */
	readonly redraw: boolean;
	openTickets(): Tickets;
	tell(sentence: string): void;
}

/** One image that is asked for, and whoever waits for it. */
interface Asked {
	readonly request: ImageRequest;
	/** Whether it was written: else Google keeps it, and it can be fetched once more. */
	readonly save: (made: Made) => Promise<boolean>;
	readonly settle: (end: NotMade | null) => void;
	readonly fail: (reason: unknown) => void;
	ticket: string;
	reservation: Reservation | null;
	/** Why it is not there yet; null where that is nothing out of the way. */
	delay: string | null;
}

/** Asked again so often; a batch is often done in ten minutes. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/** As it should be: Google has it and works on it. */
const ON_ITS_WAY = ['submitted', 'waiting', 'running'];

/** A tenant that makes its images in batch: they are collected when Google is done, and until then waited for. */
export const joinInBatch = (options: Options): Tenant => {
	const { host, tell } = options;
	const tickets = options.openTickets();
	const budget = options.budget ?? createBudget();
	const batches = createBatches(systemClock);
	const waiting: Asked[] = [];
	const stop = new AbortController();
	let running: Promise<void> | null = null;

	const affordable = (asked: Asked): boolean => {
		if (asked.ticket !== '') return true;
		const reservation = budget.reserve(batchPriceOf(asked.request));
		if (typeof reservation === 'string') return false;
		asked.reservation = reservation;
		return true;
	};

	const pass = async (open: readonly Asked[]): Promise<readonly Asked[]> => {
		const fates = await batches.pass<boolean>(
			open.map(({ request, ticket }) => ({ request, count: 1, ticket })),
			{
				...host,
				settings: options.settings,
				names: options.names,
				workflow: 'command-line',
				submitAgain: options.redraw,
				isOwn: (job) => waiting.some(({ ticket }) => ticket.startsWith(`${job}#`)),
				earlier: [],
				maxRetries: options.maxRetries,
				retryDelayMs: options.retryDelayMs,
				stopStartingAt: options.stopStartingAt,
				ending: stop.signal,
				submitted(row, ticket) {
					const asked = open[row]!;
					asked.ticket = ticket;
					tickets.note(ticket);
					asked.reservation?.settle(estimateBatchUsd(asked.request) ?? 0);
					asked.reservation = null;
				},
				async save(row, _index, made) {
					const asked = open[row]!;
					const isWritten = await asked.save(made);
					if (isWritten) tickets.close(asked.ticket);
					return isWritten;
				},
			},
		);
		return open.filter((asked, row) => {
			const fate = fates[row]!;
			if (fate.status === 'pending') {
				asked.delay = ON_ITS_WAY.includes(fate.code) ? null : fate.message;
				return true;
			}
			const [image] = fate.images;
			const end = image === undefined || image.status === 'ok' ? null : image;
			if (end !== null && asked.ticket !== '' && !isStillThere(end.code))
				tickets.close(asked.ticket);
			asked.settle(end);
			return false;
		});
	};

	const tellWait = (open: readonly Asked[], waitMs: number): void => {
		const inBatch = open.filter(({ ticket }) => ticket !== '').length;
		const others = open.length - inBatch;
		const delays = new Set(open.flatMap(({ delay }) => delay ?? []));
		const lines = [
			inBatch > 0 && `${images(inBatch)} in batch, not ready yet.`,
			others > 0 && `${images(others)} in no batch yet.`,
			...delays,
			`Asked again in ${inWords(waitMs)}.`,
		];
		tell(lines.filter((line) => line !== false).join(' '));
	};

	const run = async (): Promise<void> => {
		let open: readonly Asked[] = waiting.filter((asked) => {
			if (affordable(asked)) return true;
			asked.settle(notStarted('maxCost', 'Not handed in, since --max_cost would be exceeded.'));
			return false;
		});
		for (
			let waitMs = FIRST_WAIT_MS;
			open.length > 0;
			waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
		) {
			open = await pass(open);
			if (open.length === 0 || stop.signal.aborted) break;
			tellWait(open, waitMs);
			await host.sleep(waitMs, AbortSignal.any([stop.signal, host.signal]));
			host.signal.throwIfAborted();
			if (stop.signal.aborted) break;
		}
		for (const asked of open) {
			asked.settle(asked.ticket === '' ? NOT_IN_BATCH : IN_BATCH);
		}
	};

	return {
		draw<T>(request: ImageRequest, keep: (made: Made) => Promise<T>): Promise<Drawn<T>> {
			return new Promise((resolve, reject) => {
				let done: Drawn<T> | null = null;
				waiting.push({
					request,
					ticket: tickets.take(hashOf(request)),
					reservation: null,
					delay: null,
					async save(made) {
						done = { status: 'ok', made, kept: await keep(made) };
						return done.kept !== false;
					},
					settle: (end) => resolve(end ?? done!),
					fail: reject,
				});
				// All that is asked for in one turn is handed in together.
				running ??= Promise.resolve()
					.then(run)
					.catch((reason: unknown) => {
						for (const asked of waiting) asked.fail(reason);
					});
			});
		},
		stopStarting: () => stop.abort(),
		withdraw: () => {},
		leave: () => stop.abort(),
	};
};

const notStarted = (code: string, message: string): NotMade => ({
	status: 'notStarted',
	code,
	message,
	account: NO_CALL,
});

const IN_BATCH = notStarted(
	WAITS_AT_GOOGLE,
	'In a batch at Google, and paid for. The same command collects it.',
);
const NOT_IN_BATCH = notStarted('stopped', 'In no batch yet. The same command hands it in.');
