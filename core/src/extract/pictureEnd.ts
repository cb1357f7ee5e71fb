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
