import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import * as zlib from 'node:zlib';
import { connectGemini } from '../../core/src/call/gemini';
import { resolveRequest } from '../../core/src/models/resolve';
import type { Image } from '../../core/src/image/image';
import { createRegistry } from '../../core/src/pool/registry';
import { parsePoolSettings } from '../../core/src/settings/parse';

/** What servers answered somewhere, and what must come of it. The files in `wire/` are such cases. */
export interface WireCase {
	readonly expectation: string;
	readonly endpoints: readonly WireEndpoint[];
	/** One item where unset. */
	readonly items?: readonly { readonly model?: string }[];
	readonly maxRetries?: number;
	/** All items at once; one after another where unset. */
	readonly parallel?: boolean;
	readonly concurrency?: number;
	/** Waits are so many times shorter. */
	readonly timeScale?: number;
	/** Milliseconds after which the execution is stopped. */
	readonly giveUpAfterMs?: number;
	readonly random?: number;
	/** JavaScript over `o`, the outcomes, and `calls`. */
	readonly check: string;
}

interface WireEndpoint {
	/** Answers in turn; the last one stays. */
	readonly replies?: readonly WireReply[];
	readonly repliesByKey?: Readonly<Record<string, readonly WireReply[]>>;
	readonly keys?: readonly string[];
}

/** `ok` is a usual image. `{{PNG}}` in a text stands for base64 of a small one. */
type WireReply = 'ok' | WrittenReply;

interface WrittenReply {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly json?: unknown;
	readonly body?: string;
	readonly chunks?: readonly { readonly text: string; readonly afterMs?: number }[];
	readonly bom?: boolean;
	readonly encode?: 'gzipSync' | 'deflateSync' | 'brotliCompressSync';
}

/** How one image came out. */
interface WireOutcome {
	readonly status: string;
	readonly code: string;
	readonly message: string;
	readonly text: string;
	readonly cost: number | null;
	readonly ms: number;
	readonly images: readonly Pick<Image, 'width' | 'height' | 'mimeType'>[];
	/** Such as `Endpoint 1 #1 throttled 429 hint 21599960`. */
	readonly attempts: readonly string[];
}

interface WireCall {
	/** Milliseconds after the start. */
	readonly at: number;
	readonly endpoint: string;
	readonly key: string;
}

const SMALL_PNG =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';

const OK: WrittenReply = {
	json: {
		candidates: [
			{
				content: { parts: [{ inlineData: { mimeType: 'image/png', data: SMALL_PNG } }] },
				finishReason: 'STOP',
			},
		],
		usageMetadata: {
			promptTokenCount: 9,
			candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1120 }],
		},
	},
};

/** Plays a case through a real pool over real HTTP; answers what came of it, and whether the check holds. */
export async function playWire(wireCase: WireCase) {
	const startedAt = performance.now();
	const calls: WireCall[] = [];
	const servers = await Promise.all(
		wireCase.endpoints.map((endpoint, index) =>
			serve(endpoint, (key) =>
				calls.push({ at: performance.now() - startedAt, endpoint: `Endpoint ${index + 1}`, key }),
			),
		),
	);
	try {
		return await play(wireCase, servers, calls);
	} finally {
		await Promise.all(servers.map(({ close }) => close()));
	}
}

async function play(
	{ endpoints, items = [{}], parallel = false, timeScale = 1, ...wireCase }: WireCase,
	servers: readonly { readonly url: string }[],
	calls: readonly WireCall[],
) {
	const clock = {
		now: () => performance.now() * timeScale,
		wallClock: () => Date.now(),
		random: () => wireCase.random ?? Math.random(),
	};
	const settings = parsePoolSettings({
		endpoints: endpoints.map(({ keys, repliesByKey }, index) => ({
			name: `Endpoint ${index + 1}`,
			apiKeys: (keys ?? Object.keys(repliesByKey ?? { [`key-of-endpoint-${index + 1}`]: 1 })).join(
				'\n',
			),
			baseUrl: servers[index]!.url,
		})),
	});
	const pool = createRegistry(clock, connectGemini).open('wire', settings);
	const stop = new AbortController();
	const timer = setTimeout(() => stop.abort(), wireCase.giveUpAfterMs ?? 30_000);
	const tenant = pool.join({
		fetch: (url, init) => fetch(url, init),
		sleep: (ms, signal) => sleep(ms / timeScale, undefined, signal ? { signal } : {}),
		signal: stop.signal,
		concurrency: wireCase.concurrency ?? 16,
		timeoutMs: 300_000,
		maxRetries: wireCase.maxRetries ?? 0,
		retryDelayMs: 1000,
		stopStartingAt: null,
		stopOnFailure: false,
		budget: null,
	});
	const draw = async (
		{ model = 'gemini-nano-banana-2.1' },
		index: number,
	): Promise<WireOutcome> => {
		const enteredAt = performance.now();
		const drawn = await tenant.draw(
			resolveRequest({ model, prompt: `picture ${index}` }),
			async () => undefined,
		);
		const { account, ...rest } = drawn.status === 'ok' ? { ...drawn.made, status: 'ok' } : drawn;
		return {
			status: drawn.status,
			code: drawn.status === 'ok' ? '' : drawn.code,
			message: drawn.status === 'ok' ? '' : drawn.message,
			text: 'text' in rest ? rest.text : '',
			cost: account.costUsd,
			ms: performance.now() - enteredAt,
			images: 'images' in rest ? rest.images : [],
			attempts: account.attempts.map(
				({ lane, outcome, status, hintMs }) =>
					`${lane} ${outcome} ${status}${hintMs === null ? '' : ` hint ${hintMs}`}`,
			),
		};
	};
	try {
		const outcomes: WireOutcome[] = [];
		if (parallel) outcomes.push(...(await Promise.all(items.map(draw))));
		else for (const [index, item] of items.entries()) outcomes.push(await draw(item, index));
		const holds: unknown = runInNewContext(wireCase.check, { o: outcomes, calls });
		return { outcomes, calls, holds };
	} finally {
		clearTimeout(timer);
		tenant.leave();
	}
}

async function serve(endpoint: WireEndpoint, onCall: (key: string) => void) {
	const asked = new Map<string, number>();
	const server = createServer((request, response) => {
		const key = String(request.headers['x-goog-api-key']);
		onCall(key);
		const replies = endpoint.repliesByKey?.[key] ?? endpoint.replies ?? ['ok'];
		const turn = endpoint.repliesByKey ? key : '';
		const nth = asked.get(turn) ?? 0;
		asked.set(turn, nth + 1);
		const reply = replies[Math.min(nth, replies.length - 1)]!;
		void answer(request, response, reply === 'ok' ? OK : reply);
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		close: () =>
			new Promise<void>((closed) => {
				server.close(() => closed());
				server.closeAllConnections();
			}),
	};
}

async function answer(request: IncomingMessage, response: ServerResponse, reply: WrittenReply) {
	await request.toArray();
	const { status = 200, headers, json, body, chunks, bom = false, encode } = reply;
	const filled = (text: string) => (bom ? '\ufeff' : '') + text.replaceAll('{{PNG}}', SMALL_PNG);
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	if (chunks) {
		for (const { text, afterMs = 0 } of chunks) {
			await sleep(afterMs);
			response.write(filled(text));
		}
		response.end();
		return;
	}
	const bytes = Buffer.from(filled(body ?? JSON.stringify(json)));
	response.end(encode ? zlib[encode](bytes) : bytes);
}
