import type { ThinkingLevel } from '../request';
import { ASPECT_RATIOS, TEN_RATIOS } from './ratio';

/** Google's current model of the middle price, GA since October 2026. */
export const DEFAULT_MODEL = 'gemini-nano-banana-2.1';

/** All sizes any model has, for pickers. Case-sensitive, as the API wants them. */
export const IMAGE_SIZES = ['512', '1K', '2K', '4K'] as const;

/** A size as the API spells it; about that many pixels on a side of a square image. */
export type ImageSize = (typeof IMAGE_SIZES)[number];

/** What is known of one model. Source: Google's documents and price list for the Gemini API, as of November 2026. */
export interface ModelFacts {
	/** As the API knows it, without `models/`. */
	readonly id: string;
	/** What people call it. */
	readonly name: string;
	/** `shutDown`: past its date at Google; proxies may serve it still. */
	readonly life: 'current' | 'deprecated' | 'shutDown';
	/** Since when it lives so: GA, deprecation or shutdown. */
	readonly lifeSince: string;
	/** What to use instead; null for a current model. */
	readonly replacement: string | null;
	readonly aspectRatios: readonly string[];
	/** Sizes it makes; empty where it takes no size. */
	readonly imageSizes: readonly ImageSize[];
	readonly maxReferenceImages: number;
	readonly googleSearch: boolean;
	/** The levels to choose from; `always`: it thinks, and takes none; `never`: it does not think. */
	readonly thinking: readonly ThinkingLevel[] | 'always' | 'never';
	/** Whether it can be had at half price, slower: Google's tier "flex". */
	readonly flex: boolean;
	/** US dollars an image by size; `default` where no size is asked for. */
	readonly priceUsd: Readonly<Partial<Record<ImageSize, number>> & { default: number }>;
	/** US dollars a million tokens. Thoughts are billed as text. */
	readonly tokenPriceUsd: {
		readonly prompt: number;
		readonly text: number;
		readonly image: number;
	};
}

/** Everything known of each model, in the order people should choose. To add a model, add an entry. */
export const CATALOGUE: readonly ModelFacts[] = [
	{
		id: 'gemini-nano-banana-2.1',
		name: 'Nano Banana 2.1',
		life: 'current',
		lifeSince: '2026-10-06',
		replacement: null,
		aspectRatios: ASPECT_RATIOS,
		imageSizes: ['1K', '2K', '4K'],
		maxReferenceImages: 14,
		googleSearch: true,
		thinking: ['minimal', 'medium', 'high'],
		flex: false,
		priceUsd: { default: 0.0336, '1K': 0.0336, '2K': 0.0504, '4K': 0.1134 },
		tokenPriceUsd: { prompt: 1.5, text: 7.5, image: 30 },
	},
	{
		id: 'gemini-3-pro-image',
		name: 'Nano Banana Pro',
		life: 'current',
		lifeSince: '2026-05-28',
		replacement: null,
		aspectRatios: TEN_RATIOS,
		imageSizes: ['1K', '2K', '4K'],
		maxReferenceImages: 14,
		googleSearch: true,
		thinking: 'always',
		flex: true,
		priceUsd: { default: 0.134, '1K': 0.134, '2K': 0.134, '4K': 0.24 },
		tokenPriceUsd: { prompt: 2, text: 12, image: 120 },
	},
	{
		id: 'gemini-3.1-flash-lite-image',
		name: 'Nano Banana 2 Lite',
		life: 'current',
		lifeSince: '2026-06-30',
		replacement: null,
		aspectRatios: ASPECT_RATIOS,
		imageSizes: ['1K'],
		maxReferenceImages: 14,
		googleSearch: false,
		thinking: ['minimal', 'high'],
		flex: false,
		priceUsd: { default: 0.0336, '1K': 0.0336 },
		tokenPriceUsd: { prompt: 0.25, text: 1.5, image: 30 },
	},
	{
		id: 'gemini-3.1-flash-image',
		name: 'Nano Banana 2',
		life: 'shutDown',
		lifeSince: '2026-10-29',
		replacement: 'gemini-nano-banana-2.1',
		aspectRatios: ASPECT_RATIOS,
		imageSizes: ['512', '1K', '2K', '4K'],
		maxReferenceImages: 14,
		googleSearch: true,
		thinking: ['minimal', 'high'],
		flex: false,
		priceUsd: { default: 0.067, '512': 0.045, '1K': 0.067, '2K': 0.101, '4K': 0.151 },
		tokenPriceUsd: { prompt: 0.5, text: 3, image: 60 },
	},
	{
		id: 'gemini-2.5-flash-image',
		name: 'Nano Banana',
		life: 'shutDown',
		lifeSince: '2026-10-02',
		replacement: 'gemini-nano-banana-2.1',
		aspectRatios: TEN_RATIOS,
		// It may reject the parameter, so it is never sent one.
		imageSizes: [],
		maxReferenceImages: 3,
		googleSearch: false,
		thinking: 'never',
		flex: false,
		priceUsd: { default: 0.039 },
		tokenPriceUsd: { prompt: 0.3, text: 2.5, image: 30 },
	},
	{
		id: 'gemini-3-pro-image-preview',
		name: 'Nano Banana Pro Preview',
		life: 'shutDown',
		lifeSince: '2026-06-25',
		replacement: 'gemini-3-pro-image',
		aspectRatios: TEN_RATIOS,
		imageSizes: ['1K', '2K', '4K'],
		maxReferenceImages: 14,
		googleSearch: true,
		thinking: 'always',
		flex: false,
		priceUsd: { default: 0.134, '1K': 0.134, '2K': 0.134, '4K': 0.24 },
		tokenPriceUsd: { prompt: 2, text: 12, image: 120 },
	},
];

/** What is known of a model; null for an id of a proxy's own. */
export const factsOf = (model: string): ModelFacts | null =>
	CATALOGUE.find(({ id }) => id === model) ?? null;

/** What to use instead of a model that is gone or going; null where nothing is known to replace it. */
export const replacementFor = (model: string): string | null => factsOf(model)?.replacement ?? null;
