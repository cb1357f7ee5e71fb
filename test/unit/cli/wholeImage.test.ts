import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { isWholeImage } from '../../../core/cli/wholeImage';

const folder = mkdtempSync(join(tmpdir(), 'gemini-t2i-'));
afterAll(() => rmSync(folder, { recursive: true }));

const check = (bytes: Buffer) => {
	const path = join(folder, 'image');
	writeFileSync(path, bytes);
	return isWholeImage(path);
};

const canvas = createCanvas(40, 30);
const context = canvas.getContext('2d');
context.fillStyle = 'teal';
context.fillRect(5, 5, 20, 20);

const images = {
	png: canvas.toBuffer('image/png'),
	jpeg: canvas.toBuffer('image/jpeg'),
	webp: canvas.toBuffer('image/webp'),
	// 1 x 1, transparent.
	gif: Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
};

test.each(Object.entries(images))('%s: the whole file and nothing less', async (_, bytes) => {
	expect(await check(bytes)).toBe(true);
	for (let length = 0; length < bytes.length; length++) {
		expect(await check(bytes.subarray(0, length))).toBe(false);
	}
});

test.each(['png', 'jpeg', 'webp', 'gif'] as const)(
	'%s with a little after its end',
	async (format) => {
		expect(await check(Buffer.concat([images[format], Buffer.from('trailer')]))).toBe(true);
	},
);

test('a text, a folder and nothing at all are none', async () => {
	expect(await check(Buffer.from('no image, but long enough to hold one'))).toBe(false);
	expect(await isWholeImage(folder)).toBe(false);
	expect(await isWholeImage(join(folder, 'missing'))).toBe(false);
});
