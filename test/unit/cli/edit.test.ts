import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { withCommandLine } from './commandLine';

// Each test runs a process or several, and the computer may be busy.
jest.setTimeout(60_000);

const world = withCommandLine();
const draw = (colour: string, type: 'image/png' | 'image/jpeg' = 'image/png'): Buffer => {
	const canvas = createCanvas(8, 8);
	const context = canvas.getContext('2d');
	context.fillStyle = colour;
	context.fillRect(0, 0, 8, 8);
	return type === 'image/png' ? canvas.toBuffer('image/png') : canvas.toBuffer('image/jpeg');
};
const [red, blue, green] = [draw('red'), draw('blue'), draw('green', 'image/jpeg')];

let web: Server;
/** When the client let go of a reply that does not end. */
let hungUpAt: number;

beforeEach(async () => {
	mkdirSync(join(world.folder, 'pictures'));
	writeFileSync(join(world.folder, 'pictures/red.png'), red);
	writeFileSync(join(world.folder, 'pictures/blue.png'), blue);
	writeFileSync(join(world.folder, 'green, light.jpg'), green);
	writeFileSync(join(world.folder, 'notes.png'), 'no picture');
	web = createServer((request, response) => {
		if (request.url === '/green.jpg') response.end(green);
		else if (request.url === '/broken.jpg') {
			response.writeHead(200, { 'content-length': 2 * green!.length });
			response.write(green, () => response.destroy());
		} else if (request.url === '/endless.jpg') {
			response.writeHead(403).write('Wait');
			response.once('close', () => (hungUpAt = performance.now()));
		} else if (request.url === '/slow.jpg') response.writeHead(200).write('Wait');
		else response.writeHead(404).end();
	});
	await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening));
});
afterEach(() => {
	web.closeAllConnections();
	web.close();
});

const run = (...args: string[]) =>
	world.commandLine.start(args, world.folder, {
		GEMINI_API_KEY: 'k',
		DG_GEMINI_BASE_URL: world.emulator.url,
	}).ended;
