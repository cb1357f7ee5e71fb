import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { n8nFetch } from '../../nodes/GeminiT2I/n8n/fetch';
import { type Emulator, startEmulator } from '../support/emulator/emulator';
import { FLOODS } from '../support/emulator/flood';
import { callOnce, HTTP_CASES, KEY, unreachable, viaFor } from '../support/httpCases';
import { credentialTestHelpers, nodeHelpers } from '../support/n8nHelpers';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({ imageSizePx: 64 });
});
afterAll(() => emulator.close());
afterEach(() => {
	emulator.faults.clear();
	emulator.requests.length = 0;
});

const fetch = n8nFetch({ helpers: nodeHelpers() });

describe("n8n's client as fetch", () => {
	it.each(HTTP_CASES)(
		'classifies $name',
		async (httpCase) => {
			const { reply, kind } = httpCase;
			emulator.faults.add({ reply });
			const outcome = await callOnce(emulator.url, viaFor(httpCase, fetch));
			expect(outcome.kind).toBe(kind);
			expect(JSON.stringify(outcome)).not.toContain(KEY);
		},
		30_000,
	);

	it.each(unreachable('1'))('cannot reach %s', async (_name, url) => {
		const { port } = new URL(emulator.url);
		const outcome = await callOnce(url.replace(/:1$/, `:${port}`), { fetch });
		expect(outcome).toMatchObject({ kind: 'unreachable', status: null });
	});

	it.each(['hang', 'body'])('ends the socket when aborted (%s)', async (when) => {
		const closed = new Promise((resolve) => {
			emulator.faults.add({
				reply: when === 'hang' ? { hang: true } : { cut: 'hang', megabytes: 1 },
			});
			const poll = setInterval(() => {
				if (emulator.requests[0]?.closedByClient !== true) return;
				clearInterval(poll);
				resolve(true);
			}, 10);
		});
		await callOnce(emulator.url, { fetch, signal: AbortSignal.timeout(200) });
		expect(await closed).toBe(true);
	});

	it('sends the key, the body and its type, and asks for no compression', async () => {
		await callOnce(emulator.url, { fetch }, 'a cat');
		const { headers, body } = emulator.requests[0]!;
		expect(headers['x-goog-api-key']).toBe(KEY);
		expect(headers['content-type']).toBe('application/json');
		expect(headers['accept-encoding']).toBe('identity');
		expect(body.contents[0].parts).toEqual([{ text: 'a cat' }]);
	});

	it('follows a redirect within the origin with the same method and body', async () => {
		emulator.faults.add({
			times: 1,
			reply: { redirect: '/moved/v1beta/models/gemini-nano-banana-2.1:generateContent' },
		});
		expect((await callOnce(emulator.url, { fetch })).kind).toBe('images');
		expect(emulator.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
	});

	it('hands over a body while it arrives', async () => {
		emulator.faults.add({ reply: { cut: 'hang', megabytes: 1 } });
		const response = await fetch(
			`${emulator.url}/v1beta/models/gemini-nano-banana-2.1:generateContent`,
			{
				method: 'POST',
				headers: { 'x-goog-api-key': 'k', 'content-type': 'application/json' },
				body: JSON.stringify({ contents: [{ parts: [{ text: 'a cat' }] }] }),
			},
		);
		const reader = response.body!.getReader();
		expect((await reader.read()).value!.length).toBeGreaterThan(0);
		await reader.cancel();
	});

	it("outlives n8n's own timeout", async () => {
		// 300 s in earnest.
		axios.defaults.timeout = 100;
		emulator.faults.add({ reply: { delayMs: 400 } });
		expect((await callOnce(emulator.url, { fetch })).kind).toBe('images');
	});

	it("works with the client a credential's test is given", async () => {
		const older = n8nFetch({ helpers: credentialTestHelpers() });
		const response = await older(`${emulator.url}/v1beta/models?pageSize=1`, {
			headers: { 'x-goog-api-key': 'k' },
		});
		expect(response.status).toBe(200);
		expect(await response.json()).toHaveProperty('models');
		const refused = await older(`${emulator.url}/v1beta/models`, { headers: {} });
		expect(refused.status).toBeGreaterThanOrEqual(400);
	});

	it("hangs up on an answer without end, with the client a credential's test is given", async () => {
		const reply = { flood: FLOODS['endless-page']! };
		emulator.faults.add({ match: { action: 'models' }, reply });
		const older = n8nFetch({ helpers: credentialTestHelpers() });
		const response = await older(`${emulator.url}/v1beta/models?pageSize=1`, {
			headers: { 'x-goog-api-key': 'k' },
		});
		const reader = response.body!.getReader();
		expect((await reader.read()).value!.length).toBeGreaterThan(0);
		await reader.cancel();
		for (const [request] = emulator.requests; !request!.closedByClient;) await sleep(10);
	});
});
