import { imageSize } from 'image-size';
import type { Image } from './image';

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

const PNG_HEAD = 8;
/** Length, type and checksum around a chunk's content. */
const PNG_FRAME = 12;
const JPEG_END = Buffer.from([0xff, 0xd9]);
const GIF_END = 0x3b;

/** Where the picture at the start of these bytes ends by its own format; null where they are no whole picture. */
export function pictureEnd(data: Buffer): number | null {
	const head = data.toString('latin1', 0, 4);
	if (head === '\x89PNG') return pngEnd(data);
	if (head === 'RIFF' && data.length >= 8) return within(data, data.readUInt32LE(4) + 8);
	if (head.startsWith('\xff\xd8')) return after(data.lastIndexOf(JPEG_END), 2);
	if (head.startsWith('GIF')) return after(data.lastIndexOf(GIF_END), 1);
	return null;
}

function pngEnd(data: Buffer): number | null {
	let at = PNG_HEAD;
	while (at + PNG_FRAME <= data.length) {
		const next = at + PNG_FRAME + data.readUInt32BE(at);
		if (data.toString('latin1', at + 4, at + 8) === 'IEND') return within(data, next);
		at = next;
	}
	return null;
}

const within = (data: Buffer, end: number) => (end <= data.length ? end : null);

const after = (found: number, length: number) => (found < 0 ? null : found + length);
