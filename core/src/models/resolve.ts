import { THINKING_LEVELS, type ImageRequest, type Reference, type ThinkingLevel } from '../request';
import { CATALOGUE, factsOf, IMAGE_SIZES, type ModelFacts } from './catalogue';
import { ASPECT_RATIOS, closestRatio, readRatio } from './ratio';

/** A request that cannot be sent as it is. The message says what to change; no call was made. */
export class RequestInvalid extends Error {
	override readonly name = 'RequestInvalid';
}

/** What a user asked for. Whatever is missing has its default. */
export interface RequestInput {
	/** Model id, with or without `models/`. An id that is not in the catalogue is sent as it is. */
	readonly model: string;
	readonly prompt: string;
	/** `auto`, `fromSize` (nearest to width x height) or a ratio such as `16:9`. */
	readonly aspectRatio?: string;
	/** Pixels, used with `fromSize`. */
	readonly width?: number;
	readonly height?: number;
	/** `auto`, `512`, `1K`, `2K` or `4K`. */
	readonly imageSize?: string;
	readonly referenceImages?: readonly Reference[];
	readonly includeText?: boolean;
	readonly systemInstruction?: string | null;
	readonly googleSearch?: boolean;
	/** `auto`, `minimal`, `medium` or `high`. */
	readonly thinkingLevel?: string;
	/** `standard` or `flex`. */
	readonly serviceTier?: string;
	/** Merged into the request body as it is. */
	readonly additionalFields?: Readonly<Record<string, unknown>>;
}

/**
 * Checks a request against the catalogue and completes it. What the model is known to reject is left out.
 * @throws RequestInvalid with a sentence that says what to change
 */
export function resolveRequest(input: RequestInput): ImageRequest {
	const model = input.model.trim().replace(/^models\//, '');
	if (model === '') throw new RequestInvalid('Choose a model: the model name is empty.');
	if (/[\s?#%&\\\p{C}]|\.\./u.test(model)) {
		throw new RequestInvalid(
			`The model name ${JSON.stringify(model)} holds a character that names of models do not have. Copy its ID again.`,
		);
	}
	if (input.prompt.trim() === '') {
		throw new RequestInvalid('Write a prompt: it is empty, so there is nothing to draw.');
	}
	const facts = factsOf(model);
	const referenceImages = input.referenceImages ?? [];
	if (facts !== null && referenceImages.length > facts.maxReferenceImages) {
		throw new RequestInvalid(
			`${model} takes at most ${facts.maxReferenceImages} reference images, and ${referenceImages.length} were given. Leave some out, or choose another model.`,
		);
	}
	return {
		model,
		prompt: input.prompt,
		aspectRatio: resolveRatio(input, model, facts),
		imageSize: resolveSize(input.imageSize ?? 'auto', model, facts),
		referenceImages,
		includeText: input.includeText ?? false,
		systemInstruction: input.systemInstruction?.trim() ? input.systemInstruction : null,
		googleSearch: (input.googleSearch ?? false) && facts?.googleSearch !== false,
		thinkingLevel: resolveThinking(input.thinkingLevel ?? 'auto', model, facts),
		serviceTier: resolveTier(input.serviceTier ?? 'standard', model, facts),
		additionalFields: input.additionalFields ?? {},
	};
}

function resolveRatio(
	{ aspectRatio = 'auto', width = 1024, height = 1024 }: RequestInput,
	model: string,
	facts: ModelFacts | null,
): string | null {
	const wanted = readRatio(aspectRatio);
	if (wanted === 'auto' || wanted === '') return null;
	const ratios = facts?.aspectRatios ?? ASPECT_RATIOS;
	if (wanted === 'fromSize') {
		if (width > 0 && height > 0) return closestRatio(width, height, ratios);
		throw new RequestInvalid(
			`Width and height must be above 0 to choose the closest ratio: they are ${width} x ${height}.`,
		);
	}
	if (facts === null || ratios.includes(wanted)) return wanted;
	throw new RequestInvalid(
		`${model} has no aspect ratio ${wanted}. Choose one of ${ratios.join(', ')}.`,
	);
}

function resolveSize(given: string, model: string, facts: ModelFacts | null): string | null {
	const wanted = given.replace(/\s|\(.*\)/g, '').toUpperCase();
	if (['AUTO', 'AUTOMATIC', ''].includes(wanted)) return null;
	if (facts === null) return wanted;
	const sizes: readonly string[] = facts.imageSizes;
	const known: readonly string[] = IMAGE_SIZES;
	if (sizes.length === 0 && known.includes(wanted)) return null;
	if (sizes.includes(wanted)) return wanted;
	const choice = sizes.length > 0 ? `one of ${sizes.join(', ')}` : 'auto';
	throw new RequestInvalid(`${model} makes no images of size ${wanted}. Choose ${choice}.`);
}

function resolveTier(given: string, model: string, facts: ModelFacts | null): 'flex' | null {
	const wanted = given.trim().toLowerCase();
	if (wanted === 'standard' || wanted === '') return null;
	if (wanted !== 'flex') {
		throw new RequestInvalid(
			`There is no service tier ${JSON.stringify(given.trim())}. Choose standard or flex.`,
		);
	}
	if (facts === null || facts.flex) return 'flex';
	const able = CATALOGUE.filter(({ flex, life }) => flex && life === 'current').map(({ id }) => id);
	throw new RequestInvalid(
		`${model} has no service tier Flex. Choose Standard, or the model ${able.join(', ')}.`,
	);
}

function resolveThinking(
	given: string,
	model: string,
	facts: ModelFacts | null,
): ThinkingLevel | null {
	const wanted = given.trim().toLowerCase();
	if (['auto', 'automatic', ''].includes(wanted)) return null;
	const thinking = facts?.thinking ?? THINKING_LEVELS;
	const levels = typeof thinking === 'string' ? [] : thinking;
	const level = levels.find((one) => one === wanted);
	if (level !== undefined) return level;
	if (thinking === 'always') {
		throw new RequestInvalid(
			`${model} always thinks and has no thinking level to choose. Choose auto.`,
		);
	}
	if (thinking === 'never') {
		throw new RequestInvalid(`${model} does not think before it draws. Choose auto.`);
	}
	throw new RequestInvalid(
		`${model} has no thinking level ${JSON.stringify(given.trim())}. Choose one of ${levels.join(', ')}, or auto.`,
	);
}
