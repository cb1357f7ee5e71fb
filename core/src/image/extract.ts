import { field, list, words } from '../json';
import type { Image } from './image';
import { findDataUrls } from './dataUrls';
import { readPicture } from './picture';

/** What a reply's parts hold, in their order. */
export interface Extracted {
	readonly images: readonly Image[];
	/** Text parts that are no thoughts, without their data URLs, joined by blank lines. */
	readonly text: string;
}

/**
 * Collects the images of all candidates in their order: inline parts, and data URLs in text.
 * Bytes that are no image are left out.
 * @param drafts whether the last thought image is the result where nothing else came
 */
export function extractImages(
	candidates: readonly unknown[],
	{ drafts }: { readonly drafts: boolean },
): Extracted {
	const parts = candidates.flatMap((candidate) => list(field(candidate, 'content'), 'parts'));
	const found = parts.map((part) => ({ thought: field(part, 'thought') === true, ...read(part) }));
	const results = found.filter(({ thought }) => !thought);
	const text = results
		.map((part) => part.text)
		.filter((part) => part !== '')
		.join('\n\n');
	const images = results.flatMap((part) => part.images);
	if (images.length > 0 || !drafts) return { images, text };
	return { images: found.flatMap((part) => part.images).slice(-1), text };
}

function read(part: unknown): Extracted {
	const inline = field(field(part, 'inlineData'), 'data');
	const { dataUrls, rest } = findDataUrls(words(part, 'text'));
	const pictures = [...(Buffer.isBuffer(inline) ? [inline] : []), ...dataUrls].map(readPicture);
	return { images: pictures.filter((picture) => picture !== null), text: rest };
}
