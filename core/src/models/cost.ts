import { field } from '../json';
import type { Usage } from '../image/image';
import type { ImageRequest, ThinkingLevel } from '../request';
import { factsOf, IMAGE_SIZES, type ImageSize, type ModelFacts } from './catalogue';

type Priced = Pick<ImageRequest, 'model' | 'imageSize' | 'additionalFields'> &
	Partial<Pick<ImageRequest, 'thinkingLevel' | 'serviceTier'>>;

/** The part of the list price that a tier costs. What is not named here is counted in full. */
const TIER_SHARE: ReadonlyMap<string, number> = new Map([
	['flex', 0.5],
	['batch', 0.5],
]);

/** Tokens of thought to be ready for: Google names none. Where no level is chosen, the model chooses. */
const THOUGHT_TOKENS: Readonly<Record<ThinkingLevel | 'auto', number>> = {
	minimal: 500,
	auto: 2000,
	medium: 2000,
	high: 4000,
};

/** Token counts further than this from the list price, either way, are somebody's invention. */
const PLAUSIBLE_FACTOR = 10;

/** What one call is expected to cost, US dollars. */
export interface Price {
	/** By the list price of an image. */
	readonly listUsd: number;
	/** What may come on top of it, for thoughts first of all. */
	readonly allowanceUsd: number;
	/** Calls of one kind think about as much. */
	readonly kind: string;
}

/** The price of a call at the tier it asks for; null where it is not known. */
export function priceOf(request: Priced, tier: unknown = tierOf(request)): Price | null {
	const facts = factsOf(request.model);
	const each = facts && listUsd(request, facts);
	if (facts === null || each === null) return null;
	const level = request.thinkingLevel ?? 'auto';
	const thoughts = facts.thinking === 'never' ? 0 : THOUGHT_TOKENS[level];
	return {
		listUsd: rounded(each * shareOf(tier)),
		allowanceUsd: rounded(((thoughts * facts.tokenPriceUsd.text) / 1e6) * shareOf(tier)),
		kind: `${facts.id} ${level}`,
	};
}

/** What one call is expected to cost in US dollars, by list price; null where that price is not known. */
export const estimateCostUsd = (request: Priced): number | null =>
	priceOf(request)?.listUsd ?? null;

/**
 * What a reply cost in US dollars at the tier it was served at: by its tokens where it counts them, else list price x
 * images. So a reply without an image costs what it counts. Null where the price is not known.
 */
export function costUsd(request: Priced, usage: Usage, images: number): number | null {
	const facts = factsOf(request.model);
	if (facts === null) return null;
	const each = listUsd(request, facts);
	const usd = countedUsd(usage, facts, each, images) ?? (each === null ? null : each * images);
	return usd === null ? null : rounded(usd * shareOf(usage.serviceTier ?? tierOf(request)));
}

/** By the counts of a reply; null where they cannot be true, or where an image is not counted and has no list price. */
function countedUsd(
	{ imageTokens, promptTokens, textTokens, thoughtTokens }: Usage,
	{ tokenPriceUsd: { prompt, text, image } }: ModelFacts,
	each: number | null,
	images: number,
): number | null {
	const ofWords = [
		(promptTokens ?? 0) * prompt,
		(textTokens ?? 0) * text,
		(thoughtTokens ?? 0) * text,
	];
	const ofImages = imageTokens === null ? null : (imageTokens * image) / 1e6;
	const counts = [...ofWords, ofImages ?? 0];
	if (!counts.every((count) => Number.isFinite(count) && count >= 0)) return null;
	const wordsUsd = ofWords.reduce((sum, one) => sum + one) / 1e6;
	if (each === null) return ofImages === null && images > 0 ? null : wordsUsd + (ofImages ?? 0);
	const usd = wordsUsd + (ofImages ?? each * images);
	const isTooLittle = ofImages !== null && ofImages < (each * images) / PLAUSIBLE_FACTOR;
	const isTooMuch = usd > each * Math.max(1, images) * PLAUSIBLE_FACTOR;
	return isTooLittle || isTooMuch ? null : usd;
}

/** Null for a size that is not on the list. */
function listUsd(request: Priced, { priceUsd }: ModelFacts): number | null {
	const size = imageSizeOf(request);
	if (size === null) return priceUsd.default;
	return isSize(size) ? (priceUsd[size] ?? null) : null;
}

const isSize = (size: string): size is ImageSize =>
	(IMAGE_SIZES as readonly string[]).includes(size);

/**
 * The size that a request is sent with: additional fields go as they are over what was chosen. Null lets the model choose.
 */
export function imageSizeOf({
	additionalFields,
	imageSize,
}: Pick<ImageRequest, 'additionalFields' | 'imageSize'>): string | null {
	const config = field(field(additionalFields, 'generationConfig'), 'imageConfig');
	const size = field(config, 'imageSize') ?? imageSize;
	return size === null || typeof size === 'string' ? size : JSON.stringify(size);
}

/** The same for its tier. */
const tierOf = ({ additionalFields, serviceTier }: Priced): unknown =>
	field(additionalFields, 'serviceTier') ?? serviceTier;

const shareOf = (tier: unknown): number =>
	(typeof tier === 'string' ? TIER_SHARE.get(tier.toLowerCase()) : undefined) ?? 1;

/** Sums of cents drift in binary. */
const rounded = (usd: number): number => Math.round(usd * 1e9) / 1e9;
