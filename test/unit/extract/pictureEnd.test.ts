import { createCanvas } from '@napi-rs/canvas';
import { pictureEnd } from '../../../core/src/image/picture';
import { readPicture } from '../../../core/src/image/picture';

const canvas = createCanvas(31, 17);
const GIF = Buffer.from('R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=', 'base64');

const PICTURES = {
	png: { data: canvas.toBuffer('image/png'), mimeType: 'image/png', width: 31, height: 17 },
	jpg: { data: canvas.toBuffer('image/jpeg'), mimeType: 'image/jpeg', width: 31, height: 17 },
	webp: { data: canvas.toBuffer('image/webp'), mimeType: 'image/webp', width: 31, height: 17 },
	gif: { data: GIF, mimeType: 'image/gif', width: 1, height: 1 },
};

describe.each(Object.entries(PICTURES))('a picture (%s)', (extension, picture) => {
	it('tells its type and size by its bytes', () => {
		expect(readPicture(picture.data)).toEqual({ extension, ...picture });
	});

	it('knows where it ends, whatever follows', () => {
		const more = Buffer.concat([picture.data, Buffer.from('Enjoy your picture')]);
		expect(pictureEnd(more)).toBe(picture.data.length);
		expect(pictureEnd(picture.data)).toBe(picture.data.length);
	});

	it('does not end where it was cut', () => {
		for (const length of [12, picture.data.length >> 1, picture.data.length - 1])
			expect(pictureEnd(picture.data.subarray(0, length))).toBeNull();
	});

	it('is none when only its first bytes came', () => {
		expect(readPicture(picture.data.subarray(0, 5))).toBeNull();
	});
});

it.each([
	['nothing', ''],
	['text', 'hello, this is text'],
	['a page', '<!doctype html><svg width="1" height="1"></svg>'],
	['another format', 'BM6\0\0\0\0\0\0\0'],
	['a size of nothing', Buffer.concat([PICTURES.png.data.subarray(0, 16), Buffer.alloc(30)])],
])('%s is no picture', (_name, bytes) => {
	const data = Buffer.from(bytes as string);
	expect(readPicture(data)).toBeNull();
	expect(pictureEnd(data)).toBeNull();
});
