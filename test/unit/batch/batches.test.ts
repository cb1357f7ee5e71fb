import { systemClock } from '../../../core/src/system';
import {
	again,
	countOf,
	HOUR_MS,
	messagesOf,
	rowsOf,
	startProcess,
	startServer,
	told,
	type Row,
} from '../../support/batchWorld';
import type { Reply } from '../../support/emulator/faults';

const BUSY: Reply = { status: 503, body: 'busy' };
const complaint = (code: number, status: string): Reply => ({
	status: code,
	body: { error: { code, message: 'No.', status } },
});
/** A list that does not know yet what was created. */
const EMPTY: Reply = { status: 200, body: {} };
const KEY = 'AIzaSyOnlyForTests-0123456789_abcdefgh1';

async function open(options: Parameters<typeof startServer>[0] = {}) {
	const emulator = await startServer(options);
	const endpoints = [{ baseUrl: emulator.url, apiKeys: KEY }];
	return { emulator, endpoints, pass: startProcess(endpoints) };
}

const oks = (rows: readonly Row[]) => rows.map(({ prompt }) => `ok ${prompt}`);

describe('45 rows at 1K', () => {
	test('3 batches, no other call, 45 images in the order of the input, at half price', async () => {
		const { emulator, pass } = await open();
		const rows = rowsOf(45, { imageSize: '1K' });
		const first = await pass(rows);
		expect(told(first)).toEqual(rows.map(() => 'pending submitted'));
		expect(new Set(first.map(({ ticket }) => ticket)).size).toBe(45);
		emulator.batches.turn(HOUR_MS);
		const second = await pass(again(rows, first));
		expect(told(second)).toEqual(oks(rows));
		const usd = second.map((fate) =>
			fate.status === 'ended' && fate.images[0]!.status === 'ok'
				? fate.images[0]!.kept.costUsd!
				: 0,
		);
		expect(usd.reduce((sum, one) => sum + one)).toBeCloseTo(45 * 0.0168, 2);
		expect(countOf(emulator, 'batchCreate')).toBe(3);
		expect(countOf(emulator, 'generateContent')).toBe(0);
	});

	test('one list a pass tells the states, and a result is fetched only when it is there', async () => {
		const { emulator, pass } = await open();
		const rows = rowsOf(45);
		let fates = await pass(rows);
		emulator.requests.length = 0;
		fates = await pass(again(rows, fates));
		expect(told(fates)).toEqual(rows.map(() => 'pending waiting'));
		expect([countOf(emulator, 'batchList'), countOf(emulator, 'batchGet')]).toEqual([1, 0]);
		emulator.batches.turn(2 * 60_000);
		fates = await pass(again(rows, fates));
		expect(told(fates)).toEqual(rows.map(() => 'pending running'));
		emulator.batches.turn(HOUR_MS);
		await pass(again(rows, fates));
		expect([countOf(emulator, 'batchList'), countOf(emulator, 'batchGet')]).toEqual([3, 3]);
	});
});

describe('what fits in a batch', () => {
	const sizes = (emulator: { batches: { jobs: readonly { requests: readonly unknown[] }[] } }) =>
		emulator.batches.jobs.map(({ requests }) => requests.length);

	test.each([
		['20 images at 1K', rowsOf(41, { imageSize: '1K' }), [20, 20, 1]],
		['20 images at 2K', rowsOf(21, { imageSize: '2K' }), [20, 1]],
		['6 images at 4K', rowsOf(13, { imageSize: '4K' }), [6, 6, 1]],
		[
			'4K by additional fields',
			rowsOf(7, { additionalFields: { generationConfig: { imageConfig: { imageSize: '4K' } } } }),
			[6, 1],
		],
		['several images of a row', [{ prompt: 'a cat', count: 45 }], [20, 20, 5]],
		[
			'one model each',
			[
				...rowsOf(3),
				...rowsOf(2, { model: 'gemini-3-pro-image' }),
				...rowsOf(2).map((row) => ({ ...row, prompt: `${row.prompt} b` })),
			],
			[5, 2],
		],
	])('%s', async (_name, rows, expected) => {
		const { emulator, pass } = await open();
		await pass(rows);
		expect(sizes(emulator)).toEqual(expected);
	});

	test('a row of 45 images comes out whole, in order', async () => {
		const { emulator, pass } = await open();
		const rows = [{ prompt: 'a cat', count: 45 }];
		const first = await pass(rows);
		expect(first[0]!.ticket.split(' ')).toHaveLength(3);
		emulator.batches.turn(HOUR_MS);
		expect(told(await pass(again(rows, first)))).toEqual(Array(45).fill('ok a cat'));
	});
});

