import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiOptions, makeApi } from './api';
import type { EmulatedBatches } from './batchJobs';
import { type Faults, makeFaults } from './faults';
import { type LoggedRequest, logRequest, readBody, sentImage, startsPerWindow } from './log';
import { sendFlood } from './flood';
import { finish, send } from './send';
import { replyToWords } from './words';

export interface EmulatorOptions extends ApiOptions {
	/** Any free one where unset. */
	port?: number;
	/** `127.0.0.1` where unset. */
	host?: string;
	/** From a `generateContent` call to its reply. */
	latencyMs?: number;
	/** Called once each exchange has ended. */
	onEnded?: (request: LoggedRequest) => void;
}

export interface Emulator {
	/** `http://127.0.0.1:PORT`; a path before the version is accepted too, as proxies have one. */
	readonly url: string;
	/** Every request in order of arrival. */
	readonly requests: LoggedRequest[];
	/** The largest number of `generateContent` calls in progress at once. */
	readonly maxInFlight: number;
	readonly faults: Faults;
	readonly batches: EmulatedBatches;
	/** The largest number of `generateContent` calls that began within any `ms` milliseconds, of one key or of all. */
	startsPerWindow(ms: number, key?: string): number;
	/** Refuses connections from now on and ends those there are. */
	down(): Promise<void>;
	/** Listens again, on the same port. */
	up(): Promise<void>;
	/** Ends every socket, wait and timer. */
	close(): Promise<void>;
}

/**
 * A real HTTP server that stands in for Google's Gemini API: `POST /{version}/models/X:generateContent`,
 * `GET /{version}/models`, `GET /{version}/models/X`. It answers with pictures of the prompt's words, the same bytes
 * for the same prompt; when one prompt is asked again, its next picture bears its number. See `faults.ts` for what can
 * be made to go wrong, and `words.ts` for the same by words in the prompt.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	const { answerTo, batches } = makeApi(options);
	const requests: LoggedRequest[] = [];
	const faults = makeFaults();
	const prompts = new Set<string>();
	const brokenOnPurpose = new WeakSet<ServerResponse>();
	const open = new Set<ServerResponse>();
	const arrivals = new EventEmitter().setMaxListeners(0);
	let inFlight = 0;
	let maxInFlight = 0;

	const server = createServer((incoming, response) => {
		const request = logRequest(incoming, inFlight + 1);
		requests.push(request);
		if (request.action === 'generateContent') maxInFlight = Math.max(maxInFlight, ++inFlight);
		arrivals.emit('request');
		const gone = new AbortController();
		open.add(response);
		response.once('close', () => {
			open.delete(response);
			if (request.action === 'generateContent') inFlight--;
			request.closedByClient = !response.writableEnded && !brokenOnPurpose.has(response);
			request.ended = performance.now();
			gone.abort();
			options.onEnded?.(request);
		});
		serve(request, incoming, response, gone.signal).catch((reason: unknown) => {
			if (gone.signal.aborted || incoming.destroyed) return;
			response.socket?.destroy();
			throw reason;
		});
	});
	// A client's idle connection must not be closed in the moment it is used again.
	server.keepAliveTimeout = 600_000;

	async function serve(
		request: LoggedRequest,
		incoming: IncomingMessage,
		response: ServerResponse,
		signal: AbortSignal,
	): Promise<void> {
		await readBody(request, incoming);
		const known = prompts.has(request.prompt);
		prompts.add(request.prompt);
		const generating = request.action === 'generateContent';
		const reply =
			faults.replyTo(request) ?? (generating ? replyToWords(request.prompt, known) : null) ?? {};

		while (inFlight < (reply.gather ?? 0)) await once(arrivals, 'request', { signal });
		const latency = reply.delayMs ?? (generating ? (options.latencyMs ?? 0) : 0);
		if (reply.takesEffect) await answerTo(request, {});
		// Drawing takes time of its own, which is part of the latency.
		const [answer] = await Promise.all([
			reply.hang || reply.reset || reply.flood ? null : answerTo(request, reply),
			sleep(latency, undefined, { signal }),
		]);
		if (reply.reset || ['reset', 'length', 'chunked'].includes(reply.cut ?? ''))
			brokenOnPurpose.add(response);
		if (reply.reset) return void response.socket?.resetAndDestroy();
		if (reply.flood) return await sendFlood(response, reply.flood, signal);
		if (!answer) return void (await sleep(2 ** 31 - 1, undefined, { signal }));
		request.status = answer.status;
		request.images.push(...answer.images.map(sentImage));
		await send(response, answer, reply, signal);
		const cut = reply.cut !== undefined && reply.cut !== 'open' && reply.cutAt !== 'afterImage';
		request.delivered = answer.images.length > 0 && !cut;
		await finish(response, reply, signal);
	}

	const listen = (port: number) =>
		new Promise<void>((listening, failed) => {
			server.once('error', failed);
			server.listen(port, options.host ?? '127.0.0.1', listening);
		});
	const down = () =>
		new Promise<void>((closed) => {
			for (const response of open) brokenOnPurpose.add(response);
			server.close(() => closed());
			server.closeAllConnections();
		});

	await listen(options.port ?? 0);
	const { address, port } = server.address() as AddressInfo;
	return {
		url: `http://${address}:${port}`,
		requests,
		faults,
		batches,
		get maxInFlight() {
			return maxInFlight;
		},
		startsPerWindow: (ms, key) => startsPerWindow(requests, ms, key),
		down,
		up: () => listen(port),
		close: down,
	};
}
