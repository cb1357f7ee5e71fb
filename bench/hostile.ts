/**
 * What does a reply without end, or one that is packed to burst, take of memory and of the event loop?
 * Run: npx tsx --expose-gc bench/hostile.ts
 *
 * Each row is one reply of `test/support/emulator/flood.ts`, from another process: how far the process that asks rose above
 * its rest, and for how long at most nothing else could run in it. The limits are 100 MB and 100 ms.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLanes } from '../core/src/call/check';
import { listModels } from '../core/src/call/models';
import { connectGemini } from '../core/src/call/gemini';
import { resolveRequest } from '../core/src/models/resolve';
import { systemClock, systemHost } from '../core/src/system';
import { startEmulator } from '../test/support/emulator/emulator';
import { FLOODS } from '../test/support/emulator/flood';

const MB = 1024 * 1024;
const PATIENCE_MS = 20_000;

async function serve() {
	const emulator = await startEmulator({ imageSizePx: 64 });
	for (const [word, flood] of Object.entries(FLOODS)) {
		emulator.faults.add({ match: { action: 'models', key: word }, reply: { flood } });
	}
	process.send?.(emulator.url);
}

/** What one call takes of the process, and what came of it. */
async function measured(ask: () => Promise<string>) {
	globalThis.gc?.();
	await sleep(50);
	const rest = process.memoryUsage().rss;
	const delay = monitorEventLoopDelay({ resolution: 1 });
	let peak = rest;
	const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 2);
	delay.enable();
	const startedAt = performance.now();
	const came = await ask();
	const ms = performance.now() - startedAt;
	await sleep(5);
	delay.disable();
	clearInterval(sampling);
	return {
		'peak, MB': Math.round((peak - rest) / MB),
		'held, ms': Math.round(delay.max / 1e6),
		'over after, ms': Math.round(ms),
		came,
	};
}

async function main() {
	const server = fork(__filename, ['serve'], { execArgv: process.execArgv });
	const [baseUrl] = (await once(server, 'message')) as [string];
	const host = systemHost(new AbortController().signal);
	const address = (key: string) => ({
		label: 'Endpoint 1',
		endpoint: 'Endpoint 1',
		baseUrl,
		apiVersion: 'v1beta',
		key,
	});
	const asking = { ...systemClock, ...host, patienceMs: PATIENCE_MS };
	const generate = async (word: string) => {
		const { signal } = new AbortController();
		const request = resolveRequest({ model: 'gemini-nano-banana-2.1', prompt: `a cup [${word}]` });
		const outcome = await connectGemini(address('key-of-the-bench'), systemClock).call(request, {
			...host,
			signal,
		});
		return `${outcome.kind} ${'message' in outcome ? outcome.message.slice(0, 60) : ''}`;
	};
	await generate('none');
	const rows = [];
	for (const word of Object.keys(FLOODS)) {
		rows.push({ reply: word, asker: 'generate', ...(await measured(() => generate(word))) });
		const [checked, listed] = [
			await measured(async () => String((await checkLanes([address(word)], asking))[0]?.ok)),
			await measured(async () =>
				String((await listModels([address(word)], asking))?.length ?? 'none'),
			),
		];
		rows.push(
			{ reply: word, asker: 'check', ...checked },
			{ reply: word, asker: 'list', ...listed },
		);
	}
	console.table(rows);
	server.kill();
}

void (process.argv.includes('serve') ? serve() : main());
