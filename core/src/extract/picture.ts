import { imageSize } from 'image-size';
import type { Image } from '../image';

type Kind = Pick<Image, 'mimeType' | 'extension'>;

const PNG: Kind = { mimeType: 'image/png', extension: 'png' };
const JPEG: Kind = { mimeType: 'image/jpeg', extension: 'jpg' };
const WEBP: Kind = { mimeType: 'image/webp', extension: 'webp' };
const GIF: Kind = { mimeType: 'image/gif', extension: 'gif' };

/** Reads type, width and height from the bytes; null where they are no PNG, JPEG, WebP or GIF. */
export function readPicture(data: Buffer): Image | null {
	const kind = kindOf(data);
	if (kind === null) return null;
	try {
		const { width, height } = imageSize(data);
		return width > 0 && height > 0 ? { data, ...kind, width, height } : null;
	} catch {
		// A head that promises an image and breaks off.
		return null;
	}
}

/** By the formats' signatures; the library would also accept formats that no model makes. */
function kindOf(data: Buffer): Kind | null {
	const head = data.toString('latin1', 0, 12);
	if (head.startsWith('\x89PNG\r\n\x1a\n')) return PNG;
	if (head.startsWith('\xff\xd8\xff')) return JPEG;
	if (head.startsWith('RIFF') && head.endsWith('WEBP')) return WEBP;
	return /^GIF8[79]a/.test(head) ? GIF : null;
}
