/** A model as the emulator knows it. Facts of GEMINI_API: ratios, sizes and the image tokens each size costs. */
export interface EmulatedModel {
	readonly id: string;
	readonly displayName: string;
	readonly description: string;
	readonly methods: readonly string[];
	/** Image tokens by size; empty where the model makes no images. The first is the size it picks itself. */
	readonly imageTokens: Readonly<Record<string, number>>;
	readonly ratios: readonly string[];
	/** False where a request that names any `imageSize` is rejected. */
	readonly takesSize: boolean;
	/** False where a request that names a `seed` is rejected. */
	readonly takesSeed: boolean;
	/** Whether it can be had at the tier flex. */
	readonly hasFlex?: boolean;
}

const TEN_RATIOS = '1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9'.split(' ');
const FOURTEEN_RATIOS = [...TEN_RATIOS, '1:4', '4:1', '1:8', '8:1'];

const text = {
	methods: ['generateContent', 'countTokens'],
	imageTokens: {},
	ratios: [],
	takesSize: false,
	takesSeed: true,
};

const image = {
	methods: ['generateContent', 'countTokens', 'batchGenerateContent'],
	ratios: TEN_RATIOS,
	takesSize: true,
	takesSeed: true,
};

/** What the list answers, in an order in which image models do not come first. */
export const MODELS: readonly EmulatedModel[] = [
	{
		...text,
		id: 'gemini-2.5-flash',
		displayName: 'Gemini 2.5 Flash',
		description: 'Stable version of Gemini 2.5 Flash, a mid-size multimodal model.',
	},
	{
		...text,
		id: 'gemini-3-pro',
		displayName: 'Gemini 3 Pro',
		description: 'Reasoning over text, images, audio and video.',
	},
	{
		...image,
		id: 'gemini-2.5-flash-image',
		displayName: 'Nano Banana',
		description: 'Gemini 2.5 Flash Image.',
		imageTokens: { '1K': 1290 },
		takesSize: false,
	},
	{
		...text,
		id: 'gemini-embedding-001',
		displayName: 'Gemini Embedding 001',
		description: 'Obtain a distributed representation of a text.',
		methods: ['embedContent'],
	},
	{
		...image,
		id: 'gemini-3-pro-image',
		displayName: 'Nano Banana Pro',
		hasFlex: true,
		description: 'Gemini 3 Pro Image.',
		imageTokens: { '1K': 1120, '2K': 1120, '4K': 2000 },
	},
	{
		...image,
		id: 'gemini-3.1-flash-image',
		displayName: 'Nano Banana 2',
		description: 'Gemini 3.1 Flash Image.',
		imageTokens: { '1K': 1120, '512': 747, '2K': 1680, '4K': 2520 },
		ratios: FOURTEEN_RATIOS,
	},
	{
		...image,
		id: 'gemini-3.1-flash-lite-image',
		displayName: 'Nano Banana 2 Lite',
		description: 'Gemini 3.1 Flash Lite Image.',
		imageTokens: { '1K': 1120 },
		ratios: FOURTEEN_RATIOS,
	},
	{
		...image,
		id: 'gemini-nano-banana-2.1',
		displayName: 'Nano Banana 2.1',
		description: 'Image generation and editing.',
		imageTokens: { '1K': 1120, '2K': 1680, '4K': 3780 },
		ratios: FOURTEEN_RATIOS,
		takesSeed: false,
	},
	{
		...text,
		id: 'veo-3.1-generate-preview',
		displayName: 'Veo 3.1',
		description: 'Video generation.',
		methods: ['predictLongRunning'],
	},
];

/** A model under a name of a proxy's own: it takes whatever the default model takes. */
export function proxyModel(id: string): EmulatedModel {
	const standard = MODELS.find((model) => model.id === 'gemini-nano-banana-2.1')!;
	return { ...standard, id, displayName: id, description: 'A name of a proxy.' };
}

/** One page of `GET models` in Google's shape. A page token is the index of the page's first model. */
export function modelPage(models: readonly EmulatedModel[], query: URLSearchParams) {
	const start = Number(query.get('pageToken') ?? 0);
	const end = start + Number(query.get('pageSize') ?? 50);
	return {
		models: models.slice(start, end).map(describeModel),
		...(end < models.length && { nextPageToken: String(end) }),
	};
}

export function describeModel(model: EmulatedModel) {
	return {
		name: `models/${model.id}`,
		version: '001',
		displayName: model.displayName,
		description: model.description,
		inputTokenLimit: 131072,
		outputTokenLimit: 32768,
		supportedGenerationMethods: model.methods,
	};
}
