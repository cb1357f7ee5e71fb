import { runInNewContext } from 'node:vm';
import { sleep } from 'n8n-workflow';
import { bundleNode } from '../../build/bundle';
import { thirdPartyLicences } from '../../build/licences';
import { clearTimeout, setTimeout } from '../../build/timers';
import { startEmulator } from '../support/emulator/emulator';

test('what n8n loads requires nothing beyond what n8n Cloud allows, and is readable', async () => {
	const { metafile, outputFiles } = await bundleNode({ write: false });
	const required = Object.values(metafile!.outputs).flatMap(({ imports }) =>
		imports.map(({ path }) => path),
	);
	expect([...new Set(required)].sort()).toEqual(['./running.js', 'n8n-workflow', 'node:crypto']);
	for (const { text } of outputFiles!)
		expect(text.split('\n').length).toBeGreaterThan(text.length / 100);

	const licences = await thirdPartyLicences([metafile]);
	for (const name of ['@google/genai', 'p-limit', 'limiter', 'image-size'])
		expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
	expect(licences).not.toMatch(/n8n-workflow/);
});

test('what n8n loads at its start holds no library: that waits for the first execution', async () => {
	const { metafile } = await bundleNode({ write: false });
	const bundled = Object.entries(metafile!.outputs)
		.filter(([output]) => !output.endsWith('running.js'))
		.flatMap(([, { inputs }]) => Object.entries(inputs))
		.filter(([, { bytesInOutput }]) => bytesInOutput > 0)
		.map(([input]) => input);
	expect(bundled).toContain('nodes/GeminiT2I/GeminiT2I.node.ts');
	expect(bundled.filter((input) => /node_modules|core\/src\/(call|pool)/.test(input))).toEqual([]);
});

test('bundled libraries do their work without process, timers and console', async () => {
	const { outputFiles } = await bundleNode({
		write: false,
		entryPoints: undefined,
		stdin: {
			contents: `
				export { GoogleGenAI } from '@google/genai/web';
				export { RateLimiter } from 'limiter';
				export { default as pLimit } from 'p-limit';`,
			resolveDir: `${__dirname}/../../core`,
		},
	});
	const module: { exports: Record<string, any> } = { exports: {} };
	runInNewContext(outputFiles![0]!.text, {
		...{ module, require: () => ({ sleep }) },
		...{ fetch, Headers, Request, Response, AbortController, URL, URLSearchParams, performance },
		...{ Buffer, TextEncoder, TextDecoder, Blob, FormData, ReadableStream, TransformStream },
		...{ console: undefined, setTimeout: undefined, process: undefined },
	});
	const { GoogleGenAI, RateLimiter, pLimit } = module.exports;

	const emulator = await startEmulator({ imageSizePx: 16 });
	try {
		const client = new GoogleGenAI({
			apiKey: 'k',
			apiVersion: 'v1beta',
			vertexai: false,
			httpOptions: { baseUrl: emulator.url },
		});
		const ask = { model: 'gemini-nano-banana-2.1', contents: 'a cat' };
		const { candidates } = await pLimit(1)(() => client.models.generateContent(ask));
		expect(candidates[0].content.parts[0].inlineData.mimeType).toBe('image/png');
		expect(emulator.requests[0]!.status).toBe(200);
	} finally {
		await emulator.close();
	}
	const limiter = new RateLimiter({ tokensPerInterval: 1, interval: 60_000 });
	expect([limiter.tryRemoveTokens(1), limiter.tryRemoveTokens(1)]).toEqual([true, false]);
});

test('a stand-in timer rings once with its arguments, and not after it was cleared', async () => {
	const rung: string[] = [];
	setTimeout((name: string) => rung.push(name), 5, 'kept');
	clearTimeout(setTimeout((name: string) => rung.push(name), 5, 'cleared'));
	clearTimeout(undefined);
	await new Promise<void>((ring) => setTimeout(ring, 50));
	expect(rung).toEqual(['kept']);
});
