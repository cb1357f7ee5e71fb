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

/** Whether bytes begin as a picture does. */
export const isPictureStart = (data: Buffer): boolean => kindOf(data) !== null;

/** The type of a picture to work from, by its first 12 bytes; null for what Gemini does not take. */
export function inputTypeOf(head: Buffer): string | null {
	const kind = kindOf(head);
	if (kind !== null) return kind === GIF ? null : kind.mimeType;
	const brand = head.toString('latin1', 4, 12);
	if (/^ftyphe(?:i[cxms]|v[cx])/.test(brand)) return 'image/heic';
	return /^ftypm(?:if|sf)1/.test(brand) ? 'image/heif' : null;
}

const PNG_HEAD = 8;
/** Length, type and checksum around a chunk's content. */
const PNG_FRAME = 12;

/** Whether these bytes hold a picture from its first to its last. */
export const isWholePicture = (data: Buffer): boolean => pictureEnd(data) !== null;

/** Where the picture at the start of these bytes ends by its own format; null where they are no whole picture. */
export function pictureEnd(data: Buffer): number | null {
	const head = data.toString('latin1', 0, 4);
	if (head === '\x89PNG') return pngEnd(data);
	if (head === 'RIFF' && data.length >= 8) return within(data, data.readUInt32LE(4) + 8);
	if (head.startsWith('\xff\xd8')) return jpegEnd(data);
	return head.startsWith('GIF') ? gifEnd(data) : null;
}

const within = (data: Buffer, end: number) => (end <= data.length ? end : null);

function pngEnd(data: Buffer): number | null {
	let at = PNG_HEAD;
	while (at + PNG_FRAME <= data.length) {
		const next = at + PNG_FRAME + data.readUInt32BE(at);
		if (data.toString('latin1', at + 4, at + 8) === 'IEND') return within(data, next);
		at = next;
	}
	return null;
}

const MARKER = 0xff;
const JPEG_END = 0xd9;

/** Segment by segment: a thumbnail in one of them has an end of its own. */
function jpegEnd(data: Buffer): number | null {
	let at = 2;
	for (;;) {
		// What stands between segments is the picture itself, in which a marker's byte is followed by 0.
		at = data.indexOf(MARKER, at);
		if (at < 0 || at + 1 >= data.length) return null;
		const marker = data[at + 1]!;
		const isAlone = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
		if (marker === JPEG_END) return at + 2;
		if (marker === MARKER) at += 1;
		else if (isAlone) at += 2;
		else if (at + 4 > data.length) return null;
		else at += 2 + data.readUInt16BE(at + 2);
	}
}

const GIF_HEAD = 13;
const GIF_IMAGE = 0x2c;
const GIF_EXTENSION = 0x21;
const GIF_END = 0x3b;

function gifEnd(data: Buffer): number | null {
	const tableAfter = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
	if (data.length < GIF_HEAD) return null;
	let at = GIF_HEAD + tableAfter(data[10]!);
	while (at < data.length) {
		const block = data[at];
		if (block === GIF_END) return at + 1;
		if (block === GIF_EXTENSION) at += 2;
		else if (block === GIF_IMAGE) at += 11 + tableAfter(data[at + 9] ?? 0);
		else return null;
		while (at < data.length && data[at] !== 0) at += 1 + data[at]!;
		at += 1;
	}
	return null;
}
