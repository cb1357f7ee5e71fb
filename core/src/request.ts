import type { Image } from './image/image';

/** What one call to a Gemini image model asks for. Complete: `resolveRequest` has checked it against the catalogue. */
export interface ImageRequest {
	/** Model id as the endpoint knows it, without `models/`. */
	readonly model: string;
	readonly prompt: string;
	/** `16:9` and the like; null lets the model choose. */
	readonly aspectRatio: string | null;
	/** `512`, `1K`, `2K`, `4K`; null lets the model choose. */
	readonly imageSize: string | null;
	/** Sent as inline parts before the prompt. */
	readonly referenceImages: readonly Reference[];
	/** Also asks for text (a caption, an alt text). */
	readonly includeText: boolean;
	readonly systemInstruction: string | null;
	readonly googleSearch: boolean;
	/** How much the model thinks before it draws; null lets it choose. */
	readonly thinkingLevel: ThinkingLevel | null;
	/** `flex`: half price, minutes later, and turned away while Google is busy; null is the standard tier. */
	readonly serviceTier: 'flex' | null;
	/** Merged into the request body as it is: `generationConfig`, `safetySettings` and whatever comes next. */
	readonly additionalFields: Readonly<Record<string, unknown>>;
}

/** How much a model thinks before it draws: all levels any model has. */
export const THINKING_LEVELS = ['minimal', 'medium', 'high'] as const;

export type ThinkingLevel = (typeof THINKING_LEVELS)[number];

/** An image to work from. */
export interface Reference {
	/** Such as `image/png`; what the bytes tell wins. */
	readonly mimeType: Image['mimeType'] | (string & {});
	/**
	 * The file's bytes, at least one. Asked for by each attempt that sends them, so that memory follows the concurrency.
	 * Where it rejects, so does the draw.
	 */
	load(): Promise<Buffer>;
}
