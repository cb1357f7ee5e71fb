import fc from 'fast-check';
import {
	CATALOGUE,
	DEFAULT_MODEL,
	factsOf,
	replacementFor,
} from '../../../core/src/models/catalogue';
import { ASPECT_RATIOS, closestRatio } from '../../../core/src/models/ratio';
import {
	RequestInvalid,
	resolveRequest,
	type RequestInput,
} from '../../../core/src/models/resolve';

const resolve = (more: Partial<RequestInput> = {}) =>
	resolveRequest({ model: DEFAULT_MODEL, prompt: 'a cat', ...more });
const references = (many: number) =>
	Array.from({ length: many }, () => ({
		mimeType: 'image/png',
		load: async () => Buffer.of(1),
	}));

describe('resolveRequest', () => {
	it('asks for nothing that was not asked for', () => {
		expect(resolve()).toEqual({
			model: 'gemini-nano-banana-2.1',
			prompt: 'a cat',
			aspectRatio: null,
			imageSize: null,
			referenceImages: [],
			includeText: false,
			systemInstruction: null,
			googleSearch: false,
			thinkingLevel: null,
			serviceTier: null,
			additionalFields: {},
		});
	});

	it.each<[string, Partial<RequestInput>, object]>([
		['a ratio', { aspectRatio: '8:1' }, { aspectRatio: '8:1' }],
		['a ratio with spaces', { aspectRatio: '16 : 9' }, { aspectRatio: '16:9' }],
		['a size', { imageSize: '4K' }, { imageSize: '4K' }],
		['auto', { aspectRatio: 'auto', imageSize: 'auto' }, { aspectRatio: null, imageSize: null }],
		['the full name of a model', { model: 'models/x' }, { model: 'x' }],
		[
			'an unknown model as it is',
			{
				model: 'my-proxy/pro',
				aspectRatio: '7:5',
				imageSize: '8K',
				referenceImages: references(50),
			},
			{ model: 'my-proxy/pro', aspectRatio: '7:5', imageSize: '8K' },
		],
		['pixels', { aspectRatio: 'fromSize', width: 1920, height: 1080 }, { aspectRatio: '16:9' }],
		['a model past its date', { model: 'gemini-3-pro-image-preview' }, {}],
		[
			'no size for a model that may reject it',
			{ model: 'gemini-2.5-flash-image', imageSize: '2K' },
			{ imageSize: null },
		],
		[
			'no search for a model without it',
			{ model: 'gemini-3.1-flash-lite-image', googleSearch: true },
			{ googleSearch: false },
		],
		['search', { googleSearch: true }, { googleSearch: true }],
		['a thinking level', { thinkingLevel: 'medium' }, { thinkingLevel: 'medium' }],
		['a level in any case', { thinkingLevel: ' High ' }, { thinkingLevel: 'high' }],
		[
			'the tier of a model that has it',
			{ model: 'gemini-3-pro-image', serviceTier: 'Flex' },
			{ serviceTier: 'flex' },
		],
		['the standard tier', { serviceTier: 'standard' }, { serviceTier: null }],
		['automatic thinking', { thinkingLevel: 'auto' }, { thinkingLevel: null }],
		['the same by its label', { thinkingLevel: 'Automatic' }, { thinkingLevel: null }],
		[
			'any level for an unknown model',
			{ model: 'my-proxy/pro', thinkingLevel: 'minimal' },
			{ thinkingLevel: 'minimal' },
		],
		['a blank instruction as none', { systemInstruction: ' ' }, { systemInstruction: null }],
	])('takes %s', (_name, input, expected) => {
		expect(resolve(input)).toMatchObject(expected);
	});

	it.each<[string, Partial<RequestInput>, RegExp]>([
		['an empty prompt', { prompt: ' \n' }, /prompt/i],
		['an empty model', { model: ' ' }, /model/i],
		[
			'a thinking level the model lacks',
			{ model: 'gemini-3.1-flash-lite-image', thinkingLevel: 'medium' },
			/^gemini-3\.1-flash-lite-image has no thinking level "medium"\. .*minimal, high, or auto\.$/,
		],
		[
			'a thinking level where the model always thinks',
			{ model: 'gemini-3-pro-image', thinkingLevel: 'high' },
			/^gemini-3-pro-image always thinks .*auto\.$/,
		],
		[
			'a thinking level where the model does not think',
			{ model: 'gemini-2.5-flash-image', thinkingLevel: 'minimal' },
			/^gemini-2\.5-flash-image does not think .*auto\.$/,
		],
		['a thinking level nobody has', { thinkingLevel: 'deep' }, /"deep".*minimal, medium, high/],
		[
			'a ratio the model lacks',
			{ model: 'gemini-3-pro-image', aspectRatio: '8:1' },
			/gemini-3-pro-image .*8:1.*1:1, 2:3.*21:9\.$/,
		],
		['a size the model lacks', { imageSize: '512' }, /512.*1K, 2K, 4K/],
		[
			'more reference images than it takes',
			{ model: 'gemini-2.5-flash-image', referenceImages: references(4) },
			/at most 3.*4/,
		],
		['pixels that are none', { aspectRatio: 'fromSize', width: 0, height: 10 }, /0 x 10/],
		['pixels that are no number', { aspectRatio: 'fromSize', width: NaN, height: 10 }, /above 0/],
	])('refuses %s', (_name, input, sentence) => {
		expect(() => resolve(input)).toThrow(RequestInvalid);
		expect(() => resolve(input)).toThrow(sentence);
		expect(() => resolve(input)).not.toThrow(/error|problem|failure|mistake/i);
	});
});

