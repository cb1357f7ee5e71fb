import sanitize from 'sanitize-filename';
import { UsageInvalid } from './input';

/** Names of images, as they end. */
export const IMAGE_FILE = /\.(?:png|jpe?g|webp|gif)$/i;

/** A file name holds 255 bytes; this leaves room for `_00`, an extension and what marks an unfinished file. */
const LONGEST_BYTES = 200;

const shorten = (text: string): string => {
	let short = text;
	while (Buffer.byteLength(short) > LONGEST_BYTES) short = [...short].slice(0, -1).join('');
	return short;
};

/** `000000`, `000001`: the row's number in six digits. */
export const numberedStem = (row: number): string => String(row).padStart(6, '0');

/**
 * What a row's images are called, by the name its column gives: a path below the output directory without
 * extension, which the bytes decide. Characters that a file system refuses become `_`. Throws `UsageInvalid`.
 */
export const namedStem = (name: string, place: string): string => {
	const segments = name.trim().replace(IMAGE_FILE, '').split(/[/\\]/);
	const leadsOut = segments.includes('..') || /^(?:[/\\]|[a-z]:[/\\])/i.test(name.trim());
	const parts = segments
		.filter((segment) => segment !== '' && segment !== '.')
		.map((segment) => shorten(sanitize(segment, { replacement: '_' })));
	if (!leadsOut && parts.length > 0) return parts.join('/');
	throw new UsageInvalid(
		`${place}: its name must lead to a file inside the output directory. Take ".." and a leading "/" out of it.`,
	);
};

/** The one image of a row has the row's stem; of several, each adds its number: `000000_00`, `000000_01`. */
export const imageStem = (rowStem: string, image: number, count: number): string =>
	count === 1 ? rowStem : `${rowStem}_${String(image).padStart(2, '0')}`;

/**
 * Where an earlier run may have put the same image under another count: the first of several was then the only
 * one, and the other way round.
 */
export const otherStem = (rowStem: string, image: number, count: number): string | null => {
	if (image > 0) return null;
	return count === 1 ? `${rowStem}_00` : rowStem;
};

/** A reply now and then holds more images than were asked for: `000000-2`, `000000_01-2`. */
export const extraStem = (stem: string, position: number): string => `${stem}-${position + 1}`;