describe('submitted once', () => {
	const rows = rowsOf(45);

	test.each([
		['a process that was killed while it waited', 3],
		['a process that was killed between two creates', 2],
	])('%s, and a new run of all rows: 3 batches in all', async (_name, before) => {
		const { emulator, endpoints } = await open();
		const killed = new AbortController();
		const dying = startProcess(endpoints, {
			signal: killed.signal,
			fetch: async (url, init) => {
				if (countOf(emulator, 'batchCreate') === before && /Generate/.test(String(url))) {
					killed.abort();
				}
				killed.signal.throwIfAborted();
				return await fetch(url, init);
			},
		});
		await dying(rows).catch(() => {});
		expect(countOf(emulator, 'batchCreate')).toBe(before);
		const pass = startProcess(endpoints);
		const fates = await pass(rows);
		emulator.batches.turn(HOUR_MS);
		expect(told(await pass(again(rows, fates)))).toEqual(oks(rows));
		expect(countOf(emulator, 'batchCreate')).toBe(3);
	});

	test.each([
		['the connection was reset', { reset: true }],
		['a gateway gave up', { status: 504, body: 'gateway timeout' }],
		['the reply broke off', { cut: 'length' as const, cutAt: 0.2 }],
	])('a create whose reply is lost: %s', async (_name, reply) => {
		const { emulator, pass } = await open();
		const takesEffect = !('cut' in reply);
		emulator.faults.add({ match: { action: 'batchCreate' }, reply: { takesEffect, ...reply } });
		const fates = await pass(rows);
		expect(told(fates)).toEqual(
			rows.map(() => expect.stringMatching(/pending (submitted|waiting)/)),
		);
		emulator.batches.turn(HOUR_MS);
		expect(told(await pass(again(rows, fates)))).toEqual(oks(rows));
		expect(emulator.batches.jobs).toHaveLength(3);
	});

	test('two executions at once, in one process', async () => {
		const { emulator, pass } = await open();
		const [one, other] = await Promise.all([pass(rows), pass(rows)]);
		expect(other.map(({ ticket }) => ticket)).toEqual(one.map(({ ticket }) => ticket));
		expect(countOf(emulator, 'batchCreate')).toBe(3);
	});

	test('two processes at once: whoever came second takes its own back', async () => {
		const { emulator, endpoints } = await open();
		const few = rowsOf(3);
		emulator.faults.add({ match: { action: 'batchCreate' }, reply: { delayMs: 50 } });
		const [one, other] = await Promise.all([
			startProcess(endpoints)(few),
			startProcess(endpoints)(few),
		]);
		expect(other.map(({ ticket }) => ticket)).toEqual(one.map(({ ticket }) => ticket));
		expect(emulator.batches.jobs.map(({ state }) => state).sort()).toEqual([
			'BATCH_STATE_CANCELLED',
			'BATCH_STATE_PENDING',
		]);
	});

	test('Submit Again makes it once more, and each row once', async () => {
		const { emulator, pass } = await open();
		await pass(rowsOf(3));
		const fates = await pass(rowsOf(3), { submitAgain: true });
		await pass(again(rowsOf(3), fates), { submitAgain: true });
		expect(countOf(emulator, 'batchCreate')).toBe(2);
	});

	test('with Submit Again too, a create whose reply is lost is not repeated', async () => {
		const { emulator, pass } = await open();
		await pass(rowsOf(3));
		emulator.faults.add({
			match: { action: 'batchCreate' },
			reply: { takesEffect: true, reset: true },
		});
		const fates = await pass(rowsOf(3), { submitAgain: true, maxRetries: 2 });
		expect(fates[0]!.ticket).toMatch(emulator.batches.jobs[1]!.name);
		expect(emulator.batches.jobs).toHaveLength(2);
	});

	test('equal rows each get an image of their own, also in another run of the execution', async () => {
		const { emulator, pass } = await open();
		const same = Array(25).fill({ prompt: 'a cat' }) as Row[];
		const first = await pass(same);
		const second = await pass(same.slice(0, 5), { earlier: first.map(({ ticket }) => ticket) });
		expect(new Set([...first, ...second].map(({ ticket }) => ticket)).size).toBe(30);
		expect(emulator.batches.jobs.map(({ requests }) => requests.length)).toEqual([20, 5, 5]);
	});
});

