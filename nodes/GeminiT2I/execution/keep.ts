import type { Image, Made } from 'gemini-t2i';
import type { IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from './nodeMessage';
import type { StoredImage } from './settled';

/** The images of one reply, as far as n8n could store them. */
export interface Kept {
	readonly stored: readonly StoredImage[];
	/** Why an image is not stored, one for each. */
	readonly lost: readonly string[];
}

/** Puts the images of a reply into n8n's binary store. `stemFor` names the first, and any that came with it. */
export async function keep(
	context: IExecuteFunctions,
	{ images }: Made,
	stemFor: (place: number) => string,
): Promise<Kept> {
	const stored: StoredImage[] = [];
	const lost: string[] = [];
	for (const [place, image] of images.entries()) {
		const stem = stemFor(place);
		// It is paid for: what a storage refuses once it may well take the next time.
		await store(context, image, stem)
			.catch(async () => await store(context, image, stem))
			.then(
				(file) => stored.push(file),
				(reason) => lost.push(wordsOf(reason)),
			);
	}
	return { stored, lost };
}

async function store(
	context: IExecuteFunctions,
	{ data, extension, mimeType, width, height }: Image,
	stem: string,
): Promise<StoredImage> {
	const fileName = `${stem}.${extension}`;
	const binary = await context.helpers.prepareBinaryData(data, fileName, mimeType);
	return { binary, fileName, stem, mimeType, width, height, bytes: data.length };
}
