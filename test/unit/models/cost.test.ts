import { batchPriceOf } from '../../../core/src/batch/price';
import { NO_USAGE, type Usage } from '../../../core/src/image/image';
import { costUsd, estimateCostUsd, imageSizeOf } from '../../../core/src/models/cost';
import { resolveRequest } from '../../../core/src/models/resolve';

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

it.each<[string, unknown, string, number | null]>([
	['the one that was chosen', undefined, '1K', 0.067],
	['that of additional fields, which are sent over it', '4K', '4K', 0.151],
	['a number among them', 512, '512', 0.045],
	['what is no size at all', { toString: 1 }, '{"toString":1}', null],
	['a word that every object knows', 'constructor', 'constructor', null],
	['the name of the list’s own default', 'default', 'default', null],
])('the size of a request: %s', (_name, imageSize, size, usd) => {
	const additionalFields = { generationConfig: { imageConfig: { imageSize } } };
	const request = { imageSize: '1K', additionalFields };
	expect(imageSizeOf(request)).toBe(size);
	expect(estimateCostUsd({ model: 'gemini-3.1-flash-image', ...request })).toBe(usd);
});

it.each<[string, string, number | undefined, number | null]>([
	['one image', 'gemini-nano-banana-2.1', undefined, 0.0168],
	['several', 'gemini-nano-banana-2.1', 3, 0.0504],
	['none of a model without a price', 'my-proxy/pro', 0, 0],
	['one of a model without a price', 'my-proxy/pro', 1, null],
])('the price of a batch: %s', (_name, model, images, usd) => {
	const price = batchPriceOf(resolveRequest({ model, prompt: 'a cat' }), images);
	const listUsd = usd === null ? null : (expect.closeTo(usd, 6) as number);
	expect(price).toEqual(listUsd && { listUsd, allowanceUsd: 0, kind: 'batch' });
});

const costOf = (model: string, usage: Usage, images: number, more: object = {}) =>
	costUsd({ model, imageSize: null, additionalFields: {}, ...more }, usage, images);
const counted = (counts: Partial<Usage>): Usage => ({ ...NO_USAGE, imageTokens: 1120, ...counts });
const NB = 'gemini-nano-banana-2.1';
const PRO = 'gemini-3-pro-image';

describe('costUsd', () => {
	it.each<[string, string, Usage, number, number | null]>([
		['by its image tokens', NB, counted({}), 1, 0.0336],
		['by its tokens, however many images', PRO, counted({ imageTokens: 2000 }), 2, 0.24],
		[
			'with prompt and thoughts',
			NB,
			counted({ promptTokens: 1300, thoughtTokens: 1300 }),
			1,
			0.0453,
		],
		['with text', NB, counted({ textTokens: 200 }), 1, 0.0351],
		[
			'at the prices of its model',
			PRO,
			counted({ promptTokens: 1000, thoughtTokens: 1000 }),
			1,
			0.1484,
		],
		['by the list, for each image', NB, NO_USAGE, 2, 0.0672],
		[
			'by the list where only words are counted',
			NB,
			{ ...NO_USAGE, thoughtTokens: 1300 },
			1,
			0.04335,
		],
		['not at all without image and tokens', NB, NO_USAGE, 0, 0],
		[
			'by its tokens, also without an image',
			NB,
			{ ...NO_USAGE, promptTokens: 1300, thoughtTokens: 1300 },
			0,
			0.0117,
		],
		['of an unknown model', 'my-proxy/pro', counted({}), 1, null],
	])('%s', (_name, model, usage, images, usd) => {
		expect(costOf(model, usage, images)).toBe(usd);
	});

	it.each<[string, Partial<Usage>, number]>([
		['standard', { serviceTier: 'standard' }, 0.0453],
		['flex', { serviceTier: 'flex' }, 0.02265],
		['batch', { serviceTier: 'batch' }, 0.02265],
		['one without a price of its own', { serviceTier: 'priority' }, 0.0453],
		['a word that every object knows', { serviceTier: 'constructor' }, 0.0453],
	])('by the tier that was served: %s', (_name, tier, usd) => {
		const usage = counted({ promptTokens: 1300, thoughtTokens: 1300, ...tier });
		expect(costOf(NB, usage, 1)).toBe(usd);
	});

	it.each<[string, string | null, number]>([
		['is the tier asked for where the reply tells none', null, 0.067],
		['is the one served, whatever was asked for', 'standard', 0.134],
	])('the tier %s', (_name, serviceTier, usd) => {
		const additionalFields = { serviceTier: 'flex' };
		expect(costOf(PRO, { ...NO_USAGE, serviceTier }, 1, { additionalFields })).toBe(usd);
		expect(estimateCostUsd({ model: PRO, imageSize: null, additionalFields })).toBe(0.067);
	});

	it.each<[string, Partial<Usage>, number, number]>([
		['negative', { promptTokens: -5 }, 1, 0.0336],
		['not finite', { thoughtTokens: Infinity }, 1, 0.0336],
		['no number', { textTokens: NaN }, 1, 0.0336],
		['below a tenth of the list price', { imageTokens: 111, thoughtTokens: 1300 }, 1, 0.0336],
		['a tenth and a little', { imageTokens: 113 }, 1, 0.00339],
		['above ten times the list price', { thoughtTokens: 50_000 }, 1, 0.0336],
		['one image counted of twenty', {}, 20, 0.672],
		['more than ten images cost, without one', { imageTokens: null, thoughtTokens: 50_000 }, 0, 0],
	])('counts that are %s', (_name, counts, images, usd) => {
		expect(costOf(NB, counted(counts), images)).toBe(usd);
	});
});
