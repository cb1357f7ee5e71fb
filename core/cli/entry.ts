import { NO_USAGE, type Image, type Usage } from '../src/image/image';
import { NO_CALL, type Account, type Made, type NotMade } from '../src/result';
import type { Wanted } from './plan';

/** The code of an image that was made and paid for, and could not be written. */
export const LOST = 'notWritten';

/** The code of an image that is in a batch, and was not waited for. */
export const WAITS_AT_GOOGLE = 'inBatch';

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
	/** Of the last call, without waits. */
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
	/** The images it was made from, as the list names them, and what tells them apart: see `InputImage`. */
	readonly input_images?: readonly string[];
	readonly input_ids?: readonly string[];
	/** What else the row holds. */
	readonly columns?: Readonly<Record<string, unknown>>;
	/** Of the reply, where text was asked for too. */
	readonly text?: string;
}

const tokensOf = (usage: Usage): Tokens => ({
	prompt: usage.promptTokens,
	image: usage.imageTokens,
	thought: usage.thoughtTokens,
	total: usage.totalTokens,
});

const entry = (
	{ row, image, request, columns, inputs }: Wanted,
	status: Entry['status'],
	{ modelVersion, lane, attempts, durationMs, usage, costUsd }: Account,
	time: string,
): Entry => ({
	row,
	image,
	status,
	file: null,
	extra: false,
	prompt: request.prompt,
	model: request.model,
	aspect_ratio: request.aspectRatio,
	image_size: request.imageSize,
	model_version: modelVersion,
	lane,
	attempts: attempts.length,
	duration_ms: Math.round(attempts.at(-1)?.durationMs ?? durationMs),
	tokens: tokensOf(usage),
	cost_usd: costUsd,
	mime_type: null,
	width: null,
	height: null,
	bytes: null,
	code: '',
	message: '',
	time,
	...(columns !== null && { columns }),
	...(inputs.length > 0 && { input_images: inputs.map(({ name }) => name) }),
});

/** An extra image carries no cost and no tokens: the one asked for carries the reply's, so that sums are right. */
export const madeEntry = (
	wanted: Wanted,
	file: string,
	image: Image,
	{ account, text }: Made,
	extra: boolean,
	time: string,
): Entry => ({
	...entry(wanted, 'ok', extra ? { ...account, usage: NO_USAGE, costUsd: 0 } : account, time),
	file,
	extra,
	mime_type: image.mimeType,
	width: image.width,
	height: image.height,
	bytes: image.data.length,
	...(text !== '' && { text }),
});

export const failedEntry = (
	wanted: Wanted,
	{ status, code, message, account }: NotMade,
	time: string,
): Entry => ({ ...entry(wanted, status, account, time), code, message });

export const skippedEntry = (wanted: Wanted, file: string, time: string): Entry => ({
	...entry(wanted, 'skipped', NO_CALL, time),
	file,
	duration_ms: null,
});

/** Left out of this run: it was asked before, and would be declined again. */
export const refusedBefore = (wanted: Wanted, time: string): Entry => ({
	...entry(wanted, 'refused', NO_CALL, time),
	code: 'refusedBefore',
	message: 'Its prompt was declined before, and --skip_refused leaves it out.',
});
