import type { Account, NotMade } from 'gemini-t2i/pool';
import type { IDataObject } from 'n8n-workflow';
import { isDrawable, type Planned } from '../planning/planRun';
import type { Settled, StoredImage, Success } from '../drawing/settled';

/** One image of an item, or one that is missing, with what its output item's `generation` tells of it. */
export type Told = Picture | Gap;

export interface Picture {
	readonly generation: IDataObject;
	readonly image: StoredImage;
}

interface Gap {
	readonly generation: IDataObject;
	readonly failure: NotMade;
}

export const isPicture = (told: Told): told is Picture => 'image' in told;

/** Images count up from 0 within their item, also those that came along with another. */
export function tellAll(
	planned: Planned,
	settled: readonly Settled[],
	simplify: boolean,
): readonly Told[] {
	const plan = isDrawable(planned) ? planned : null;
	const tell = (index: number, from: Settled, image: StoredImage | null): IDataObject => {
		const simplified = simplifiedOf(plan, index, from, image);
		return simplify ? simplified : { ...simplified, ...restOf(plan, from.account, image) };
	};
	let index = 0;
	return settled.flatMap((each): readonly Told[] =>
		each.status === 'ok'
			? each.images.map((image) => ({ generation: tell(index++, each, image), image }))
			: [{ generation: tell(index++, each, null), failure: each }],
	);
}

type Plan = Extract<Planned, { request: unknown }> | null;

/**
 * The facts of one image under the same names whether it was made or not. Texts are `''` where there is none, since
 * Google Sheets leaves a cell as it was for null; what is unknown is null.
 */
function simplifiedOf(plan: Plan, index: number, from: Settled, image: StoredImage | null) {
	const { costUsd } = from.account;
	const failure = from.status === 'ok' ? null : from;
	return {
		status: from.status,
		code: failure?.code ?? '',
		message: failure?.message ?? '',
		fileName: image?.fileName ?? null,
		index,
		model: plan?.request.model ?? null,
		aspectRatio: plan && (plan.request.aspectRatio ?? 'auto'),
		width: image?.width ?? null,
		height: image?.height ?? null,
		// Images that share a call share its cost.
		estimatedCostUsd: costUsd === null ? null : roundedUsd(costUsd / sharersOf(from)),
		text: from.status === 'ok' ? from.text : '',
	};
}

const sharersOf = (from: Settled): number => (from as Partial<Success>).images?.length ?? 1;

const restOf = (plan: Plan, account: Account, image: StoredImage | null) => ({
	prompt: plan?.request.prompt ?? null,
	imageSize: plan && (plan.request.imageSize ?? 'auto'),
	count: plan?.count ?? null,
	mimeType: image?.mimeType ?? null,
	bytes: image?.bytes ?? null,
	modelVersion: account.modelVersion,
	lane: account.lane,
	attempts: account.attempts.length,
	durationMs: Math.round(account.durationMs),
	usage: countsOf(account.usage),
});

const countsOf = ({ promptTokens, imageTokens, thoughtTokens, totalTokens }: Account['usage']) => ({
	promptTokens,
	imageTokens,
	thoughtTokens,
	totalTokens,
});

/** Sums of cents drift in binary; a millionth of a dollar is below any price. */
export const roundedUsd = (usd: number): number => Math.round(usd * 1e6) / 1e6;
