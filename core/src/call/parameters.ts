import type { GenerateContentConfig, GenerateContentParameters } from '@google/genai/web';
import type { Fetch } from '../effects';
import type { ImageRequest } from '../request';

/** What the SDK is asked to send, through a `fetch` of this call's own. */
export function toParameters(request: ImageRequest, fetch: Fetch): GenerateContentParameters {
	return {
		model: request.model,
		contents: [
			{
				role: 'user',
				parts: [
					...request.referenceImages.map(({ data, mimeType }) => ({
						inlineData: { mimeType, data: data.toString('base64') },
					})),
					{ text: request.prompt },
				],
			},
		],
		config: {
			...toConfig(request),
			// Left unset, the SDK goes on by itself: one call became three, each of them billed.
			automaticContinuation: false,
			httpOptions: { fetch, extraBody: extraBodyOf(request) },
		},
	};
}

const SEARCH = { googleSearch: {} };

/** The SDK merges objects into what it sends, and puts a list in the place of its own. */
function extraBodyOf({ additionalFields, googleSearch }: ImageRequest) {
	const { tools } = additionalFields;
	const both = googleSearch && Array.isArray(tools);
	return { ...additionalFields, ...(both && { tools: [SEARCH, ...(tools as unknown[])] }) };
}

function toConfig(request: ImageRequest): GenerateContentConfig {
	const { aspectRatio, imageSize, systemInstruction } = request;
	const imageConfig = {
		...(aspectRatio !== null && { aspectRatio }),
		...(imageSize !== null && { imageSize }),
	};
	return {
		responseModalities: request.includeText ? ['TEXT', 'IMAGE'] : ['IMAGE'],
		...(Object.keys(imageConfig).length > 0 && { imageConfig }),
		...(systemInstruction !== null && { systemInstruction }),
		...(request.googleSearch && { tools: [SEARCH] }),
	};
}
