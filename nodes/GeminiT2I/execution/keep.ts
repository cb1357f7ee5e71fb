import type { Made } from 'gemini-t2i';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { StoredImage } from './settled';

/** Puts the images of a reply into n8n's binary store. `stemFor` names the first, and any that came with it. */
export async function keep(
	context: IExecuteFunctions,
	{ images }: Made,
	stemFor: (place: number) => string,
): Promise<readonly StoredImage[]> {
	const stored: StoredImage[] = [];
	for (const [place, { data, extension, mimeType, width, height }] of images.entries()) {
		const fileName = `${stemFor(place)}.${extension}`;
		const binary = await context.helpers.prepareBinaryData(data, fileName, mimeType);
		stored.push({ binary, fileName, mimeType, width, height, bytes: data.length });
	}
	return stored;
}
