import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A PNG's head with a size, so that the bytes count as an image. */
const HEAD = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtl', 'base64');
/** And its last chunk: a picture without one was cut, as is one whose chunks do not follow each other. */
const END = Buffer.from('AAAAAElFTkSuQmCC', 'base64');

const bodies = new Map<number, Buffer>();

/** Replies that wait for the others of their group. */
const waiting: (() => void)[] = [];
/** What is held back of each. */
const TAIL = 1024;

/**
 * The model's name says what comes: `image-8-of-16` is a reply with an image of 8 MB, as Google writes it (indented,
 * chunked), whose end is held back until 16 such replies are there but for their ends. So all are in flight at once,
 * however fast either side is.
 */
const server = createServer((request, response) => {
	const [, megabytes, together] = /image-(\d+)-of-(\d+)/.exec(request.url!)!.map(Number);
	const body = bodies.get(megabytes!) ?? makeBody(megabytes!);
	bodies.set(megabytes!, body);
	request.resume();
	request.on('end', () => {
		response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
		response.write(body.subarray(0, -TAIL), () => {
			waiting.push(() => response.end(body.subarray(-TAIL)));
			if (waiting.length === together) for (const end of waiting.splice(0)) end();
		});
	});
});

function makeBody(megabytes: number): Buffer {
	const pixels = randomBytes(megabytes * 1024 * 1024);
	const chunk = Buffer.alloc(8);
	chunk.writeUInt32BE(pixels.length);
	chunk.write('IDAT', 4);
	const data = Buffer.concat([HEAD, chunk, pixels, Buffer.alloc(4), END]).toString('base64');
	const parts = [{ inlineData: { mimeType: 'image/png', data } }];
	const candidates = [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0 }];
	const usageMetadata = { promptTokenCount: 12, totalTokenCount: 1132 };
	return Buffer.from(JSON.stringify({ candidates, usageMetadata, modelVersion: 'm' }, null, 2));
}

process.stdin.resume().once('end', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
	console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
