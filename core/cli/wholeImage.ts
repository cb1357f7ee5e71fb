import { open } from 'node:fs/promises';
import { isPictureStart, isWholePicture } from '../src/image/picture';

const HEAD_BYTES = 12;

/**
 * Whether the file is an image from its first to its last byte: an empty or torn file is not. Where it has the size that
 * it was written with only its beginning is read. False also where there is no such file.
 */
export const isWholeImage = async (path: string, writtenBytes?: number): Promise<boolean> => {
	const file = await open(path).catch(() => null);
	if (file === null) return false;
	try {
		const { size } = await file.stat();
		const head = Buffer.alloc(HEAD_BYTES);
		await file.read(head, 0, HEAD_BYTES, 0);
		if (!isPictureStart(head)) return false;
		return size === writtenBytes || isWholePicture(await file.readFile());
	} catch {
		return false; // a directory of that name
	} finally {
		await file.close();
	}
};
