import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Answer } from './answer';
import type { Reply } from './faults';

/**
 * Sends an answer as far as the reply says: whole or cut, dripping, compressed. `finish` is what follows. Rejects once
 * `signal` is aborted.
 */
export async function send(
	response: ServerResponse,
	answer: Answer,
	reply: Reply,
	signal: AbortSignal,
): Promise<void> {
	const text = bodyText(answer.body, reply.pretty ?? true);
	const plain = Buffer.from(text);
	const bytes = reply.gzip ? gzipSync(plain) : plain;
	const isShort = reply.cut !== undefined && reply.cut !== 'open';
	const sent = isShort ? bytes.subarray(0, cutAt(text, reply, bytes.length)) : bytes;
	response.writeHead(answer.status, {
		'content-type': 'application/json; charset=UTF-8',
		...(reply.gzip && { 'content-encoding': 'gzip' }),
		...(!['end', 'chunked', 'open'].includes(reply.cut ?? '') && {
			'content-length': bytes.length,
		}),
		...answer.headers,
		...reply.headers,
	});
	await write(response, sent, reply.drip, signal);
}

/** Ends what was sent the way the reply says. Rejects once `signal` is aborted. */
export async function finish(
	response: ServerResponse,
	reply: Reply,
	signal: AbortSignal,
): Promise<void> {
	if (!reply.cut || reply.cut === 'end') response.end();
	else if (reply.cut === 'hang' || reply.cut === 'open')
		await sleep(2 ** 31 - 1, undefined, { signal });
	// A reset discards what the other side has not read yet, even on a busy machine: give it time.
	else if (reply.cut === 'reset') {
		await sleep(500, undefined, { signal });
		response.socket?.resetAndDestroy();
	} else response.socket?.end();
}

function bodyText(body: unknown, pretty: boolean): string {
	if (typeof body === 'string') return body;
	return pretty ? JSON.stringify(body, null, 2) : JSON.stringify(body);
}

/** The byte at which a cut body stops. */
function cutAt(text: string, { cutAt: at = 0.5 }: Reply, length: number): number {
	if (at !== 'afterImage') return Math.floor(length * at);
	const data = text.indexOf('"', text.indexOf('"data":') + 7) + 1;
	return Buffer.byteLength(text.slice(0, text.indexOf('"', data) + 1));
}

async function write(
	response: ServerResponse,
	bytes: Buffer,
	drip: Reply['drip'],
	signal: AbortSignal,
): Promise<void> {
	const step = drip?.bytes ?? bytes.length;
	for (let at = 0; at < bytes.length; at += step) {
		if (at > 0) await sleep(drip!.everyMs, undefined, { signal });
		await new Promise<void>((written) =>
			response.write(bytes.subarray(at, at + step), () => written()),
		);
		signal.throwIfAborted();
	}
}
