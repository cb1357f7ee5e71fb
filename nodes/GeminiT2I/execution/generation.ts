import type { IDataObject } from 'n8n-workflow';
import type { ItemPlan } from './plan';
import type { CallFacts, Failure, StoredImage, Success } from './settled';

/** What an output item's `generation` tells of one image, or of the one that is missing. */
interface Told {
	/** Null where the item could not even be read. */
	readonly plan: ItemPlan | null;
	/** Place of the image within its item, from 0. */
	readonly index: number;
	readonly outcome: { readonly success: Success; readonly image: StoredImage } | Failure;
	/** Images that share the call and so its cost. */
	readonly sharers: number;
}

/**
 * The facts of one image under the same names whether it was made or not. Texts are `''` where there is none, since
 * Google Sheets leaves a cell as it was for null; what is unknown is null.
 */
export function generationOf(
	{ plan, index, outcome, sharers }: Told,
	simplify: boolean,
): IDataObject {
	const isMade = 'image' in outcome;
	const image = isMade ? outcome.image : null;
	const { facts } = isMade ? outcome.success : outcome;
	const request = plan?.request ?? null;
	const simplified = {
		status: isMade ? 'ok' : outcome.status,
		code: isMade ? '' : outcome.code,
		message: isMade ? '' : outcome.message,
		fileName: image?.fileName ?? null,
		index,
		model: request?.model ?? null,
		aspectRatio: request === null ? null : (request.aspectRatio ?? 'auto'),
		width: image?.width ?? null,
		height: image?.height ?? null,
		estimatedCostUsd: facts.costUsd === null ? null : roundedUsd(facts.costUsd / sharers),
		text: isMade ? outcome.success.text : '',
	};
	if (simplify) return simplified;
	return {
		...simplified,
		prompt: request?.prompt ?? null,
		imageSize: request === null ? null : (request.imageSize ?? 'auto'),
		count: plan?.count ?? null,
		mimeType: image?.mimeType ?? null,
		bytes: image?.bytes ?? null,
		...callOf(facts),
	};
}

const callOf = ({ modelVersion, lane, attempts, durationMs, usage }: CallFacts) => ({
	modelVersion,
	lane,
	attempts,
	durationMs: Math.round(durationMs),
	usage: { ...usage },
});

/** Sums of cents drift in binary; a millionth of a dollar is below any price. */
export const roundedUsd = (usd: number): number => Math.round(usd * 1e6) / 1e6;
