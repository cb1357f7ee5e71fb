import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { GoogleGenAI } from '@google/genai/web';
import { connectGemini, type Fetch, resolveRequest, systemHost } from '../../core/src/index.pool';
import { n8nFetch } from '../../nodes/GeminiT2I/n8n/fetch';

/** What one process saw. */
export interface Measured {
	/** Median of single calls; 0 with several in flight. */
	readonly lastByteMs: number;
	readonly baseMb: number;
	readonly peakMb: number;
	readonly stallMs: number;
	readonly totalMs: number;
}

const [, , url = '', variant = '', megabytes = '', inFlight = ''] = process.argv;
const bytes = Number(megabytes) * 1024 * 1024;

let lastByteAt = 0;
subscribe('undici:request:trailers', () => {
	lastByteAt = performance.now();
});

/** Asks for an image by the model's name, which tells the server what to send. */
type Call = (model: string) => Promise<Buffer>;

const callOf: Readonly<Record<string, () => Call>> = {
	'plain SDK': () => {
		const client = new GoogleGenAI({
			apiKey: 'k',
			apiVersion: 'v1beta',
			httpOptions: { baseUrl: url },
		});
		return async (model) => {
			const config = { automaticContinuation: false };
			const reply = await client.models.generateContent({ model, contents: 'a cat', config });
			const { data } = reply.candidates![0]!.content!.parts![0]!.inlineData!;
			return Buffer.from(data!, 'base64');
		};
	},
	this: () => ours(fetch),
	"this, n8n's client": () => {
		require('reflect-metadata');
		const {
			getRequestHelperFunctions,
		} = require('n8n-core/dist/execution-engine/node-execution-context/utils/request-helper-functions');
		return ours(n8nFetch({ helpers: getRequestHelperFunctions({}, { name: 'bench' }, {}) }));
	},
	'bare decode': () => {
		const text = Buffer.alloc(bytes, 'k').toString('base64');
		return async () => {
			lastByteAt = performance.now();
			return Buffer.from(text, 'base64');
		};
	},
};

function ours(through: typeof fetch): Call {
	const address = { label: 'L', endpoint: 'E', baseUrl: url, apiVersion: 'v1beta', key: 'k' };
	const client = connectGemini(address, { wallClock: Date.now });
	const timed: Fetch = async (...args) => {
		const response = await through(...args);
		return through === fetch ? response : noteLastByte(response);
	};
	return async (model) => {
		const request = resolveRequest({ model, prompt: 'a cat' });
		const host = systemHost(new AbortController().signal);
		const outcome = await client.call(request, { ...host, fetch: timed });
		if (outcome.kind !== 'images') throw new Error(outcome.kind);
		return outcome.images[0].data;
	};
}

/** n8n's client is no undici: there the last byte is the last chunk. */
function noteLastByte(response: Response): Response {
	const noted = response.body!.pipeThrough(
		new TransformStream({
			transform(chunk, controller) {
				lastByteAt = performance.now();
				controller.enqueue(chunk);
			},
		}),
	);
	return new Response(noted, response);
}

/** From the kernel's own account of this process, in MB. */
const kernelMb = (file: string, line: string) =>
	Number(new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync(`/proc/self/${file}`, 'utf8'))![1]) /
	1024;
const forgetPeak = () => writeFileSync('/proc/self/clear_refs', '5');

async function main(): Promise<Measured> {
	const call = callOf[variant]!();
	const many = Number(inFlight);
	// What any first call costs (modules, compiled code, a connection) is not what is asked here.
	for (let again = 0; again < 3; again += 1) await call(`image-${megabytes}-of-1`);
	gc!();
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	await sleep(100);
	delay.reset();
	forgetPeak();
	const baseMb = kernelMb('smaps_rollup', 'Rss');
	const startedAt = performance.now();
	await Promise.all(
		Array.from({ length: many }, async () => {
			const image = await call(`image-${megabytes}-of-${many}`);
			if (image.length < bytes) throw new Error('incomplete');
		}),
	);
	const totalMs = performance.now() - startedAt;
	const peakMb = kernelMb('status', 'VmHWM');
	await sleep(10);
	const stallMs = delay.max / 1e6;
	const lastByteMs = many === 1 ? await medianLastByteMs(call) : 0;
	return { lastByteMs, baseMb, peakMb, stallMs, totalMs };
}

async function medianLastByteMs(call: Call): Promise<number> {
	const all: number[] = [];
	for (let again = 0; again < 21; again += 1) {
		await call(`image-${megabytes}-of-1`);
		all.push(performance.now() - lastByteAt);
	}
	return all.sort((one, other) => one - other)[10]!;
}

main().then((measured) => {
	console.log(JSON.stringify(measured));
	process.exit(0);
});
