import { field } from '../json';
import type { Usage } from '../image/image';
import type { ImageRequest } from '../request';
import { factsOf, type ImageSize } from './catalogue';

type Priced = Pick<ImageRequest, 'model' | 'imageSize' | 'additionalFields'>;

/** What one call is expected to cost in US dollars, by list price; null where that price is not known. */
export function estimateCostUsd({ model, imageSize, additionalFields }: Priced): number | null {
	const prices = factsOf(model)?.priceUsd;
	if (prices === undefined) return null;
	// Additional fields are sent as they are, over what was chosen.
	const config = field(field(additionalFields, 'generationConfig'), 'imageConfig');
	const size = field(config, 'imageSize') ?? imageSize;
	if (size === null) return prices.default;
	return prices[size as ImageSize] ?? null;
}

/**
 * What a reply cost in US dollars: by its image tokens where it counts them, else list price x images.
 * Null where the price is not known.
 */
export function costUsd(request: Priced, usage: Usage, images: number): number | null {
	const facts = factsOf(request.model);
	if (facts === null) return null;
	if (usage.imageTokens !== null) return (usage.imageTokens * facts.tokenPriceUsd) / 1e6;
	const each = estimateCostUsd(request);
	return each === null ? null : each * images;
}