describe('what is not there yet', () => {
	test('what a 429 turns away stays pending and is submitted on a later pass', async () => {
		const { emulator, pass } = await open({ batch: { mostOpen: 1 } });
		const rows = rowsOf(25);
		let fates = await pass(rows);
		expect([...new Set(told(fates))]).toEqual(['pending submitted', 'pending throttled']);
		expect(fates[24]).toMatchObject({ ticket: '' });
		emulator.batches.turn(HOUR_MS);
		fates = await pass(again(rows, fates));
		expect(told(fates.slice(0, 20))).toEqual(oks(rows.slice(0, 20)));
		expect(new Set(told(fates.slice(20)))).toEqual(new Set(['pending submitted']));
	});

	test.each([
		[
			'503',
			{ status: 503, body: { error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } } },
		],
		['504', { status: 504, body: '<html>gateway</html>' }],
		['a result that breaks off', { cut: 'length' as const, cutAt: 0.01 }],
	])('a result that cannot be fetched: %s', async (_name, reply) => {
		const { emulator, pass } = await open();
		const rows = rowsOf(3);
		const first = await pass(rows);
		emulator.batches.turn(HOUR_MS);
		emulator.faults.add({ match: { action: 'batchGet' }, times: 1, reply });
		const second = await pass(again(rows, first));
		expect(told(second)).toEqual(rows.map(() => 'pending notFetched'));
		expect(told(await pass(again(rows, second)))).toEqual(oks(rows));
		expect(countOf(emulator, 'batchCreate')).toBe(1);
	});

	test('what came whole before a result broke off is handed on', async () => {
		const { emulator, pass } = await open();
		const rows = rowsOf(20);
		const first = await pass(rows);
		emulator.batches.turn(HOUR_MS);
		emulator.faults.add({
			match: { action: 'batchGet' },
			times: 1,
			reply: { cut: 'length', cutAt: 0.3 },
		});
		const second = told(await pass(again(rows, first)));
		expect(second.slice(0, 10)).toEqual(oks(rows.slice(0, 10)));
		expect(second[19]).toBe('pending notFetched');
	});

	describe('a row of 25 images, which are in two batches', () => {
		const rows: Row[] = [{ prompt: 'a cat', count: 25 }];
		async function openReady(reply: Reply, of: number) {
			const emulator = await startServer();
			const saved: number[] = [];
			const pass = startProcess([{ baseUrl: emulator.url, apiKeys: KEY }], {
				stored: new Map(),
				async save(_row, index) {
					saved.push(index);
					return { prompt: `image ${index}`, index, bytes: 1, costUsd: null };
				},
			});
			const ready = again(rows, await pass(rows));
			emulator.batches.turn(HOUR_MS);
			const path = emulator.batches.jobs[of]!.name;
			emulator.faults.add({ match: { action: 'batchGet', path }, times: 1, reply });
			return { emulator, pass, ready, saved };
		}
		const all = Array.from({ length: 25 }, (_, index) => index);
		const images = all.map((index) => `ok image ${index}`);

		test.each<[string, Reply]>([
			['cannot be fetched', BUSY],
			['breaks off', { cut: 'length', cutAt: 0.3 }],
		])('where the second one %s, none is stored twice', async (_name, reply) => {
			const { emulator, pass, ready, saved } = await openReady(reply, 1);
			const first = await pass(ready);
			expect(told(first)).toEqual(['pending notFetched']);
			expect(saved.length).toBeGreaterThanOrEqual(20);
			expect(told(await pass(again(ready, first)))).toEqual(images);
			expect(saved).toEqual(all);
			expect(countOf(emulator, 'batchGet')).toBe(3);
		});

		test('where the first one cannot be fetched, the second one is left for later', async () => {
			const { emulator, pass, ready, saved } = await openReady(BUSY, 0);
			const first = await pass(ready);
			expect(told(first)).toEqual(['pending notFetched']);
			expect([saved, countOf(emulator, 'batchGet')]).toEqual([[], 1]);
			expect(told(await pass(again(ready, first)))).toEqual(images);
			expect(saved).toEqual(all);
		});

		test('copies of it get images of their own', async () => {
			const { pass, ready, saved } = await openReady({}, 0);
			const fates = await pass([...ready, ...ready]);
			expect(told(fates)).toEqual([...images, ...images]);
			expect(saved).toHaveLength(50);
			await pass(ready);
			expect(saved).toHaveLength(75);
		});
	});

	test('while it is not clear of a set whether Google has it, no later one is handed in: it is found as it was', async () => {
		const { emulator, pass } = await open();
		const sizes = [...Array<string>(19).fill('1K'), ...Array<string>(6).fill('4K'), '1K'];
		const rows = rowsOf(26).map((row, at) => ({ ...row, imageSize: sizes[at] }));
		const busy = { status: 503, body: 'busy' };
		emulator.faults.add({ match: { action: 'batchList' }, times: 1, reply: {} });
		emulator.faults.add({ match: { action: 'batchList' }, times: 3, reply: busy });
		emulator.faults.add({
			match: { action: 'batchCreate' },
			times: 1,
			reply: { takesEffect: true, reset: true },
		});
		const fates = await pass(rows);
		expect([...new Set(told(fates))]).toEqual(['pending unclear']);
		expect(told(await pass(again(rows, fates)))).toContain('pending submitted');
		expect(emulator.batches.jobs.map(({ requests }) => requests.length)).toEqual([19, 6, 1]);
	});

	test.each<[string, Reply, Reply | null]>([
		['cannot be looked up', BUSY, null],
		['has got no room', EMPTY, complaint(429, 'RESOURCE_EXHAUSTED')],
		['is not accepted any more', EMPTY, complaint(400, 'INVALID_ARGUMENT')],
		['may not be handed in any more', EMPTY, null],
		['is no longer wanted', EMPTY, null],
	])(
		'what Google may have stays unclear where on the next try it %s',
		async (then, list, create) => {
			const emulator = await startServer();
			const ending = new AbortController();
			const isCreated = () => countOf(emulator, 'batchCreate') > 0;
			const pass = startProcess(
				[{ baseUrl: emulator.url, apiKeys: KEY }],
				{ maxRetries: 3 },
				{ ...systemClock, now: () => (isCreated() ? 1000 : 0) },
			);
			const sizes = [...Array<string>(19).fill('1K'), ...Array<string>(6).fill('4K'), '1K'];
			const rows = rowsOf(26).map((row, at) => ({ ...row, imageSize: sizes[at] }));
			emulator.faults.add({ match: { action: 'batchList' }, times: 1, reply: {} });
			emulator.faults.add({ match: { action: 'batchList' }, reply: list });
			emulator.faults.add({
				match: { action: 'batchCreate' },
				times: 1,
				reply: { takesEffect: true, reset: true },
			});
			if (create !== null) emulator.faults.add({ match: { action: 'batchCreate' }, reply: create });
			const fates = await pass(rows, {
				stopStartingAt: then.startsWith('may not') ? 1000 : null,
				ending: ending.signal,
				fetch: async (url, init) => {
					if (then.startsWith('is no longer') && isCreated()) ending.abort();
					return await fetch(url, init);
				},
			});
			expect([...new Set(told(fates))]).toEqual(['pending unclear']);
			expect(emulator.batches.jobs).toHaveLength(1);
			emulator.faults.clear();
			await pass(again(rows, fates));
			expect(emulator.batches.jobs.map(({ requests }) => requests.length)).toEqual([19, 6, 1]);
		},
	);

	test('a list that fails: nothing is paid for, nothing is given up', async () => {
		const { emulator, pass } = await open();
		emulator.faults.add({ match: { action: 'batchList' }, reply: { status: 503, body: 'busy' } });
		expect(told(await pass(rowsOf(2)))).toEqual(['pending notLookedUp', 'pending notLookedUp']);
		expect(countOf(emulator, 'batchCreate')).toBe(0);
	});

	test('a list that fails twice is asked a third time', async () => {
		const { emulator, pass } = await open();
		emulator.faults.add({
			match: { action: 'batchList' },
			times: 2,
			reply: { status: 503, body: 'busy' },
		});
		expect(told(await pass(rowsOf(1)))).toEqual(['pending submitted']);
	});
});

