import type { Account, Drawn, Image, Made, NotMade } from 'gemini-t2i/pool';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from '../n8n/errors';

/** An image in n8n's binary store, and what its bytes told. */
export interface StoredImage extends Pick<Image, 'mimeType' | 'width' | 'height'> {
	readonly binary: IBinaryData;
	/** Name of the file, and the same without its ending. */
	readonly fileName: string;
	readonly stem: string;
	readonly bytes: number;
}

export interface Success {
	readonly status: 'ok';
	/** More than one where the model sent more than was asked for. */
	readonly images: readonly StoredImage[];
	readonly text: string;
	readonly account: Account;
}

/** How one call for an image ended, without the image's bytes: thousands of these fit into memory. */
export type Settled = Success | NotMade;

/** The images of one reply, as far as n8n could store them. */
interface Kept {
	readonly stored: readonly StoredImage[];
	/** Why an image is not stored, one for each. */
	readonly lost: readonly string[];
}

/** Puts the images of a reply into n8n's binary store. `stemFor` names the first, and any that came with it. */
export async function storeImages(
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

/** What became of one call: its images, and a failure for each that is missing. */
export function settledOf(drawn: Drawn<Kept>): readonly Settled[] {
	if (drawn.status !== 'ok') return [drawn];
	const { made, kept } = drawn;
	const { text, account } = made;
	const images = kept.stored;
	const missing = kept.lost.map((reason, place): NotMade => ({
		status: 'failed',
		code: 'notStored',
		message: `The image was made, but n8n could not store it (${reason}). Check n8n's storage and run the item again.`,
		// What the call cost is told once.
		account: images.length > 0 || place > 0 ? { ...account, costUsd: 0 } : account,
	}));
	return images.length > 0 ? [{ status: 'ok', images, text, account }, ...missing] : missing;
}
