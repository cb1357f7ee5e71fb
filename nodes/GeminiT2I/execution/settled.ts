import type { DrawFailure, Drawn, Image, Made, Usage } from 'gemini-t2i';
import type { IBinaryData } from 'n8n-workflow';

/** An image in n8n's binary store, and what its bytes told. */
export interface StoredImage extends Pick<Image, 'mimeType' | 'width' | 'height'> {
	readonly binary: IBinaryData;
	readonly fileName: string;
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

export const settle = (drawn: Drawn<readonly StoredImage[]>): Settled =>
	drawn.status === 'ok' ? succeeded(drawn.made, drawn.kept) : failed(drawn.failure);

const succeeded = (made: Made, images: readonly StoredImage[]): Success => ({
	status: 'ok',
	images,
	text: made.text,
	facts: {
		modelVersion: made.modelVersion,
		lane: made.lane,
		attempts: made.attempts.length,
		durationMs: made.durationMs,
		usage: made.usage,
		costUsd: made.costUsd,
	},
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
