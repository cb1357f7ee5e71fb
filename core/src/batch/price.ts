import { costUsd, priceOf } from '../models/cost';
import type { Usage } from '../image/image';
import type { ImageRequest } from '../request';

/** What one image is expected to cost in a batch, US dollars; null where its price is not known. */
export const estimateBatchUsd = (request: ImageRequest): number | null =>
	priceOf(request, 'batch')?.listUsd ?? null;

/** What came of one request of a batch cost, by its tokens or by the list. */
export const batchCostUsd = (request: ImageRequest, usage: Usage, images: number): number | null =>
	costUsd(request, { ...usage, serviceTier: 'batch' }, images);
