import type { Image, Usage } from './image';
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

/** Images that were made and paid for, with what is known of them. */
export interface Made {
	readonly images: readonly [Image, ...Image[]];
	readonly text: string;
	readonly usage: Usage;
	readonly modelVersion: string | null;
	readonly lane: string;
	readonly attempts: readonly Attempt[];
	/** From the request's entry to the last byte, waits included. */
	readonly durationMs: number;
	/**
	 * US dollars by the price table, for all images of the reply and for earlier attempts that Google may charge for all
	 * the same; null for a model without a known price.
	 */
	readonly costUsd: number | null;
}

/** How a request ended. Each request settles exactly once; only an abort or a fault of the host rejects. */
export type Drawn<T> =
	| { readonly status: 'ok'; readonly made: Made; readonly kept: T }
	| { readonly status: 'refused' | 'failed' | 'notStarted'; readonly failure: DrawFailure };

/** Why there is no image, in a sentence that says what to do next, and the facts behind it. Holds no key. */
export class DrawFailure extends Error {
	override readonly name = 'DrawFailure';

	constructor(
		message: string,
		readonly facts: {
			/** `refused`: change the prompt. `failed`: try again. `notStarted`: cost or time reached, or stopped. */
			readonly status: 'refused' | 'failed' | 'notStarted';
			/** Google's reason where it declined (`IMAGE_SAFETY`), else the kind of the decisive outcome, or `deadline`, `noLane`, `maxCost`, `stopStartingAfter`, `stopped`, `withdrawn`. */
			readonly code: string;
			readonly attempts: readonly Attempt[];
			/** Of the last attempt; null where none was made. */
			readonly lane: string | null;
			readonly usage: Usage;
			readonly modelVersion: string | null;
			readonly durationMs: number;
			/** What the attempts may have cost all the same, by their image tokens; 0 where nothing says so. */
			readonly costUsd: number;
		},
	) {
		super(message);
	}
}
