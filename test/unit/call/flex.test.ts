import { connectGemini } from '../../../core/src/call/gemini';
import { costUsd } from '../../../core/src/models/cost';
import { RequestInvalid, resolveRequest } from '../../../core/src/models/resolve';
import { systemHost } from '../../../core/src/system';
import { type Emulator, startEmulator } from '../../support/emulator/emulator';
import type { Reply } from '../../support/emulator/faults';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({ imageSizePx: 16 });
});
afterEach(() => emulator.faults.clear());
afterAll(() => emulator.close());

const PRO = 'gemini-3-pro-image';
const request = (more: object = {}) =>
	resolveRequest({ model: PRO, prompt: 'a cat', serviceTier: 'flex', ...more });

function call(wanted = request(), timeoutMs?: number) {
	const address = {
		label: 'L',
		endpoint: 'E',
		baseUrl: emulator.url,
		apiVersion: 'v1beta',
		key: 'k',
	};
	const host = systemHost(new AbortController().signal);
	return connectGemini(address, { wallClock: Date.now }).call(wanted, {
		...host,
		...(timeoutMs !== undefined && { timeoutMs }),
	});
}

test('flex is sent with the time that the call has, and costs half', async () => {
	const outcome = await call(request(), 900_000);
	expect(emulator.requests.at(-1)).toMatchObject({
		body: { serviceTier: 'flex' },
		headers: { 'x-server-timeout': '900' },
	});
	expect(outcome.kind).toBe('images');
	expect(costUsd(request(), outcome.usage, 1)).toBeCloseTo(0.134 / 2, 3);
});

test('the standard tier is sent as nothing', async () => {
	await call(request({ serviceTier: 'standard' }), 300_000);
	const { body, headers } = emulator.requests.at(-1)!;
	expect([body.serviceTier, headers['x-server-timeout']]).toEqual([undefined, undefined]);
});

test.each(['gemini-nano-banana-2.1', 'gemini-3.1-flash-lite-image'])(
	'%s has no flex: it is refused before any call',
	(model) => {
		expect(() => request({ model })).toThrow(RequestInvalid);
		expect(() => request({ model })).toThrow(/no service tier Flex.*gemini-3-pro-image/);
	},
);

const UNAVAILABLE = { error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } };

test.each<[string, Reply, object]>([
	['a 503', { status: 503, body: UNAVAILABLE }, { kind: 'throttled', perModel: true }],
	['a 429', { fixture: 'throttled-bare.json' }, { kind: 'throttled', perModel: true }],
	['a 500', { status: 500, body: UNAVAILABLE }, { kind: 'serverFault' }],
	['a daily quota', { fixture: 'daily-quota.json' }, { kind: 'dailyQuota' }],
])('%s of flex', async (_name, reply, expected) => {
	emulator.faults.add({ reply });
	expect(await call()).toMatchObject(expected);
	expect((await call(request({ serviceTier: 'standard' }))).kind).not.toBe('images');
});
