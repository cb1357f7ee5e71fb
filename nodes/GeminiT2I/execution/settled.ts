import type { DrawFailure, Drawn, Image, Made, Usage } from 'gemini-t2i';
import type { IBinaryData } from 'n8n-workflow';
import type { Kept } from './keep';

/** An image in n8n's binary store, and what its bytes told. */
export interface StoredImage extends Pick<Image, 'mimeType' | 'width' | 'height'> {
	readonly binary: IBinaryData;
	/** Name of the file, and the same without its ending. */
	readonly fileName: string;
	readonly stem: string;
	readonly bytes: number;
}

/** What is known of a call, whether it brought an image or not. */
export interface CallFacts {
	readonly modelVersion: string | null;
	readonly lane: string | null;
	/** How many calls it took. */
	readonly attempts: number;
	readonly durationMs: number;
	readonly usage: Usage;
	/** US dollars; null for a model without a known price. */
	readonly costUsd: number | null;
}

export interface Success {
	readonly status: 'ok';
	/** More than one where the model sent more than was asked for. */
	readonly images: readonly StoredImage[];
	readonly text: string;
	readonly facts: CallFacts;
}

export interface Failure {
	readonly status: 'refused' | 'failed' | 'notStarted';
	readonly code: string;
	readonly message: string;
	readonly facts: CallFacts;
}

/** How one call for an image ended, without the image's bytes: thousands of these fit into memory. */
export type Settled = Success | Failure;

export const NO_CALL: CallFacts = {
	modelVersion: null,
	lane: null,
	attempts: 0,
	durationMs: 0,
	usage: { promptTokens: null, imageTokens: null, thoughtTokens: null, totalTokens: null },
	costUsd: 0,
};

/** What became of one call: its images, and a failure for each that is missing. */
export const settle = (drawn: Drawn<Kept>): readonly Settled[] =>
	drawn.status === 'ok' ? madeOf(drawn.made, drawn.kept) : [failed(drawn.failure)];

function madeOf(made: Made, { stored, lost }: Kept): readonly Settled[] {
	const facts: CallFacts = {
		modelVersion: made.modelVersion,
		lane: made.lane,
		attempts: made.attempts.length,
		durationMs: made.durationMs,
		usage: made.usage,
		costUsd: made.costUsd,
	};
	const success: Success = { status: 'ok', images: stored, text: made.text, facts };
	const missing = lost.map((reason, place): Failure => {
		// What the call cost is told once.
		const isTold = stored.length > 0 || place > 0;
		return { ...unstored(reason), facts: isTold ? { ...facts, costUsd: 0 } : facts };
	});
	return stored.length > 0 ? [success, ...missing] : missing;
}

const unstored = (reason: string) => ({
	status: 'failed' as const,
	code: 'notStored',
	message: `The image was made, but n8n could not store it (${reason}). Check n8n's storage and run the item again.`,
});

const failed = ({ message, facts }: DrawFailure): Failure => ({
	status: facts.status,
	code: facts.code,
	message,
	facts: {
		modelVersion: facts.modelVersion,
		lane: facts.lane,
		attempts: facts.attempts.length,
		durationMs: facts.durationMs,
		usage: facts.usage,
		costUsd: facts.costUsd,
	},
});