describe('closestRatio', () => {
	it.each([
		[1920, 1080, '16:9'],
		[1080, 1920, '9:16'],
		[1000, 1001, '1:1'],
		[3440, 1440, '21:9'],
		[10_000, 1, '8:1'],
		[1, 10_000, '1:8'],
	])('of %d x %d is %s', (width, height, ratio) => {
		expect(closestRatio(width, height, ASPECT_RATIOS)).toBe(ratio);
	});

	it('treats tall and wide alike', () => {
		const flip = (ratio: string) => ratio.split(':').reverse().join(':');
		// 21:9 has no counterpart.
		const ratios = ASPECT_RATIOS.filter((ratio) => ratio !== '21:9');
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 9999 }), (a, b) => {
				const distance = (ratio: string) => {
					const [width, height] = ratio.split(':').map(Number);
					return Math.abs(Math.log(width! / height!) - Math.log(a / b));
				};
				const wide = closestRatio(a, b, ratios);
				const tall = flip(closestRatio(b, a, ratios));
				expect(distance(wide)).toBeCloseTo(distance(tall), 9);
				for (const ratio of ratios) expect(distance(wide)).toBeLessThanOrEqual(distance(ratio));
			}),
		);
	});
});

describe('the catalogue', () => {
	it.each(CATALOGUE.map((facts) => [facts.id, facts] as const))('is whole for %s', (id, facts) => {
		expect(factsOf(id)).toBe(facts);
		expect([10, 14]).toContain(facts.aspectRatios.length);
		for (const size of facts.imageSizes) expect(facts.priceUsd[size]).toBeGreaterThan(0);
		const { replacement } = facts;
		expect(replacement === null).toBe(facts.life === 'current');
		if (replacement !== null) expect(factsOf(replacement)?.life).toBe('current');
	});

	it('names what replaces a model', () => {
		expect(replacementFor('gemini-3-pro-image-preview')).toBe('gemini-3-pro-image');
		expect(replacementFor('gemini-2.5-flash-image')).toBe('gemini-nano-banana-2.1');
		expect(replacementFor(DEFAULT_MODEL)).toBeNull();
		expect(replacementFor('my-proxy/pro')).toBeNull();
	});
});
