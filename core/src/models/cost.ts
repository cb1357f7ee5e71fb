import type { Usage } from '../image';
import type { ImageRequest } from '../request';
import { factsOf, type ImageSize } from './catalogue';

/** What one call is expected to cost in US dollars, by list price; null for a model without a known price. */
export const estimateCostUsd = ({
	model,
	imageSize,
}: Pick<ImageRequest, 'model' | 'imageSize'>): number | null => listPriceUsd(model, imageSize);

/**
 * What a reply cost in US dollars: by its image tokens where it counts them, else list price x images.
 * Null for a model without a known price.
 */
export function costUsd(
	model: string,
	imageSize: string | null,
	usage: Usage,
	images: number,
): number | null {
	const facts = factsOf(model);
	if (facts === null) return null;
	if (usage.imageTokens !== null) return (usage.imageTokens * facts.tokenPriceUsd) / 1e6;
	const each = listPriceUsd(model, imageSize);
	return each === null ? null : each * images;
}

function listPriceUsd(model: string, imageSize: string | null): number | null {
	const prices = factsOf(model)?.priceUsd;
	if (prices === undefined) return null;
	return prices[imageSize as ImageSize] ?? prices.default;
}