describe('what comes to nothing', () => {
	test.each([
		['BATCH_STATE_FAILED', 'failed batchFailed', /No capacity.*Try again/],
		['BATCH_STATE_EXPIRED', 'failed batchExpired', /two days.*Try again/],
		['BATCH_STATE_CANCELLED', 'failed batchCancelled', /cancelled.*Try again/],
	] as const)(
		'a job in %s fails its rows, and a new run submits them anew',
		async (state, outcome, words) => {
			const { emulator, pass } = await open();
			const rows = rowsOf(2);
			const first = await pass(rows);
			emulator.batches.end(emulator.batches.jobs[0]!.name, state, {
				code: 13,
				message: 'No capacity.',
			});
			const fates = await pass(again(rows, first));
			expect(told(fates)).toEqual([outcome, outcome]);
			expect(messagesOf(fates)[0]).toMatch(words);
			expect(told(await pass(rows))).toEqual(['pending submitted', 'pending submitted']);
		},
	);

	test('a job that is gone', async () => {
		const { emulator, pass } = await open();
		const first = await pass(rowsOf(1));
		emulator.batches.forget(emulator.batches.jobs[0]!.name);
		expect(told(await pass(again(rowsOf(1), first)))).toEqual(['failed batchGone']);
	});

	test('one request of a job: an error, a refusal, a missing image', async () => {
		const { emulator, pass } = await open();
		const rows = ['a [500]', 'b [refuse]', 'c [text]', 'd'].map((prompt) => ({ prompt }));
		const first = await pass(rows);
		emulator.batches.turn(HOUR_MS);
		const fates = await pass(again(rows, first));
		expect(told(fates)).toEqual([
			'failed serverFault',
			'refused IMAGE_SAFETY',
			'failed noImage',
			'ok d',
		]);
		expect(messagesOf(fates)[0]).toMatch(/Internal.*a new submission/);
	});

	test.each([
		[false, ''],
		[true, 'First, the city.\n\nThen the sea.'],
	])('text comes with the images where it was asked for: %s', async (includeText, text) => {
		const emulator = await startServer();
		const texts: string[] = [];
		const pass = startProcess([{ baseUrl: emulator.url, apiKeys: KEY }], {
			async save(_row, index, made) {
				texts.push(made.text);
				return { prompt: '', index, bytes: 1, costUsd: null };
			},
		});
		const rows = [{ prompt: 'a [ok-two-images-and-text]', includeText }];
		const first = await pass(rows);
		emulator.batches.turn(HOUR_MS);
		await pass(again(rows, first));
		expect(texts).toEqual([text]);
	});

	test('a prompt that was changed since is said so', async () => {
		const { emulator, pass } = await open();
		const [first] = await pass([{ prompt: 'a cat' }]);
		emulator.batches.turn(HOUR_MS);
		const fates = await pass([{ prompt: 'a dog', ticket: first!.ticket }]);
		expect(told(fates)).toEqual(['failed batchChanged']);
		expect(countOf(emulator, 'batchCreate')).toBe(1);
	});

	test('a column that holds no ticket', async () => {
		const { pass } = await open();
		expect(told(await pass([{ prompt: 'a cat', ticket: 'done' }]))).toEqual([
			'failed batchUnknown',
		]);
	});

	test('a request that cannot be sent at all fails alone, and says why', async () => {
		const { emulator, pass } = await open();
		const [first, second, third] = rowsOf(3);
		const rows = [first!, { ...second!, unchecked: { model: 'a?b' } }, third!];
		const fates = await pass(rows);
		expect(told(fates)).toEqual(['pending submitted', 'failed badRequest', 'pending submitted']);
		expect(messagesOf(fates)[1]).toMatch(/cannot be sent \(“invalid model parameter”\)\. Change/);
		expect(emulator.batches.jobs.map(({ requests }) => requests.length)).toEqual([2]);
	});

	test.each([
		[{}, 'Check that image.'],
		[{ checkInput: 'Look there.' }, 'Look there.'],
	])('an input image that cannot be read: %j', async (names, advice) => {
		const { pass } = await open();
		const load = () => Promise.reject(new Error('It is no image.'));
		const fates = await pass(
			[{ prompt: 'a cat', referenceImages: [{ mimeType: 'image/png', load }] }],
			{
				names,
			},
		);
		expect(messagesOf(fates)).toEqual([
			`An input image could not be used: It is no image. ${advice}`,
		]);
	});

	test('an endpoint without batches, a model without batches', async () => {
		const proxy = await open({ batch: false });
		const fates = await proxy.pass(rowsOf(1));
		expect(told(fates)).toEqual(['failed modelMissing']);
		expect(messagesOf(fates)[0]).toMatch(/this endpoint has no Batch API/);
		const { pass } = await open();
		expect(told(await pass(rowsOf(1, { model: 'gemini-3-pro' })))).toEqual(['failed badRequest']);
	});
});

