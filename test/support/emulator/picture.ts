import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createCanvas, GlobalFonts, loadImage, type SKRSContext2D } from '@napi-rs/canvas';

export interface PictureWish {
	readonly prompt: string;
	/** 0 for the first picture of a prompt; later ones show their number, so that no two are alike. */
	readonly index?: number;
	/** `16:9` and the like; `1:1` where unset. */
	readonly aspectRatio?: string;
	/** `512`, `1K`, `2K`, `4K`: side of the square of the same area; `1K` where unset. */
	readonly imageSize?: string;
	/** Pixels of the longest side at most; small pictures are quick to draw. */
	readonly longestSide?: number;
	readonly format?: 'png' | 'jpeg';
	/** Shown in the picture, as an edited photo would be. */
	readonly reference?: Buffer;
}

// The package holds fonts only; its package.json is the one file that can be resolved by name.
const fonts = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
GlobalFonts.registerFromPath(join(fonts, 'DejaVuSans-Bold.ttf'), 'Emulator');

const drawn = new Map<string, Promise<Buffer>>();

/** The picture of a wish: the same bytes for the same wish, in this process and in any other. */
export function picture(wish: PictureWish): Promise<Buffer> {
	const { reference, ...rest } = wish;
	const id = JSON.stringify([
		rest,
		reference && createHash('sha256').update(reference).digest('hex'),
	]);
	let bytes = drawn.get(id);
	if (!bytes) drawn.set(id, (bytes = draw(wish)));
	return bytes;
}

/** Width and height in pixels: the area of the asked size in the asked ratio, in steps of 16 as Google's are. */
function pictureSize(wish: PictureWish): { width: number; height: number } {
	const [across, down] = (wish.aspectRatio ?? '1:1').split(':').map(Number) as [number, number];
	const side = wish.imageSize === '512' ? 512 : parseInt(wish.imageSize ?? '1K') * 1024;
	const stepped = (pixels: number) => Math.round(pixels / 16) * 16;
	const width = stepped(side * Math.sqrt(across / down));
	const height = stepped(side * Math.sqrt(down / across));
	const shrink = Math.min(1, (wish.longestSide ?? Infinity) / Math.max(width, height));
	return { width: Math.round(width * shrink), height: Math.round(height * shrink) };
}

async function draw(wish: PictureWish): Promise<Buffer> {
	const { width, height } = pictureSize(wish);
	const canvas = createCanvas(width, height);
	const context = canvas.getContext('2d');
	drawGround(context, createHash('sha256').update(wish.prompt).digest(), width, height);
	if (wish.reference) await drawReference(context, wish.reference, width, height);
	const number = wish.index ? ` (${wish.index + 1})` : '';
	drawWords(context, wish.prompt + number, width, height);
	return wish.format === 'jpeg' ? canvas.encode('jpeg', 85) : canvas.encode('png');
}

/** Flat circles on a flat ground, by a hash: no two prompts look alike, and flat colours are quick to compress. */
function drawGround(context: SKRSContext2D, hash: Buffer, width: number, height: number) {
	const hue = hash.readUInt16BE() % 360;
	context.fillStyle = `hsl(${hue}, 55%, 34%)`;
	context.fillRect(0, 0, width, height);
	for (const [nth, shade] of [29, 39, 24].entries()) {
		const [across, down, radius] = hash.subarray(2 + 3 * nth) as unknown as [
			number,
			number,
			number,
		];
		context.fillStyle = `hsl(${hue + 20 * nth}, 55%, ${shade}%)`;
		context.beginPath();
		context.arc(
			(across / 255) * width,
			(down / 255) * height,
			(0.15 + radius / 512) * Math.min(width, height),
			0,
			2 * Math.PI,
		);
		context.fill();
	}
}

async function drawReference(
	context: SKRSContext2D,
	reference: Buffer,
	width: number,
	height: number,
) {
	// Google takes HEIC, which the canvas cannot read.
	const photo = await loadImage(reference).catch(() => null);
	if (photo === null) return;
	const scale = Math.min((width * 0.5) / photo.width, (height * 0.5) / photo.height);
	const [across, down] = [photo.width * scale, photo.height * scale];
	context.drawImage(photo, (width - across) / 2, (height - down) / 2, across, down);
}

/** The words, as large as they fit, wrapped and centred. */
function drawWords(context: SKRSContext2D, words: string, width: number, height: number) {
	const margin = Math.min(width, height) * 0.08;
	let size = Math.max(Math.min(width, height) / 6, 4);
	let lines = wrap(context, words, size, width - 2 * margin);
	const isTooLarge = () =>
		lines.length * size * 1.25 > height - 2 * margin ||
		lines.some((line) => context.measureText(line).width > width - 2 * margin);
	while (isTooLarge() && size > 4) {
		size *= 0.85;
		lines = wrap(context, words, size, width - 2 * margin);
	}
	context.textAlign = 'center';
	context.textBaseline = 'middle';
	context.fillStyle = 'white';
	const top = height / 2 - ((lines.length - 1) * size * 1.25) / 2;
	lines.forEach((line, at) => context.fillText(line, width / 2, top + at * size * 1.25));
}

function wrap(context: SKRSContext2D, words: string, size: number, width: number): string[] {
	context.font = `${size}px Emulator`;
	const lines: string[] = [];
	for (const word of words.split(/\s+/)) {
		const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
		if (lines.length > 0 && context.measureText(longer).width <= width)
			lines[lines.length - 1] = longer;
		else lines.push(word);
	}
	return lines;
}

/** The PNG grown to a number of bytes by a private chunk of noise before its end: still valid, and it does not deflate. */
export function growPng(png: Buffer, bytes: number): Buffer {
	const end = png.length - 12; // IEND is 12 bytes and always the last chunk
	const noise = noiseOf(Math.max(bytes - png.length - 12, 0));
	const chunk = Buffer.alloc(noise.length + 12);
	chunk.writeUInt32BE(noise.length);
	chunk.write('noSe', 4, 'latin1');
	noise.copy(chunk, 8);
	chunk.writeUInt32BE(crc32(chunk.subarray(4, noise.length + 8)), noise.length + 8);
	return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)]);
}

/** The same noise each time: hashes of a counter, in kilobyte stretches repeated with a changing offset. */
function noiseOf(length: number): Buffer {
	const noise = Buffer.alloc(length);
	for (let at = 0, count = 0; at < length; at += 32, count++)
		createHash('sha256').update(String(count)).digest().copy(noise, at);
	return noise;
}
