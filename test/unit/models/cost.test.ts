import { NO_USAGE } from '../../../core/src/image/image';
import { costUsd, estimateCostUsd } from '../../../core/src/models/cost';

const tokens = (imageTokens: number) => ({ ...NO_USAGE, imageTokens });

describe('estimateCostUsd', () => {
	it.each([
		['gemini-nano-banana-2.1', null, 0.0336],
		['gemini-nano-banana-2.1', '2K', 0.0504],
		['gemini-nano-banana-2.1', '4K', 0.1134],
		['gemini-3-pro-image', '2K', 0.134],
		['gemini-3-pro-image', '4K', 0.24],
		['gemini-3.1-flash-lite-image', '1K', 0.0336],
		['gemini-3.1-flash-image', '512', 0.045],
		['gemini-3.1-flash-image', null, 0.067],
		['gemini-2.5-flash-image', null, 0.039],
		['my-proxy/pro', '1K', null],
	])('of %s at %s is %d', (model, imageSize, usd) => {
		expect(estimateCostUsd({ model, imageSize, additionalFields: {} })).toBe(usd);
	});

	it.each([
		['generationConfig', 'imageConfig', 'imageSize', '4K', 0.1134],
		['generation_config', 'image_config', 'image_size', '2K', 0.0504],
		['generationConfig', 'imageConfig', 'imageSize', '8K', null],
	])(
		'goes by the size that additional fields ask for (%s)',
		(generation, image, name, size, usd) => {
			const additionalFields = { [generation]: { [image]: { [name]: size } } };
			const model = 'gemini-nano-banana-2.1';
			expect(estimateCostUsd({ model, imageSize: '1K', additionalFields })).toBe(usd);
		},
	);
});

describe('costUsd', () => {
	it.each([
		['by its tokens', 'gemini-nano-banana-2.1', tokens(1120), 1, 0.0336],
		['by its tokens, however many images', 'gemini-3-pro-image', tokens(2000), 2, 0.24],
		['by the list, for each image', 'gemini-nano-banana-2.1', NO_USAGE, 2, 0.0672],
		['not at all without image tokens', 'gemini-nano-banana-2.1', NO_USAGE, 0, 0],
		['of an unknown model', 'my-proxy/pro', tokens(1120), 1, null],
	])('%s', (_name, model, usage, images, usd) => {
		const cost = costUsd({ model, imageSize: null, additionalFields: {} }, usage, images);
		if (usd === null) expect(cost).toBeNull();
		else expect(cost).toBeCloseTo(usd, 9);
	});
});
