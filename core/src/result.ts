import { NO_USAGE, type Image, type Usage } from './image/image';
import type { OutcomeKind } from './outcome';

/** One call as it went, for people and logs. The first call counts as one. */
export interface Attempt {
	readonly lane: string;
	readonly outcome: OutcomeKind;
	/** HTTP status; null where no reply came. */
	readonly status: number | null;
	readonly durationMs: number;
	/** How long the reply asked to wait; null where it did not. */
	readonly hintMs: number | null;
}

/** What a request took, whether an image came of it or not. */
export interface Account {
	/** Of the last call; null where none was made. */
	readonly lane: string | null;
	readonly attempts: readonly Attempt[];
	readonly usage: Usage;
	/** What really answered, as the reply says. */
	readonly modelVersion: string | null;
	/** From the request's entry to its end, waits included. */
	readonly durationMs: number;
	/**
	 * US dollars by the price table, for all images of the reply and for what other attempts may have cost all the same;
	 * null where images were made by a model without a known price.
	 */
	readonly costUsd: number | null;
}

export const NO_CALL: Account = {
	lane: null,
	attempts: [],
	usage: NO_USAGE,
	modelVersion: null,
	durationMs: 0,
	costUsd: 0,
};

/** Images that were made and paid for. */
export interface Made {
	readonly images: readonly [Image, ...Image[]];
	readonly text: string;
	readonly account: Account;
}

/** How the pool ends a request by itself, in one word. */
export type PoolEnd =
	| 'deadline'
	| 'noLane'
	| 'stopped'
	| 'withdrawn'
	| 'stopStartingAfter'
	| 'maxCost'
	| 'unknownPrice';

/** Why there is no image. Holds no key. */
export interface NotMade {
	/** `refused`: change the prompt. `failed`: try again. `notStarted`: cost or time reached, or stopped. */
	readonly status: 'refused' | 'failed' | 'notStarted';
	/** Google's reason where it declined (`IMAGE_SAFETY`), else the kind of the decisive outcome, or a `PoolEnd`. */
	readonly code: string;
	/** A sentence that says what to do next. */
	readonly message: string;
	readonly account: Account;
}

/** How a request ended. Each request settles exactly once; only an abort or a fault of the host rejects. */
export type Drawn<T> = { readonly status: 'ok'; readonly made: Made; readonly kept: T } | NotMade;
