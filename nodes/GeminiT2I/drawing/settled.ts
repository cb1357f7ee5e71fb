import {
	readPicture,
	type Account,
	type Drawn,
	type Image,
	type Made,
	type NotMade,
} from 'gemini-t2i/pool';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from '../n8n/host';

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
	/** Whether another execution has made and paid for them. */
	readonly isTakenOver: boolean;
}

/** How one call for an image ended, without the image's bytes: thousands of these fit into memory. */
export type Settled = Success | NotMade;

/** The images of one reply, as far as n8n could store them. */
interface Kept {
	readonly stored: readonly StoredImage[];
	/** Why an image is not stored, one for each. */
	readonly lost: readonly string[];
}

/** Names the images of one reply: the first, and any that came with it. */
export type StemFor = (place: number) => string;

/** Puts the images of a reply into n8n's binary store. */
export async function storeImages(
	context: IExecuteFunctions,
	images: Made['images'],
	stemFor: StemFor,
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
	if (images.length === 0) return missing;
	return [{ status: 'ok', images, text, account, isTakenOver: false }, ...missing];
}

/** What an earlier try of this execution has settled, under the names that this one gives. */
export function renamed(settled: Settled, stemFor: StemFor): Settled {
	if (settled.status !== 'ok') return settled;
	const images = settled.images.map((image, place): StoredImage => {
		const stem = stemFor(place);
		const fileName = `${stem}${image.fileName.slice(image.stem.length)}`;
		return { ...image, stem, fileName, binary: { ...image.binary, fileName } };
	});
	return { ...settled, images };
}

/** Puts what another execution has made into the store of this one; null where its files are gone. */
export async function copied(
	context: IExecuteFunctions,
	{ images, text, account }: Success,
	stemFor: StemFor,
): Promise<readonly Settled[] | null> {
	const loaded = await Promise.all(images.map((image) => load(context, image)));
	if (!isWhole(loaded)) return null;
	const kept = await storeImages(context, loaded, stemFor);
	const made: Made = { images: loaded, text, account: { ...account, costUsd: 0 } };
	return settledOf({ status: 'ok', made, kept }).map((each) =>
		each.status === 'ok' ? { ...each, isTakenOver: true } : each,
	);
}

const isWhole = (loaded: readonly (Image | null)[]): loaded is Made['images'] =>
	loaded.every((image) => image !== null);

async function load(
	{ helpers }: IExecuteFunctions,
	{ binary, bytes }: StoredImage,
): Promise<Image | null> {
	try {
		const data = await helpers.binaryToBuffer(await helpers.getBinaryStream(binary.id!));
		return data.length === bytes ? readPicture(data) : null;
	} catch {
		return null;
	}
}
