import { open } from 'node:fs/promises';

/** How a format begins and ends; between the two its bytes may be anything. */
interface Format {
	begins(head: Buffer): boolean;
	ends(tail: Buffer, head: Buffer, size: number): boolean;
}

const PNG_START = Buffer.from('89504e470d0a1a0a', 'hex');
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex');
const JPEG_START = Buffer.from('ffd8ff', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');

const startsWith = (bytes: Buffer, start: Buffer): boolean =>
	bytes.subarray(0, start.length).equals(start);

/** Some encoders write a little after the end marker. */
const formats: readonly Format[] = [
	{ begins: (head) => startsWith(head, PNG_START), ends: (tail) => tail.includes(PNG_END) },
	{ begins: (head) => startsWith(head, JPEG_START), ends: (tail) => tail.includes(JPEG_END) },
	{
		begins: (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.includes('WEBP', 8),
		ends: (_, head, size) => size >= head.readUInt32LE(4) + 8,
	},
	{
		begins: (head) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6)),
		ends: (tail) => tail.at(-1) === 0x3b,
	},
];

const HEAD_BYTES = 12;
const TAIL_BYTES = 1024;

/**
 * Whether the file is an image from its first to its last byte: an empty or torn file is not. Told by its beginning
 * and, unless it has the size that it was written with, its end. Reads about a kilobyte. False also where there is no
 * such file.
 */
export const isWholeImage = async (path: string, writtenBytes?: number): Promise<boolean> => {
	const file = await open(path).catch(() => null);
	if (file === null) return false;
	try {
		const { size } = await file.stat();
		const head = Buffer.alloc(HEAD_BYTES);
		const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
		await file.read(head, 0, HEAD_BYTES, 0);
		await file.read(tail, 0, tail.length, size - tail.length);
		return formats.some(
			({ begins, ends }) => begins(head) && (size === writtenBytes || ends(tail, head, size)),
		);
	} catch {
		return false; // a directory of that name
	} finally {
		await file.close();
	}
};
