import type {
	GenerateContentConfig,
	GenerateContentParameters,
	Part,
	ThinkingLevel,
} from '@google/genai/web';
import { ServiceTier } from '@google/genai/web';
import { inputTypeOf, readPicture } from '../image/picture';
import type { ImageRequest } from '../request';
import type { Connect, Via } from '../lane';
import type { Outcome } from '../outcome';
import { ask, openClient, USUAL_IMAGE } from './ask';
import { TIME_IS_UP } from './calls';
import type { SdkFetch } from './exchange';
import { classifyReply } from './classify';
import { captionFor, maskOf, tellFor } from './secrets';

/** One lane to a Gemini API, Google's or a proxy's. */
export const connectGemini: Connect = (address, clock) => {
	const client = openClient(address);
	const mask = address.mask ?? maskOf([address]);
	const tell = tellFor(mask);
	// The next image will be about as large as the last. A good guess spares copies while it grows.
	let usualImage = USUAL_IMAGE;
	return {
		async call(request, via) {
			const references = await loadReferences(request, via);
			const { reply, fault } = await ask(
				via,
				tell,
				(fetch) =>
					client.models.generateContent(toParameters(request, references, fetch, via.timeoutMs)),
				usualImage,
			);
			if (fault !== null) return fault;
			const outcome = classifyReply(reply, { tell, wallClock: () => clock.wallClock() });
			if (outcome.kind !== 'images') return inTier(request, outcome);
			usualImage = Math.ceil(largest(outcome.images) * MARGIN);
			return { ...outcome, text: captionFor(mask, outcome.text) };
		},
	};
};

/** Images of one size differ by what they show. */
const MARGIN = 1.25;

const largest = (images: Extract<Outcome, { kind: 'images' }>['images']) =>
	Math.max(...images.map(({ data }) => data.length));

/** What the SDK is asked to send, through a `fetch` of this call's own. */
function toParameters(
	request: ImageRequest,
	references: readonly Part[],
	fetch: SdkFetch,
	timeoutMs: number | undefined,
): GenerateContentParameters {
	return {
		model: request.model,
		contents: [
			{
				role: 'user',
				parts: [...references, { text: request.prompt }],
			},
		],
		config: {
			...toConfig(request),
			// Left unset, the SDK goes on by itself: one call became three, each of them billed.
			automaticContinuation: false,
			httpOptions: { fetch, extraBody: extraBodyOf(request), ...headersOf(request, timeoutMs) },
		},
	};
}

/** Google gives flex up after ten minutes unless it is told how long the call has. */
const headersOf = ({ serviceTier }: ImageRequest, timeoutMs: number | undefined) =>
	serviceTier !== null &&
	timeoutMs !== undefined && {
		headers: { 'X-Server-Timeout': String(Math.ceil(timeoutMs / 1000)) },
	};

/** Flex is turned away while Google is busy, and that passes: for this tier of this model alone. */
function inTier<T extends Outcome>({ serviceTier }: ImageRequest, outcome: T): T {
	if (serviceTier === null || !('hintMs' in outcome)) return outcome;
	if (outcome.kind !== 'throttled' && outcome.status !== 503) return outcome;
	return { ...outcome, kind: 'throttled', perModel: true };
}

/** The images to work from, loaded for one call; none once it is stopped. Who stores them is to blame where that takes too long. */
async function loadReferences(
	{ referenceImages }: ImageRequest,
	{ signal }: Via,
): Promise<readonly Part[]> {
	if (referenceImages.length === 0) return [];
	const loading = referenceImages.map(async ({ mimeType, load }) => {
		const bytes = await load();
		const told = readPicture(bytes)?.mimeType ?? inputTypeOf(bytes) ?? mimeType;
		return { inlineData: { mimeType: told, data: bytes.toString('base64') } };
	});
	const stopped = new Promise<null>((resolve) => {
		if (signal.aborted) resolve(null);
		signal.addEventListener('abort', () => resolve(null), { once: true });
	});
	const parts = await Promise.race([Promise.all(loading), stopped]);
	if (parts === null && signal.reason === TIME_IS_UP)
		throw new Error('An image to work from could not be loaded within the time for one call.');
	return parts ?? [];
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
	const thinkingLevel = request.thinkingLevel?.toUpperCase() as ThinkingLevel | undefined;
	const imageConfig = {
		...(aspectRatio !== null && { aspectRatio }),
		...(imageSize !== null && { imageSize }),
	};
	return {
		responseModalities: request.includeText ? ['TEXT', 'IMAGE'] : ['IMAGE'],
		...(Object.keys(imageConfig).length > 0 && { imageConfig }),
		...(systemInstruction !== null && { systemInstruction }),
		...(thinkingLevel && { thinkingConfig: { thinkingLevel } }),
		...(request.googleSearch && { tools: [SEARCH] }),
		...(request.serviceTier !== null && { serviceTier: ServiceTier.FLEX }),
	};
}
