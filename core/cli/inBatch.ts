import { createBatches } from '../src/batch/batches';
import { estimateBatchUsd } from '../src/batch/price';
import { hashOf } from '../src/batch/ticket';
import type { Host } from '../src/effects';
import type { Names } from '../src/names';
import { createBudget, type Budget, type Reservation } from '../src/pool/budget';
import type { Tenant } from '../src/pool/tenant';
import type { ImageRequest } from '../src/request';
import { NO_CALL, type Drawn, type Made, type NotMade } from '../src/result';
import type { PoolSettings } from '../src/settings/settings';
import { systemClock } from '../src/system';
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
	/** Draws once more what is there, and what is in a batch. */
	readonly redraw: boolean;
	openTickets(): Tickets;
	tell(sentence: string): void;
}

/** One image that is asked for, and whoever waits for it. */
interface Asked {
	readonly request: ImageRequest;
	readonly save: (made: Made) => Promise<void>;
	readonly settle: (end: NotMade | null) => void;
	readonly fail: (reason: unknown) => void;
	ticket: string;
	reservation: Reservation | null;
}

/** Asked again so often; a batch is often done in ten minutes. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 10 * 60_000;

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
		const usd = estimateBatchUsd(asked.request);
		const price = usd === null ? null : { listUsd: usd, allowanceUsd: 0, kind: 'batch' };
		const reservation = budget.reserve(price);
		if (typeof reservation === 'string') return false;
		asked.reservation = reservation;
		return true;
	};

	const pass = async (open: readonly Asked[]): Promise<readonly Asked[]> => {
		const fates = await batches.pass<void>(
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
				submitted(row, _before, ticket) {
					const asked = open[row]!;
					asked.ticket = ticket;
					tickets.note(ticket);
					asked.reservation?.settle(estimateBatchUsd(asked.request) ?? 0);
					asked.reservation = null;
				},
				async save(row, _index, made) {
					await open[row]!.save(made);
				},
			},
		);
		return open.filter((asked, row) => {
			const fate = fates[row]!;
			if (fate.status === 'pending') return true;
			const [image] = fate.images;
			if (asked.ticket !== '') tickets.close(asked.ticket);
			asked.settle(image === undefined || image.status === 'ok' ? null : image);
			return false;
		});
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
			tell(`${images(open.length)} in batch, not ready yet. Asked again in ${inWords(waitMs)}.`);
			await host.sleep(waitMs, AbortSignal.any([stop.signal, host.signal]));
			host.signal.throwIfAborted();
			if (stop.signal.aborted) break;
		}
		for (const asked of open) {
			asked.settle(notStarted('stopped', 'In a batch at Google. The same command collects it.'));
		}
	};

	return {
		draw<T>(request: ImageRequest, keep: (made: Made) => Promise<T>): Promise<Drawn<T>> {
			return new Promise((resolve, reject) => {
				let done: Drawn<T> | null = null;
				waiting.push({
					request,
					ticket: options.redraw ? '' : tickets.take(hashOf(request)),
					reservation: null,
					async save(made) {
						done = { status: 'ok', made, kept: await keep(made) };
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