const site = () => `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const names = new Map(
	[red, blue, green].map((bytes, n) => [hashOf(bytes), 'red blue green'.split(' ')[n]!]),
);
/** What was sent with each prompt, in order. */
const sent = () =>
	world.emulator.requests.map(({ prompt, body }) => {
		const parts = body.contents.flatMap((content: any) => content.parts);
		const images = parts.flatMap((part: any) => {
			const data = part.inlineData?.data ?? part.inline_data?.data;
			return data === undefined ? [] : [names.get(hashOf(Buffer.from(data, 'base64')))];
		});
		return `${prompt}: ${images.join(' ')}`;
	});

test.each<[string, string]>([
	['image_url,instruction\npictures/red.png,hat\n', 'hat: red'],
	[
		'image_url,image_url_2,instruction\npictures/red.png,pictures/blue.png,both\n',
		'both: red blue',
	],
	[
		'input_images,instruction\n"[""pictures/red.png"", ""pictures/blue.png""]",both\n',
		'both: red blue',
	],
	['input_images,instruction\n"pictures/red.png,pictures/blue.png",both\n', 'both: red blue'],
	['image,instruction\n"green, light.jpg",one\n', 'one: green'],
	['input_images,instruction\n[],none\n', 'none: '],
	['image_url,instruction\nSITE/green.jpg,web\n', 'web: green'],
])('edit takes %j', async (content, expected) => {
	writeFileSync(join(world.folder, 'data.csv'), content.replace('SITE', site()));
	const { code, stderr } = await run('edit', '--backend', 'google_genai', '--input', 'data.csv');
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(sent()).toEqual([expected]);
});

test.each<[string[], string, string]>([
	[['--input_image', 'pictures/red.png'], '{"prompt":"a"}', 'a: red'],
	[
		['--input_image', 'pictures/red.png', '--input_image', 'pictures/blue.png'],
		'{"prompt":"a"}',
		'a: red blue',
	],
	[
		['--input_image_column', 'photo, back'],
		'{"prompt":"a","photo":"pictures/blue.png","back":["pictures/red.png"]}',
		'a: blue red',
	],
	[[], '{"prompt":"a","image_url":"pictures/blue.png"}', 'a: '],
])('t2i takes %j', async (args, row, expected) => {
	writeFileSync(join(world.folder, 'p.jsonl'), row);
	expect((await run('--prompts_file', 'p.jsonl', ...args)).code).toBe(0);
	expect(sent()).toEqual([expected]);
});

test.each<[string, RegExp]>([
	[
		'image_url,instruction\npictures/none.png,a\n',
		/line 2: the input image pictures\/none\.png is not there/,
	],
	[
		'image_url,instruction\nnotes.png,a\n',
		/line 2: the input image notes\.png is no PNG, JPEG, WebP or HEIC file/,
	],
	[
		'photo,instruction\npictures/red.png,a\n',
		/No column of the list names images to edit[^]*There are photo, instruction/,
	],
	[
		'image_url,prompt\npictures/red.png,a\n',
		/needs a column named instruction\. Its columns are image_url, prompt/,
	],
])('%j is refused before paying', async (content, sentence) => {
	writeFileSync(join(world.folder, 'data.csv'), content);
	const { code, stderr } = await run('edit', '--input', 'data.csv');
	expect(code).toBe(2);
	expect(stderr).toMatch(sentence);
	expect(world.emulator.requests).toEqual([]);
});

test('the same prompt for other images is another image, in any order', async () => {
	const list = (...rows: string[]) =>
		writeFileSync(join(world.folder, 'data.csv'), ['image_url,instruction', ...rows].join('\n'));
	list('pictures/red.png,hat', 'pictures/blue.png,hat');
	await run('edit', '--input', 'data.csv');
	list('pictures/blue.png,hat', `"green, light.jpg",hat`, 'pictures/red.png,hat');
	const { code, stdout } = await run('edit', '--input', 'data.csv');
	expect(code).toBe(0);
	expect(sent().slice(2)).toEqual(['hat: green']);
	expect(stdout).toContain('3 images asked for: 1 made, 2 there already.');
	// Under its old name a file may hold another picture.
	writeFileSync(join(world.folder, 'pictures/red.png'), blue);
	await run('edit', '--input', 'data.csv', '--filter_rows', '2:');
	expect(sent().slice(3)).toEqual(['hat: blue']);
});

test('an image that is gone by the time it is sent costs nothing, and no other image', async () => {
	writeFileSync(
		join(world.folder, 'data.csv'),
		`image_url,instruction\npictures/red.png,slow\npictures/blue.png,a\n${site()}/none.jpg,b\npictures/red.png,c\n`,
	);
	world.emulator.faults.add({ match: { prompt: 'slow' }, reply: { delayMs: 500 } });
	const { ended } = world.commandLine.start(
		['edit', '--input', 'data.csv', '--max_global_workers', '1'],
		world.folder,
		{ GEMINI_API_KEY: 'k', DG_GEMINI_BASE_URL: world.emulator.url },
	);
	while (world.emulator.requests.length === 0) await new Promise((tick) => setTimeout(tick, 10));
	rmSync(join(world.folder, 'pictures/blue.png'));
	const { code, stderr } = await ended;
	expect(code).toBe(1);
	expect(stderr).toMatch(
		/000001 failed \(noInput\): The input image pictures\/blue\.png cannot be read \(ENOENT\)\./,
	);
	expect(stderr).toMatch(
		/000002 failed \(noInput\): The input image .*none\.jpg cannot be downloaded \(status 404\)\./,
	);
	expect(sent()).toEqual(['slow: red', 'c: red']);
});

test('a download that breaks off, or is turned down, costs nothing, and no other image', async () => {
	writeFileSync(
		join(world.folder, 'data.csv'),
		`image_url,instruction\n${site()}/broken.jpg,a\n${site()}/endless.jpg,b\npictures/red.png,slow\n`,
	);
	world.emulator.faults.add({ match: { prompt: 'slow' }, reply: { delayMs: 1000 } });
	const { code, stderr } = await run(
		...['edit', '--input', 'data.csv', '--max_global_workers', '1'],
	);
	expect(stderr).toMatch(
		/000000 failed \(noInput\): The input image .*broken\.jpg cannot be downloaded\./,
	);
	expect(stderr).toMatch(
		/000001 failed \(noInput\): The input image .*endless\.jpg cannot be downloaded \(status 403\)\./,
	);
	expect(code).toBe(1);
	expect(sent()).toEqual(['slow: red']);
	expect(hungUpAt).toBeLessThan(world.emulator.requests[0]!.ended!);
});

test('an image that takes longer to load than a call may costs nothing, and no other image', async () => {
	writeFileSync(
		join(world.folder, 'data.csv'),
		`image_url,instruction\n${site()}/slow.jpg,a\npictures/red.png,b\n`,
	);
	const { code, stderr } = await run('edit', '--input', 'data.csv', '--timeout', '1');
	expect(stderr).toMatch(
		/000000 failed \(noInput\): An image to work from could not be loaded within the time/,
	);
	expect(code).toBe(1);
	expect(sent()).toEqual(['b: red']);
});
