import { n8nFetch } from '../../nodes/GeminiT2I/n8n/fetch';
import { type Emulator, startEmulator } from '../support/emulator/emulator';
import { type ForwardProxy, startForwardProxy } from '../support/forwardProxy';
import { callOnce } from '../support/httpCases';
import { credentialTestHelpers, nodeHelpers } from '../support/n8nHelpers';

let emulator: Emulator;
let proxy: ForwardProxy;
beforeAll(async () => {
	emulator = await startEmulator({ imageSizePx: 64 });
	proxy = await startForwardProxy();
	process.env['HTTP_PROXY'] = proxy.url;
});
afterAll(async () => {
	proxy.close();
	await emulator.close();
});

describe("n8n's proxy settings", () => {
	it('hold for images, streamed through the proxy', async () => {
		emulator.faults.add({ reply: { megabytes: 1 } });
		const outcome = await callOnce(emulator.url, { fetch: n8nFetch({ helpers: nodeHelpers() }) });
		expect(outcome.kind).toBe('images');
		expect(proxy.asked.at(-1)).toContain(':generateContent');
	});

	it("hold for a credential's test", async () => {
		const url = `${emulator.url}/v1beta/models?pageSize=1`;
		const fetch = n8nFetch({ helpers: credentialTestHelpers() });
		const { status } = await fetch(url, { headers: { 'x-goog-api-key': 'k' } });
		expect(status).toBe(200);
		expect(proxy.asked.at(-1)).toBe(url);
	});

	it('hold for aborts: the socket at the endpoint ends', async () => {
		const fetch = n8nFetch({ helpers: nodeHelpers() });
		const before = emulator.requests.length;
		emulator.faults.clear();
		emulator.faults.add({ reply: { hang: true } });
		const outcome = await callOnce(emulator.url, { fetch, signal: AbortSignal.timeout(200) });
		expect(outcome.kind).toBe('aborted');
		const hanging = emulator.requests[before]!;
		while (hanging.ended === null) await new Promise((resolve) => setTimeout(resolve, 10));
		expect(hanging.closedByClient).toBe(true);
	});

	it('name a dead proxy as unreachable', async () => {
		process.env['HTTP_PROXY'] = 'http://127.0.0.1:9';
		const outcome = await callOnce(emulator.url, { fetch: n8nFetch({ helpers: nodeHelpers() }) });
		expect(outcome.kind).toBe('unreachable');
	});
});
