import type { Fetch } from './effects';
import type { Image } from './image/image';
import { inputTypeOf } from './image/picture';
import { isObject } from './json';
import { DEFAULT_MODEL } from './models/catalogue';
import { RequestInvalid, type RequestInput } from './models/resolve';
import type { Reference } from './request';
import { SettingsInvalid } from './settings/settings';
import type { EndpointInput } from './settings/parse';

/** Where to call, and with which keys. */
export interface GeminiEndpoint {
	/** One key, or several in a list or in one text. */
	readonly apiKeys?: string | readonly string[] | undefined;
	/** Of a proxy, such as `https://gemini.example.com`; a version at its end is understood. Unset: Google. */
	readonly baseUrl?: string | undefined;
	/** Starts in any 60 seconds (0: no limit). */
	readonly rateLimit?: number | undefined;
	/** Its share of the images (1); 0 is standby: only while no other endpoint can serve. */
	readonly weight?: number | undefined;
	/** `auto`: what the address ends with, else `v1beta`. */
	readonly apiVersion?: 'auto' | 'v1' | 'v1beta' | 'v1alpha' | undefined;
}

/** Either one endpoint, or `endpoints`. All else has a default. */
export interface GeminiOptions extends GeminiEndpoint {
	readonly endpoints?: readonly GeminiEndpoint[] | undefined;
	/** Images in the making at once, over all clients with the same keys; the last client's number holds (16). */
	readonly concurrency?: number | undefined;
	/**
	 * For one attempt, body included (300 000; 900 000 for the service tier flex). Node's own `fetch` gives up after 300 000
	 * without a byte.
	 */
	readonly timeoutMs?: number | undefined;
	/** Waiting for limits and going to another key or endpoint are none (2). */
	readonly maxRetries?: number | undefined;
	/** First delay; doubles, jittered, at most 60 s (1000). */
	readonly retryDelayMs?: number | undefined;
	/** Nothing is started that could cost more than this in all, US dollars (no limit). */
	readonly maxCostUsd?: number | undefined;
	/** Ends everything, calls in flight too. */
	readonly signal?: AbortSignal | undefined;
	/** Another HTTP client, for a proxy on the way out: `undici`'s fits. */
	readonly fetch?: Fetch | undefined;
}

/** What to draw: only `prompt` is required. Reference images may be given as their bytes. */
export type GenerateInput = { readonly prompt: string } & {
	readonly [K in Exclude<keyof RequestInput, 'prompt' | 'referenceImages'>]?:
		RequestInput[K] | undefined;
} & { readonly referenceImages?: readonly (Reference | Uint8Array)[] | undefined };

export interface GenerateOptions<T> {
	/**
	 * Takes each image as it arrives. The next call waits until it is stored, so that memory follows `concurrency`. What it
	 * rejects with, `generateImage` rejects with.
	 */
	readonly save?: ((image: Image, index: number) => Promise<T> | T) | undefined;
	/** Ends this request. */
	readonly signal?: AbortSignal | undefined;
}

/** @throws SettingsInvalid */
export function endpointsOf({ endpoints, apiKeys, ...rest }: GeminiOptions): EndpointInput[] {
	const given = endpoints ?? [{ apiKeys, ...rest }];
	if (endpoints !== undefined && apiKeys !== undefined)
		throw new SettingsInvalid('Give createGemini either apiKeys or endpoints with their own keys.');
	return given.map(({ apiKeys: keys = '', baseUrl, rateLimit, weight, apiVersion }, index) => {
		const text = typeof keys === 'string' ? keys : keys.join('\n');
		const name = `Endpoint ${index + 1}`;
		if (text.trim() === '')
			throw new SettingsInvalid(`${name} has no API key: give it one, or several, as apiKeys.`);
		return { name, apiKeys: text, baseUrl, rateLimit, weight, apiVersion };
	});
}

/** What each field holds, in words and as a test: whoever writes JavaScript is told by no compiler. */
const FIELDS: Readonly<Record<keyof GenerateInput, Kind>> = {
	prompt: kindOf('a text', 'string'),
	model: kindOf('a text', 'string'),
	aspectRatio: kindOf('a text such as "16:9"', 'string'),
	width: kindOf('a number of pixels', 'number'),
	height: kindOf('a number of pixels', 'number'),
	imageSize: kindOf('a text such as "2K"', 'string'),
	includeText: kindOf('true or false', 'boolean'),
	systemInstruction: kindOf('a text', 'string'),
	googleSearch: kindOf('true or false', 'boolean'),
	thinkingLevel: kindOf('a text', 'string'),
	serviceTier: kindOf('a text', 'string'),
	referenceImages: { words: 'a list of images', accepts: Array.isArray },
	additionalFields: { words: 'an object', accepts: isObject },
};

interface Kind {
	readonly words: string;
	accepts(value: unknown): boolean;
}

function kindOf(words: string, type: 'string' | 'number' | 'boolean'): Kind {
	return { words, accepts: (value) => typeof value === type };
}

/**
 * What is null counts as not given.
 * @throws RequestInvalid
 */
export function completed(input: GenerateInput): RequestInput {
	if (!isObject(input)) throw new RequestInvalid('Give generateImage an object with a prompt.');
	const given: Readonly<Record<string, unknown>> = Object.fromEntries(
		Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
	);
	for (const [name, { words, accepts }] of Object.entries(FIELDS)) {
		const isMissing = name === 'prompt' && given[name] === undefined;
		if (isMissing || (Object.hasOwn(given, name) && !accepts(given[name])))
			throw new RequestInvalid(`${name} must be ${words}.`);
	}
	const { referenceImages, ...rest } = given as GenerateInput;
	return {
		...(rest as Omit<RequestInput, 'model'>),
		model: rest.model ?? DEFAULT_MODEL,
		referenceImages: referenceImages?.map(toReference) ?? [],
	};
}

function toReference(given: Reference | Uint8Array, index: number): Reference {
	const name = `Reference image ${index + 1}`;
	if (!(given instanceof Uint8Array)) {
		if (isObject(given) && typeof given.load === 'function') return given;
		throw new RequestInvalid(`${name} must be the bytes of an image, or { mimeType, load }.`);
	}
	const data = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
	const mimeType = inputTypeOf(data);
	if (mimeType !== null) return { mimeType, load: async () => data };
	throw new RequestInvalid(`${name} is no PNG, JPEG, WebP or HEIC. Give the bytes of an image.`);
}
