import {
	again,
	HOUR_MS,
	rowsOf,
	startProcess,
	startServer,
	told,
	type Row,
	type Saved,
} from '../../support/batchWorld';
import type { Fate } from '../../../core/src/batch/batches';
import type { Reply } from '../../support/emulator/faults';
import { seeded } from '../../support/poolWorld';

const UNAVAILABLE = { error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } };
const LOST: Reply = { takesEffect: true, reset: true };
const BUSY: Reply = { status: 503, body: UNAVAILABLE };

/** Faults of every call, by chance; each process may be killed at any call. */
describe.each([1, 2, 3, 4, 5, 6])('a storm over 65 rows, seed %i', (seed) => {
	test('nothing is paid twice, nothing that Google has is lost, every row comes out', async () => {
		const random = seeded(seed);
		const emulator = await startServer({
			batch: { mostOpen: 2, projects: { one: 'a', two: 'a', other: 'b' } },
		});
		const mix = [
			{ probability: 0.15, reply: LOST },
			{ probability: 0.15, reply: BUSY },
			{ probability: 0.05, reply: { status: 504, body: '<html>' } },
		];
		emulator.faults.add({ match: { action: 'batchCreate' }, reply: { chaos: { seed, mix } } });
		emulator.faults.add({
			match: { action: 'batchList' },
			reply: { chaos: { seed, mix: [{ probability: 0.2, reply: BUSY }] } },
		});
		const broken: Reply = { cut: 'length', cutAt: 0.4 };
		emulator.faults.add({
			match: { action: 'batchGet' },
			reply: { chaos: { seed, mix: [...mix.slice(1), { probability: 0.2, reply: broken }] } },
		});
		const fates = ['BATCH_STATE_FAILED', 'BATCH_STATE_EXPIRED', 'BATCH_STATE_CANCELLED'] as const;
		emulator.batches.fateOf = () =>
			random() < 0.2 ? fates[Math.floor(random() * 3)]! : 'BATCH_STATE_SUCCEEDED';

		const endpoints = [{ baseUrl: emulator.url, apiKeys: 'one\ntwo\nother' }];
		let rows: Row[] = rowsOf(65);
		const ended = new Map<string, Fate<Saved>>();
		let pass = startProcess(endpoints);
		for (let passes = 0; rows.length > 0; passes += 1) {
			expect(passes).toBeLessThan(80);
			// A process that is killed forgets all; the rows come back with the tickets that were written down.
			const killed = new AbortController();
			let calls = 0;
			const dies = random() < 0.2 ? Math.floor(random() * 8) : Infinity;
			const seen = await pass(rows, {
				signal: killed.signal,
				fetch: async (url, init) => {
					if (calls++ === dies) killed.abort();
					return await fetch(url, init as RequestInit);
				},
			}).catch(() => null);
			emulator.batches.turn(random() * 25 * HOUR_MS);
			if (seen === null) {
				pass = startProcess(endpoints);
				continue;
			}
			for (const [place, fate] of seen.entries()) {
				if (fate.status === 'ended') ended.set(rows[place]!.prompt, fate);
			}
			rows = again(rows, seen).filter((_, place) => seen[place]!.status === 'pending');
		}
		const outcomes = [...ended.values()].flatMap((fate) => told([fate]));
		expect(outcomes).toHaveLength(65);
		const images = outcomes.filter((outcome) => outcome.startsWith('ok'));
		const over = outcomes.filter((outcome) => !outcome.startsWith('ok'));
		expect(new Set(images).size).toBe(images.length);
		expect(over.every((outcome) => /batch(Failed|Expired|Cancelled)/.test(outcome))).toBe(true);
		// What was paid for: each image of a job that came to its end. None of it twice, and all of it is there.
		const paid = emulator.batches.jobs
			.filter(({ state }) => state === 'BATCH_STATE_SUCCEEDED')
			.flatMap(({ requests }) => requests.map(({ request }) => request.contents[0].parts[0].text));
		expect(new Set(paid).size).toBe(paid.length);
		expect(paid.map((prompt) => `ok ${prompt}`).sort()).toEqual([...images].sort());
	});
});
