import { costUsd, priceOf, type Price } from '../models/cost';
import type { Usage } from '../image/image';
import type { ImageRequest } from '../request';

/** What one image is expected to cost in a batch, US dollars; null where its price is not known. */
export const estimateBatchUsd = (request: ImageRequest): number | null =>
	priceOf(request, 'batch')?.listUsd ?? null;

/** What some images of a request are expected to cost in a batch, all together; null where that is not known. */
export function batchPriceOf(request: ImageRequest, images = 1): Price | null {
	const each = images === 0 ? 0 : estimateBatchUsd(request);
	return each === null ? null : { listUsd: each * images, allowanceUsd: 0, kind: 'batch' };
}

/** What came of one request of a batch cost, by its tokens or by the list. */
export const batchCostUsd = (request: ImageRequest, usage: Usage, images: number): number | null =>
	costUsd(request, { ...usage, serviceTier: 'batch' }, images);
