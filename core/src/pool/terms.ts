import type { Host } from '../effects';
import type { Names } from '../names';
import type { ImageRequest } from '../request';
import type { Budget } from './budget';

/** What one execution brings to the pool. */
export interface JoinOptions extends Host {
	/** Calls in flight for this tenant, 1 or more; the pool's maximum also holds. */
	readonly concurrency: number;
	/**
	 * Milliseconds for one attempt, body included. 1 or more; above 2^31 - 1 (24 days) that much. Null: 300 000, or 900 000 for
	 * a request of the tier flex (null).
	 */
	readonly timeoutMs?: number | null;
	/** Retries of one request; waiting and free failovers are none (0). */
	readonly maxRetries?: number;
	/** First delay in milliseconds; doubles, jittered, at most 60 s (1000). */
	readonly retryDelayMs?: number;
	/** Pool time (`now()`) from which nothing is started; null: no such time (null). */
	readonly stopStartingAt?: number | null;
	/** What may be spent; null: as much as it takes (null). */
	readonly budget?: Budget | null;
	/** Whether a person waits for it, who would rather hear soon of an address that has never answered (false). */
	readonly isAttended?: boolean;
	/** What the host calls things, where that is not plain English. */
	readonly names?: Partial<Names>;
	/** Whether nothing more is started once a request has come to nothing (false). */
	readonly stopOnFailure?: boolean;
}

/** The same with all that may be left out. */
export type Terms = JoinOptions & Required<Pick<JoinOptions, keyof typeof USUAL>>;

const USUAL = {
	timeoutMs: null,
	maxRetries: 0,
	retryDelayMs: 1000,
	stopStartingAt: null,
	budget: null,
} as const;

/** @throws RangeError where an option could not work: a request would wait for ever, or not at all */
export function termsOf(options: JoinOptions): Terms {
	const terms: Terms = { ...USUAL, ...options };
	const { concurrency, timeoutMs, maxRetries, retryDelayMs } = terms;
	const least = (minimum: number, named: Readonly<Record<string, number>>) => {
		for (const [name, value] of Object.entries(named)) {
			if (!(value >= minimum))
				throw new RangeError(`${name} must be at least ${minimum}: ${value}`);
		}
	};
	least(1, { concurrency, ...(timeoutMs !== null && { timeoutMs }) });
	least(0, { maxRetries, retryDelayMs });
	return terms;
}

/** Milliseconds that one attempt of a request has: Google takes its time with flex. */
export const timeoutOf = (
	{ serviceTier }: Pick<ImageRequest, 'serviceTier'>,
	{ timeoutMs }: Pick<Terms, 'timeoutMs'>,
): number => timeoutMs ?? (serviceTier === 'flex' ? 900_000 : 300_000);
