import type { DrawFailure, Made } from '../draw';
import { NO_USAGE } from '../image';
import type { Image, Usage } from '../image';
import type { Wanted } from './wanted';

/** As Google counted them for the reply; null where it does not tell. */
interface Tokens {
	readonly prompt: number | null;
	readonly image: number | null;
	readonly thought: number | null;
	readonly total: number | null;
}

/**
 * One image as it ended: a line of metadata.jsonl and of `--json`. Named as the columns of a prompts file are;
 * what is unknown is null.
 */
export interface Entry {
	readonly row: number;
	readonly image: number;
	/** `skipped`: it was there already. `refused`: change the prompt. `failed`, `notStarted`: run the command again. */
	readonly status: 'ok' | 'skipped' | 'refused' | 'failed' | 'notStarted';
	/** Path below the output directory. */
	readonly file: string | null;
	/** True for an image beyond those asked for, which its reply held too. */
	readonly extra: boolean;
	readonly prompt: string;
	readonly model: string;
	readonly aspect_ratio: string | null;
	readonly image_size: string | null;
	readonly model_version: string | null;
	/** `Endpoint 1 #2`: the second key of the first endpoint. */
	readonly lane: string | null;
	/** The first call counts as one. */
	readonly attempts: number;
	/** Waits included. */
	readonly duration_ms: number | null;
	readonly tokens: Tokens;
	/** Estimated US dollars; null for a model without a known price. */
	readonly cost_usd: number | null;
	readonly mime_type: Image['mimeType'] | null;
	/** Pixels, as are all below: told by the bytes of the file. */
	readonly width: number | null;
	readonly height: number | null;
	readonly bytes: number | null;
	/** Why there is no image: Google's reason or the kind of what went wrong; `''` for an image. */
	readonly code: string;
	/** The same in a sentence that says what to do next. */
	readonly message: string;
	/** ISO 8601. */
	readonly time: string;
}

const tokensOf = (usage: Usage): Tokens => ({
	prompt: usage.promptTokens,
	image: usage.imageTokens,
	thought: usage.thoughtTokens,
	total: usage.totalTokens,
});

const common = ({ row, image, request }: Wanted, status: Entry['status'], time: string) => ({
	row,
	image,
	status,
	file: null,
	extra: false,
	prompt: request.prompt,
	model: request.model,
	aspect_ratio: request.aspectRatio,
	image_size: request.imageSize,
	model_version: null,
	lane: null,
	attempts: 0,
	duration_ms: null,
	tokens: tokensOf(NO_USAGE),
	cost_usd: 0,
	mime_type: null,
	width: null,
	height: null,
	bytes: null,
	code: '',
	message: '',
	time,
});

/** An extra image carries no cost and no tokens: the one asked for carries the reply's, so that sums are right. */
export const madeEntry = (
	wanted: Wanted,
	file: string,
	image: Image,
	made: Made,
	extra: boolean,
	time: string,
): Entry => ({
	...common(wanted, 'ok', time),
	file,
	extra,
	model_version: made.modelVersion,
	lane: made.lane,
	attempts: made.attempts.length,
	duration_ms: Math.round(made.durationMs),
	tokens: tokensOf(extra ? NO_USAGE : made.usage),
	cost_usd: extra ? 0 : made.costUsd,
	mime_type: image.mimeType,
	width: image.width,
	height: image.height,
	bytes: image.data.length,
});

export const failedEntry = (wanted: Wanted, failure: DrawFailure, time: string): Entry => ({
	...common(wanted, failure.facts.status, time),
	model_version: failure.facts.modelVersion,
	lane: failure.facts.lane,
	attempts: failure.facts.attempts.length,
	duration_ms: Math.round(failure.facts.durationMs),
	tokens: tokensOf(failure.facts.usage),
	cost_usd: failure.facts.costUsd,
	code: failure.facts.code,
	message: failure.message,
});

export const skippedEntry = (wanted: Wanted, file: string, time: string): Entry => ({
	...common(wanted, 'skipped', time),
	file,
});

/** The image of a prompt whose earlier image was refused, with that one's reason. */
export const sparedEntry = (wanted: Wanted, sibling: DrawFailure, time: string): Entry => ({
	...common(wanted, 'notStarted', time),
	code: sibling.facts.code,
	message: `Not asked for, since another image of this prompt ended so: ${sibling.message}`,
});
