import { field, isObject, list, Spliced, words } from '../json';
import type { Image } from './image';
import { findDataUrls, findSpliced } from './dataUrls';
import { isWholePicture, readPicture } from './picture';

/** What a reply's parts hold, in their order. */
export interface Extracted {
	/** Whole pictures only. */
	readonly images: readonly Image[];
	/** Text parts that are no thoughts, without their data URLs, joined by blank lines. */
	readonly text: string;
	/** Whether a picture lacks its end. */
	readonly isCut: boolean;
	/** Where a picture is said to be, in place of its bytes; null where no such thing is said. */
	readonly address: string | null;
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
	const found = parts.map((part) => ({
		thought: field(part, 'thought') === true,
		...readPart(part),
	}));
	const results = found.filter(({ thought }) => !thought);
	const images = results.flatMap((part) => part.images);
	return {
		images: images.length > 0 || !drafts ? images : found.flatMap((part) => part.images).slice(-1),
		text: results
			.map((part) => part.text)
			.filter((part) => part !== '')
			.join('\n\n'),
		isCut: results.some(({ isCut }) => isCut),
		address: results.map(({ address }) => address).find((address) => address !== null) ?? null,
	};
}

/** A part in Google's form, or in one of another API. */
function readPart(part: unknown): Extracted {
	const own = read(part);
	const { images, text, isCut, address } = own;
	if (images.length > 0 || isCut || address !== null) return own;
	if (text === '') return extractElsewhere(part);
	return { ...own, address: /^https?:\/\/\S{1,2000}$/.exec(text.trim())?.[0] ?? null };
}

function read(part: unknown): Extracted {
	const inline = field(field(part, 'inlineData'), 'data');
	const text = field(part, 'text');
	const { dataUrls, rest, isCut } = picturesIn(text);
	const pictures = [...(Buffer.isBuffer(inline) ? [inline] : []), ...dataUrls];
	const known = pictures.map(readPicture).filter((picture) => picture !== null);
	const images = known.filter(({ data }) => isWholePicture(data));
	const address =
		words(field(part, 'inlineData'), 'data') || words(field(part, 'fileData'), 'fileUri') || null;
	return {
		images,
		text: rest,
		isCut: isCut || images.length < known.length,
		address: address ?? linkIn(rest),
	};
}

const picturesIn = (text: unknown) =>
	text instanceof Spliced ? findSpliced(text) : findDataUrls(typeof text === 'string' ? text : '');

const LINK =
	/!\[[^[\]]{0,200}\]\(\s{0,4}<?([^\s()<>]{1,2000})|<img\b[^<>]{0,200}\bsrc=["']?([^\s"'<>]{1,2000})/i;
/** Taken one after another, so that a text full of them is read once. */
const BARE_LINK = /\bhttps?:\/\/[^\s"'<>()]{1,2000}/gi;
const OF_PICTURE = /\.(?:png|jpe?g|webp|gif)\b/i;

/** The address of a picture that a text shows. */
function linkIn(text: string): string | null {
	const link = LINK.exec(text);
	const shown = link?.[1] ?? link?.[2] ?? null;
	if (shown !== null && !shown.startsWith('data:')) return shown;
	for (const [address] of text.matchAll(BARE_LINK)) if (OF_PICTURE.test(address)) return address;
	return null;
}

/** What was sent along, and comes back. */
const ECHOED = /^(?:request|contents|input|instances|prompt|messages|metadata|usage|error|fault)/i;
/** Fields that name a picture's place. */
const PLACE =
	/^(?:url|uri|image_?url|file_?uri|file_?id|download_?url|asset_pointer|link|href|outputs?|results?|images?)$/i;
const IS_PLACE = /^(?:https?:|gs:|\/|files?[-_/:]|sediment:)/i;

/** Pictures in answers of other APIs: whatever else their form, all that they hold anywhere, in its order. */
export function extractElsewhere(json: unknown): Extracted {
	const images: Image[] = [];
	const texts: string[] = [];
	let isCut = false;
	let address: string | null = null;
	// Not recursive: the depth is the reply's choice.
	const left: { readonly name: string; readonly value: unknown }[] = [{ name: '', value: json }];
	for (let next = left.pop(); next !== undefined; next = left.pop()) {
		const { name, value } = next;
		if (Buffer.isBuffer(value) || typeof value === 'string' || value instanceof Spliced) {
			const part = Buffer.isBuffer(value)
				? read({ inlineData: { data: value } })
				: read({ text: value });
			images.push(...part.images);
			isCut ||= part.isCut;
			if (/^(?:content|text|refusal)$/.test(name) && part.text) texts.push(part.text);
			const isPlace = PLACE.test(name) && IS_PLACE.test(part.text);
			address ??= isPlace ? part.text : part.address;
		} else if (Array.isArray(value) || isObject(value)) {
			const members = Object.entries(value as object).filter(([key]) => !ECHOED.test(key));
			for (const [key, member] of members.reverse()) {
				left.push({ name: Array.isArray(value) ? name : key, value: member });
			}
		}
	}
	return { images, text: texts.join('\n\n'), isCut, address };
}
