import type { Usage } from '../image/image';
import { count, field, list, words } from '../json';

/** Google's own token counts. A reply in several pieces repeats them; the last piece has the whole. */
export function readUsage(answers: readonly unknown[]): Usage {
	const metadata = answers.map((answer) => field(answer, 'usageMetadata')).findLast(Boolean);
	const ofImages = list(metadata, 'candidatesTokensDetails').filter(
		(detail) => words(detail, 'modality').toUpperCase() === 'IMAGE',
	);
	const imageTokens = ofImages.reduce<number>(
		(sum, detail) => sum + (count(detail, 'tokenCount') ?? 0),
		0,
	);
	return {
		promptTokens: count(metadata, 'promptTokenCount'),
		// A count of nothing is no count: no image is free.
		imageTokens: imageTokens > 0 ? imageTokens : null,
		thoughtTokens: count(metadata, 'thoughtsTokenCount'),
		totalTokens: count(metadata, 'totalTokenCount'),
	};
}
