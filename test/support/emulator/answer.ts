import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageSize as sizeOf } from 'image-size';
import type { Reply } from './faults';
import type { EmulatedModel } from './models';
import { growPng, picture } from './picture';

/** What a reply says, before it is sent one way or another. */
export interface Answer {
	readonly status: number;
	/** A string is sent as it is, anything else as JSON. */
	readonly body: unknown;
	readonly headers: Readonly<Record<string, string>>;
	/** The images it holds, in order. */
	readonly images: readonly Buffer[];
}

const FIXTURES = join(__dirname, '..', 'fixtures');
const fixtures: Record<string, { status: number; headers?: Record<string, string> }> = JSON.parse(
	readFileSync(join(FIXTURES, 'index.json'), 'utf8'),
);

export const FIXTURE_NAMES = Object.keys(fixtures);

/** The reply of a fixture, byte for byte. */
export function fixture(name: string): Answer {
	const facts = fixtures[name];
	if (!facts)
		throw new Error(`There is no fixture ${name}. There are: ${FIXTURE_NAMES.join(', ')}`);
	const body = readFileSync(join(FIXTURES, name), 'utf8');
	return { status: facts.status, body, headers: facts.headers ?? {}, images: [] };
}

/** An error in Google's shape. */
export function refusal(code: number, status: string, message: string): Answer {
	return { status: code, body: { error: { code, message, status } }, headers: {}, images: [] };
}

export interface Wish {
	readonly model: EmulatedModel;
	readonly body: any;
	readonly prompt: string;
	/** How many pictures of this very wish were sent before. */
	readonly index: number;
	readonly longestSide: number | undefined;
	readonly reply: Reply;
	/** Goes into `responseId`. */
	readonly count: number;
}

/** What is wrong with a request, as Google would say it; null where nothing is. */
export function complaint(model: EmulatedModel, body: any): Answer | null {
	const invalid = (message: string) => refusal(400, 'INVALID_ARGUMENT', message);
	const { aspectRatio, imageSize } = body?.generationConfig?.imageConfig ?? {};
	if (!body?.contents?.length)
		return invalid('* GenerateContentRequest.contents: contents is not specified');
	if (body.generationConfig?.candidateCount > 1)
		return invalid('Multiple candidates is not enabled for this model');
	if (body.generationConfig?.seed !== undefined && !model.takesSeed)
		return invalid('Seed is not supported for this model');
	if (aspectRatio !== undefined && !model.ratios.includes(aspectRatio))
		return invalid(
			`Invalid value at 'generation_config.image_config.aspect_ratio': "${aspectRatio}"`,
		);
	if (imageSize !== undefined && (!model.takesSize || model.imageTokens[imageSize] === undefined))
		return invalid(`Invalid value at 'generation_config.image_config.image_size': "${imageSize}"`);
	if (body.serviceTier === 'flex' && !model.hasFlex)
		return invalid(`Flex API is not supported for model ${model.id}.`);
	if (!photosOf(body).every(isImage)) return invalid('Unable to process input image.');
	return null;
}

/** The images that a request brings along. */
const photosOf = (body: any): Buffer[] =>
	body.contents.flatMap(({ parts }: any) =>
		(parts ?? []).flatMap(({ inlineData }: any) =>
			inlineData ? [Buffer.from(inlineData.data, 'base64')] : [],
		),
	);

function isImage(bytes: Buffer): boolean {
	try {
		return Boolean(sizeOf(bytes).type);
	} catch {
		return false;
	}
}

/** The usual answer to a request without complaint: pictures of its prompt, and a text part where one is asked for. */
export async function generate(wish: Wish): Promise<Answer> {
	const { model, body, prompt, reply } = wish;
	const config = body.generationConfig ?? {};
	const images = model.ratios.length > 0 ? await draw(wish) : [];
	const parts: object[] = [];
	if (reply.thought && images[0]) parts.push({ ...imagePart(images[0]), thought: true });
	if (images.length === 0 || config.responseModalities?.includes('TEXT'))
		parts.push({ text: `A picture with the words: ${prompt}` });
	parts.push(...images.map(imagePart));

	const size: string = config.imageConfig?.imageSize ?? Object.keys(model.imageTokens)[0] ?? '1K';
	const imageTokens = images.length * (model.imageTokens[size] ?? 0);
	const promptTokens = Math.max(1, Math.ceil(prompt.length / 4));
	const usageMetadata = {
		promptTokenCount: promptTokens,
		candidatesTokenCount: imageTokens,
		totalTokenCount: promptTokens + imageTokens,
		promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
		candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: imageTokens }],
		...(body.serviceTier && { serviceTier: body.serviceTier }),
		...reply.usage,
	};
	const candidate = { content: { role: 'model', parts }, finishReason: 'STOP', index: 0 };
	return {
		status: 200,
		body: {
			candidates: [candidate],
			usageMetadata,
			modelVersion: model.id,
			responseId: `emulated-${wish.count}`,
		},
		headers: {},
		images,
	};
}

async function draw({ body, prompt, index, longestSide, reply }: Wish): Promise<Buffer[]> {
	const { aspectRatio, imageSize } = body.generationConfig?.imageConfig ?? {};
	const [reference] = photosOf(body);
	const { images: count = 1, format = 'png', megabytes } = reply;
	const wishes = Array.from({ length: count }, (_, at) => ({
		...{ prompt, aspectRatio, imageSize, longestSide, format, reference },
		index: index + at,
	}));
	const images = await Promise.all(wishes.map(picture));
	return megabytes ? images.map((image) => growPng(image, megabytes * 2 ** 20)) : images;
}

function imagePart(image: Buffer) {
	const mimeType = image[0] === 0x89 ? 'image/png' : 'image/jpeg';
	return { inlineData: { mimeType, data: image.toString('base64') } };
}