describe('what is advised is not what the answer contradicts', () => {
	const messageOf = async (list: Reply, create: Reply | null = null) => {
		const { emulator, pass } = await open();
		emulator.faults.add({ match: { action: 'batchList' }, reply: list });
		if (create !== null) emulator.faults.add({ match: { action: 'batchCreate' }, reply: create });
		return messagesOf(await pass(rowsOf(1)))[0];
	};
	const NO_API = /no Batch API .*\. Use a key of Google’s own API, or make it without a batch\.$/;

	test.each<[string, Reply, Reply | null, RegExp]>([
		['a list that is not there', complaint(404, 'NOT_FOUND'), null, NO_API],
		['a list that may not be asked for', { status: 405, body: 'no' }, null, NO_API],
		['a create that is not there', EMPTY, { status: 404, body: '<html>no</html>' }, NO_API],
		['a bad key', { fixture: 'bad-key.json' }, null, /\. Put a valid API key in its place\.$/],
		['no credits', EMPTY, { fixture: 'billing.json' }, /\. Add credits or set up billing for/],
		['a page of a firewall', { fixture: 'guarded.html' }, null, /, or check the Base URL of/],
	])('no lane takes a batch: %s', async (_, list, create, words) => {
		expect(await messageOf(list, create)).toMatch(words);
	});

	test('of lanes that say different things one is to be mended', async () => {
		const emulator = await startServer();
		emulator.faults.add({
			match: { action: 'batchList', key: 'one' },
			reply: { fixture: 'bad-key.json' },
		});
		emulator.faults.add({ match: { action: 'batchCreate' }, reply: { fixture: 'billing.json' } });
		const fates = await startProcess([{ baseUrl: emulator.url, apiKeys: 'one\ntwo' }])(rowsOf(1));
		expect(told(fates)).toEqual(['failed noLane']);
		expect(messagesOf(fates)[0]).toMatch(/#1: the API key.*#2: its credits.*\. Mend one of them/);
	});

	test('a proxy without batches does not hide what the others say', async () => {
		const emulator = await startServer();
		const proxy = await startServer({ batch: false });
		emulator.faults.add({ match: { action: 'batchList' }, reply: { fixture: 'bad-key.json' } });
		const endpoints = [proxy, emulator].map(({ url }) => ({ baseUrl: url, apiKeys: 'k' }));
		const fates = await startProcess(endpoints)(rowsOf(1));
		expect(told(fates)).toEqual(['failed badKey']);
		expect(messagesOf(fates)[0]).toMatch(/no Batch API.*not accepted.*\. Put a valid API key/);
	});

	test('a model that is gone: its replacement is named', async () => {
		const { pass } = await open();
		const fates = await pass(rowsOf(1, { model: 'gemini-3-pro-image-preview' }));
		expect(told(fates)).toEqual(['failed modelMissing']);
		expect(messagesOf(fates)[0]).toMatch(/it does not offer this model/);
		expect(messagesOf(fates)[0]).toMatch(
			/\. Use gemini-3-pro-image in place of gemini-3-pro-image-preview\.$/,
		);
		expect(messagesOf(fates)[0]).not.toMatch(/Batch API|without a batch/);
	});

	test('a batch that is gone, where others are listed', async () => {
		const { emulator, pass } = await open();
		const first = await pass(rowsOf(1));
		emulator.batches.forget(emulator.batches.jobs[0]!.name);
		const [message] = messagesOf(await pass(again(rowsOf(1), first)));
		expect(message).toMatch(/it has no such batch \(status 404.*Try again/);
		expect(message).not.toMatch(/Batch API|model/);
	});

	test.each([
		['[bad-request]', /\. Change the request as it says\.$/],
		['[bad-key]', /Put a valid API key.* Then have it made once more with Again\.$/],
		['[daily-quota]', /after midnight.* Then have it made once more with Again\.$/],
		['[model-gone]', /\. Choose another model, or an endpoint that offers this one\.$/],
		['[no-free-quota]', /\. Set up billing.* Then have it made once more with Again\.$/],
		['[500]', /\. Have it made once more with Again\.$/],
		['[429]', /\. Have it made once more with Again\.$/],
		['[text]', /\. Have it made once more with Again\.$/],
	])('one request of a batch: %s', async (words, advice) => {
		const { emulator, pass } = await open();
		const rows = [{ prompt: `a ${words}` }];
		const first = await pass(rows);
		emulator.batches.turn(HOUR_MS);
		const fates = await pass(again(rows, first), { names: { submitAgain: 'Again' } });
		expect(messagesOf(fates)[0]).toMatch(advice);
	});

	test('things are spoken of as the host calls them', async () => {
		const { emulator, pass } = await open();
		emulator.faults.add({
			match: { action: 'batchList' },
			reply: { redirect: 'https://elsewhere.test/' },
		});
		const fates = await pass(rowsOf(1), { names: { baseUrl: 'BASE' } });
		expect(messagesOf(fates)[0]).toMatch(/put it into the BASE of the endpoint/);
	});
});

describe('several lanes', () => {
	test('a key of another project cannot collect, one of the same project can', async () => {
		const { emulator } = await open({ batch: { projects: { one: 'a', two: 'b', three: 'a' } } });
		const keys = (apiKeys: string) => startProcess([{ baseUrl: emulator.url, apiKeys }]);
		const rows = rowsOf(2);
		const first = await keys('one')(rows);
		emulator.batches.turn(HOUR_MS);
		const foreign = await keys('two')(again(rows, first));
		expect(told(foreign)).toEqual(['failed batchOfOtherProject', 'failed batchOfOtherProject']);
		expect(told(await keys('two\nthree')(again(rows, first)))).toEqual(oks(rows));
		expect(countOf(emulator, 'batchCreate')).toBe(1);
	});

	test('sets go where the fewest batches are open, by weight; a proxy without batches takes none', async () => {
		const emulator = await startServer({ batch: { projects: { one: 'a', two: 'b' } } });
		const proxy = await startServer({ batch: false });
		const pass = startProcess([
			{ baseUrl: proxy.url, apiKeys: 'p' },
			{ baseUrl: emulator.url, apiKeys: 'one', weight: 1 },
			{ baseUrl: `${emulator.url}/v1beta`, apiKeys: 'two', weight: 2 },
		]);
		await pass(rowsOf(120));
		const projects = emulator.batches.jobs.map(({ project }) => project);
		expect(projects.filter((project) => project === 'a')).toHaveLength(2);
		expect(projects).toHaveLength(6);
	});

	test('a set is found whichever lane it was submitted by', async () => {
		const { emulator } = await open({ batch: { projects: { one: 'a', two: 'b' } } });
		const keys = (apiKeys: string) => startProcess([{ baseUrl: emulator.url, apiKeys }]);
		await keys('two')(rowsOf(3));
		await keys('one\ntwo')(rowsOf(3));
		expect(countOf(emulator, 'batchCreate')).toBe(1);
	});

	test('a full project is passed by', async () => {
		const { emulator } = await open({ batch: { projects: { one: 'a', two: 'b' }, mostOpen: 1 } });
		const pass = startProcess([{ baseUrl: emulator.url, apiKeys: 'one\ntwo' }]);
		const fates = await pass(rowsOf(60));
		expect(emulator.batches.jobs.map(({ project }) => project).sort()).toEqual(['a', 'b']);
		expect(told(fates.slice(40))).toEqual(Array(20).fill('pending throttled'));
	});

	test('while a full project may yet take a set, it is not given up for what other lanes say', async () => {
		const { emulator } = await open({ batch: { projects: { one: 'a', two: 'b' } } });
		const pass = startProcess([{ baseUrl: emulator.url, apiKeys: 'one\ntwo' }]);
		const operations = Array.from({ length: 100 }, (_, index) => ({
			name: `batches/other${index}`,
			metadata: { state: 'BATCH_STATE_PENDING', displayName: 'another' },
		}));
		emulator.faults.add({
			match: { action: 'batchList', key: 'one' },
			reply: { status: 200, body: { operations } },
		});
		emulator.faults.add({ match: { action: 'batchCreate' }, reply: { fixture: 'bad-key.json' } });
		const fates = await pass(rowsOf(1));
		expect(told(fates)).toEqual(['pending tooManyOpen']);
		expect(messagesOf(fates)[0]).toMatch(
			/#2: the API key is not accepted.*#1: its project has 100/,
		);
	});

	test('no key is told', async () => {
		const { emulator, pass } = await open();
		const body = {
			error: { code: 400, message: `The key ${KEY} is odd.`, status: 'INVALID_ARGUMENT' },
		};
		emulator.faults.add({ match: { action: 'batchCreate' }, reply: { status: 400, body } });
		expect(JSON.stringify(await pass(rowsOf(1)))).not.toContain(KEY);
	});
});
