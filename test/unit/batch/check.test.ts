import { checkBatches, systemClock, systemHost } from 'gemini-t2i/pool';
import { startServer } from '../../support/batchWorld';
import type { Reply } from '../../support/emulator/faults';

const host = () => ({
	...systemClock,
	...systemHost(new AbortController().signal),
	patienceMs: 20_000,
});
const lane = (baseUrl: string) => ({
	label: 'Endpoint 1 #1',
	endpoint: 'Endpoint 1',
	baseUrl,
	apiVersion: 'v1beta',
	key: 'AIzaSyOnlyForTests-0123456789_abcdefgh1',
});

test.each<[string, Reply, boolean | null]>([
	['an empty list', { status: 200, body: {} }, true],
	['404', { status: 404, body: {} }, false],
	['405', { status: 405, body: 'no' }, false],
	['503', { status: 503, body: 'busy' }, null],
	['429', { fixture: 'throttled-bare.json' }, null],
	['a page of a firewall', { fixture: 'guarded.html' }, null],
	['a welcome', { status: 200, body: { status: 'ok' } }, null],
])('whether a lane has a Batch API: %s', async (_, reply, has) => {
	const emulator = await startServer();
	emulator.faults.add({ match: { action: 'batchList' }, reply });
	expect(await checkBatches([lane(emulator.url)], host())).toEqual([has]);
});

test('no lane is waited for longer than its host has patience', async () => {
	const waits: number[] = [];
	const has = await checkBatches([lane('http://hangs.test')], {
		...host(),
		patienceMs: 1234,
		fetch: (_url, { signal }) =>
			new Promise((_resolve, reject) => {
				if (signal?.aborted) reject(signal.reason);
				signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
			}),
		async sleep(ms) {
			waits.push(ms);
		},
	});
	expect(has).toEqual([null]);
	expect(waits).toEqual([1234]);
});
