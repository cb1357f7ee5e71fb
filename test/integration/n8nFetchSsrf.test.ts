import { n8nFetch } from '../../nodes/GeminiT2I/n8n/fetch';
import { type Emulator, startEmulator } from '../support/emulator/emulator';
import { callOnce } from '../support/httpCases';
import { credentialTestHelpers, nodeHelpers } from '../support/n8nHelpers';

let emulator: Emulator;
beforeAll(async () => {
	// Loopback as a whole is blocked by default; one address of it stands for the world outside.
	process.env['N8N_SSRF_PROTECTION_ENABLED'] = 'true';
	process.env['N8N_SSRF_ALLOWED_IP_RANGES'] = '127.0.0.5/32';
	emulator = await startEmulator({ imageSizePx: 64, host: '0.0.0.0' });
});
afterAll(() => emulator.close());

const at = (host: string) => `http://${host}:${new URL(emulator.url).port}`;

describe('with N8N_SSRF_PROTECTION_ENABLED', () => {
	it('lets an allowed address through', async () => {
		const fetch = n8nFetch({ helpers: nodeHelpers() });
		expect((await callOnce(at('127.0.0.5'), { fetch })).kind).toBe('images');
	});

	it.each(['127.0.0.1', 'localhost', '[::1]'])('does not reach %s', async (host) => {
		const before = emulator.requests.length;
		const fetch = n8nFetch({ helpers: nodeHelpers() });
		const outcome = await callOnce(at(host), { fetch });
		expect(outcome).toMatchObject({
			kind: 'unreachable',
			message: expect.stringContaining('blocked'),
		});
		expect(emulator.requests.length).toBe(before);
	});

	it("does not reach it for a credential's test either", async () => {
		const fetch = n8nFetch({ helpers: credentialTestHelpers() });
		await expect(fetch(`${at('127.0.0.1')}/v1beta/models`)).rejects.toThrow('blocked');
	});

	it('does not follow a redirect to a blocked address', async () => {
		const before = emulator.requests.length;
		emulator.faults.add({ reply: { redirect: `${at('127.0.0.1')}/v1beta/models` } });
		const fetch = n8nFetch({ helpers: nodeHelpers() });
		expect((await callOnce(at('127.0.0.5'), { fetch })).kind).toBe('wrongUrl');
		expect(emulator.requests.length).toBe(before + 1);
	});
});
