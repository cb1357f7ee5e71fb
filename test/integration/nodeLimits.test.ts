import { setTimeout as sleep } from 'node:timers/promises';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Job } from '../support/inProcess';
import { generations, KEY, rows, useWorkbench } from './workbench';

const workbench = useWorkbench();
const { run } = workbench;

const prompts = (count: number) => Array.from({ length: count }, (_, index) => `picture ${index}`);
const statuses = (items: readonly INodeExecutionData[]) =>
	generations(items).map(({ status, code }) => (status === 'ok' ? 'ok' : `${status} ${code}`));

describe('Maximum Cost', () => {
	test('nothing is started that could exceed it, with calls in progress counted', async () => {
		const { main, hints, status } = await run({
			items: rows(...prompts(6)),
			parameters: { options: { maxCost: 0.1 } },
		});
		expect(status).toBe('success');
		expect(statuses(main).sort()).toEqual([
			...Array(4).fill('notStarted maxCost'),
			...Array(2).fill('ok'),
		]);
		expect(workbench.asked).toHaveLength(2);
		expect(hints[0]).toMatch(/^2 images made, 4 not started\. .*\$0\.0672/);
	});

	test('it counts all runs of a loop', async () => {
		const { runs } = await run({
			items: [rows('a', 'b'), rows('c', 'd'), rows('e', 'f')],
			parameters: { options: { maxCost: 0.11 } },
			settings: { onError: 'continueErrorOutput' },
		});
		const outputs = runs.map(({ data }) => data!.main!.map((items) => statuses(items ?? [])));
		expect(outputs).toEqual([
			[['ok', 'ok'], []],
			[['ok'], ['notStarted maxCost']],
			[[], ['notStarted maxCost', 'notStarted maxCost']],
		]);
		expect(workbench.asked).toHaveLength(3);
	});

	test('it is kept where the model thinks, however many images are made at once', async () => {
		const usage = { promptTokenCount: 1300, thoughtsTokenCount: 1300 };
		workbench.emulator.faults.add({ match: {}, reply: { usage, delayMs: 50 } });
		// An image costs 0.0453, by the list 0.0336.
		for (const [maxCost, made] of [
			[0.2, 4],
			[0.14, 3],
		] as const) {
			const { main } = await run({
				items: rows(...prompts(20)),
				parameters: { options: { maxCost } },
			});
			expect(statuses(main).filter((status) => status === 'ok')).toHaveLength(made);
		}
	});

	test('another execution has money of its own, and what one has spent is forgotten at its end', async () => {
		for (const executionId of ['night-1', 'night-2', 'night-2']) {
			const { main } = await run({ executionId, parameters: { options: { maxCost: 0.04 } } });
			expect(statuses(main)).toEqual(['ok']);
		}
	});
});

describe('a sub-workflow counts with the execution that called it', () => {
	const called = (calledBy: string, more: Partial<Job>) => run({ calledBy, ...more });

	test('for Maximum Cost', async () => {
		const parameters = { options: { maxCost: 0.11 } };
		const made: string[][] = [];
		for (const prompt of ['a', 'b', 'c', 'd']) {
			const { main } = await called('caller-1', { items: rows(prompt), parameters });
			made.push(statuses(main));
		}
		// The caller itself, and another one.
		const own = await run({ executionId: 'caller-1', items: rows('e'), parameters });
		const other = await called('caller-2', { items: rows('f'), parameters });
		expect([...made, statuses(own.main), statuses(other.main)]).toEqual([
			['ok'],
			['ok'],
			['ok'],
			['notStarted maxCost'],
			['notStarted maxCost'],
			['ok'],
		]);
	});

	test('for Stop Starting After', async () => {
		const parameters = { options: { stopStartingAfter: 0.3 / 60 } };
		const first = await called('caller-3', { items: rows('a'), parameters });
		await sleep(400);
		const second = await called('caller-3', { items: rows('b'), parameters });
		expect([statuses(first.main), statuses(second.main)]).toEqual([
			['ok'],
			['notStarted stopStartingAfter'],
		]);
	});

	test('for file names', async () => {
		const names = [];
		for (const title of ['Chair', 'Chair', 'chair']) {
			const items = [{ json: { prompt: 'x', title } }];
			const parameters = { fileName: '={{ $json.title }}' };
			const { main } = await called('caller-4', { items, parameters });
			names.push(generations(main)[0]!.fileName);
		}
		expect(names).toEqual(['Chair.png', 'Chair-2.png', 'chair-3.png']);
	});
});

describe('an execution that sleeps in a Wait', () => {
	const asleep = async () => await sleep(600);
	// n8n runs the last list first.
	const pause = { list: 0, asleep };

	test('goes on with what it has spent', async () => {
		const { runs } = await run({
			items: [rows('c', 'd'), rows('a', 'b')],
			parameters: { options: { maxCost: 0.11 } },
			settings: { onError: 'continueErrorOutput' },
			pause,
		});
		expect(runs.map(({ data }) => statuses(data!.main![0]!))).toEqual([['ok', 'ok'], ['ok']]);
		expect(workbench.asked).toHaveLength(3);
	});

	test('is not charged for that time by Stop Starting After', async () => {
		const { runs } = await run({
			items: [rows('b'), rows('a')],
			parameters: { options: { stopStartingAfter: 0.5 / 60 } },
			pause,
		});
		expect(runs.map(({ data }) => statuses(data!.main![0]!))).toEqual([['ok'], ['ok']]);
	});

	test('overwrites no file of before', async () => {
		const { runs } = await run({
			items: [rows('b'), rows('a')],
			parameters: { fileName: 'picture' },
			pause,
		});
		expect(runs.map(({ data }) => generations(data!.main![0]!)[0]!.fileName)).toEqual([
			'picture.png',
			'picture-2.png',
		]);
	});

	test('and is over then leaves nothing behind', async () => {
		const job = {
			executionId: 'slept',
			parameters: { options: { maxCost: 0.04 } },
			settings: { onError: 'continueErrorOutput' as const },
		};
		const { runs } = await run({ ...job, items: [rows('b'), rows('a')], pause });
		expect(runs.map(({ data }) => statuses(data!.main![0]!))).toEqual([['ok'], []]);
		expect(statuses((await run({ ...job, items: rows('c') })).main)).toEqual(['ok']);
	});
});

describe('the cost of an image', () => {
	test.each<[string, object, number]>([
		['counts prompt and thoughts', {}, 0.0453],
		['is half where it was served as flex', { serviceTier: 'flex' }, 0.02265],
		['is the list price where the counts cannot be true', { promptTokenCount: 1e9 }, 0.0336],
	])('%s', async (_name, more, usd) => {
		const usage = { promptTokenCount: 1300, thoughtsTokenCount: 1300, ...more };
		workbench.emulator.faults.add({ match: {}, reply: { usage } });
		const { main, hints } = await run({ items: rows('a', 'b') });
		expect(generations(main)).toMatchObject([{ estimatedCostUsd: usd }, { estimatedCostUsd: usd }]);
		expect(hints[0]).toContain(`$${(2 * usd).toFixed(4)}`);
	});

	test('counts an attempt that brought tokens and came to nothing', async () => {
		const fixture = 'noimage-finish.json';
		workbench.emulator.faults.add({ match: {}, times: 1, reply: { fixture } });
		const { main, hints } = await run({
			items: rows('a'),
			settings: { onError: 'continueRegularOutput' },
		});
		expect(generations(main)).toMatchObject([{ status: 'failed' }]);
		expect(generations(main)[0]!.estimatedCostUsd).toBeGreaterThan(0);
		expect(hints[0]).toMatch(/Estimated cost of this execution so far: \$/);
	});
});

test('a thinking level that the model lacks is refused before any call, naming those it has', async () => {
	const { error } = await run({
		parameters: {
			model: { __rl: true, mode: 'id', value: 'gemini-3.1-flash-lite-image' },
			options: { thinkingLevel: 'medium' },
		},
	});
	expect(error!.message).toMatch(/has no thinking level "medium".* minimal, high, or auto/);
	expect(workbench.asked).toEqual([]);
});

test('Stop Starting After: images in progress are finished and passed on, under "Stop" too', async () => {
	workbench.emulator.faults.add({ match: {}, reply: { delayMs: 200 } });
	const { main, status } = await run({
		items: rows(...prompts(60)),
		parameters: { options: { concurrency: 2, stopStartingAfter: 1 / 60 } },
	});
	expect(status).toBe('success');
	const made = workbench.asked.length;
	expect(made).toBeLessThan(60);
	expect(statuses(main)).toEqual([
		...Array(made).fill('ok'),
		...Array(60 - made).fill('notStarted stopStartingAfter'),
	]);
	expect(workbench.emulator.requests.every(({ closedByClient }) => !closedByClient)).toBe(true);
});

describe('patience', () => {
	test.each([
		['nothing', undefined, '900'],
		['blanks', '  ', '900'],
		['a number', 60, '60'],
	])('of the tier flex, where %s is set', async (_name, timeout, seconds) => {
		await run({
			parameters: {
				model: { __rl: true, mode: 'id', value: 'gemini-3-pro-image' },
				options: { serviceTier: 'flex', ...(timeout !== undefined && { timeout }) },
			},
		});
		expect(workbench.emulator.requests[0]!.headers['x-server-timeout']).toBe(seconds);
	});

	test.each([
		['a retry', '[text] [once]', { maxRetries: 1, retryDelay: 0.01 }, 'ok', 2],
		['no retry', '[text] [once]', {}, 'failed noImage', 1],
		['Timeout (Seconds)', '[hang]', { timeout: 0.3 }, 'failed timeout', 1],
		[
			'Timeout and a retry',
			'[hang]',
			{ timeout: 0.2, maxRetries: 1, retryDelay: 0 },
			'failed timeout',
			2,
		],
		['a free failover', '[500] [once]', {}, 'ok', 2],
		['waiting for a limit', '[throttled-minute] [once]', {}, 'ok', 2],
	])('%s', async (title, word, options, status, attempts) => {
		const { url } = workbench.emulator;
		const { main } = await run({
			items: rows(`${title} ${word}`),
			parameters: { simplify: false, options },
			settings: { onError: 'continueRegularOutput' },
			credential: {
				endpoints: {
					endpoint1: { apiKeys: `${KEY}-${title.length}`, baseUrl: url },
					endpoint2: { apiKeys: 'stands-by', baseUrl: `${url}/proxy`, weight: 0 },
				},
			},
		});
		expect(statuses(main)).toEqual([status]);
		expect(generations(main)).toMatchObject([{ attempts }]);
	});
});

describe('file names', () => {
	test('nothing that a later node saves overwrites anything, in a loop neither', async () => {
		const titled = (...titles: string[]) =>
			titles.map((title) => ({ json: { prompt: 'x', title } }));
		const { runs } = await run({
			items: [titled('Chair', ''), titled('Chair', 'chair', 'Table/../1')],
			parameters: { fileName: '={{ $json.title }}' },
			executionId: 'e-names',
		});
		// n8n runs the last list first.
		const names = runs.map(({ data }) =>
			generations(data!.main![0]!).map(({ fileName }) => fileName),
		);
		expect(names).toEqual([
			['Chair.png', 'chair-2.png', 'Table-..-1.png'],
			['Chair-3.png', 'image-e-names-1-1-1.png'],
		]);
	});
});

test('Images at Once bounds the calls of one execution; the credential those of all', async () => {
	workbench.emulator.faults.add({ match: {}, reply: { delayMs: 60 } });
	const inFlight = () =>
		Math.max(...workbench.emulator.requests.map((request) => request.inFlight));
	await run({ items: rows(...prompts(9)), parameters: { options: { concurrency: 3 } } });
	expect(inFlight()).toBe(3);
	workbench.emulator.requests.length = 0;
	const credential = workbench.credential({ maxConcurrentRequests: 2 });
	await Promise.all([1, 2].map(() => run({ items: rows(...prompts(5)), credential })));
	expect(inFlight()).toBe(2);
});

describe('when the execution is stopped', () => {
	test('queue, waits and calls in progress end at once, and the pool serves on', async () => {
		const forget = workbench.emulator.faults.add({
			match: { prompt: /picture [0-3]$/ },
			reply: { hang: true },
		});
		workbench.emulator.faults.add({
			match: { prompt: /picture [4-6]$/ },
			reply: { fixture: 'noimage-text-only.json' },
		});
		const credential = workbench.credential({ maxConcurrentRequests: 8 });
		const running = workbench.bench.start(
			workbench.job({
				credential,
				items: rows(...prompts(40)),
				parameters: { options: { maxRetries: 5, retryDelay: 60, concurrency: 8 } },
				settings: { onError: 'continueErrorOutput', retryOnFail: true, waitBetweenTries: 1 },
			}),
		);
		await sleep(1500);
		const asked = workbench.asked.length;
		running.cancel();
		const { status } = await running.promise;
		expect(status).toBe('canceled');
		expect(workbench.asked).toHaveLength(asked);
		await sleep(50);
		const hanging = workbench.emulator.requests.filter(({ prompt }) =>
			/picture [0-3]$/.test(prompt),
		);
		expect(hanging.map(({ closedByClient }) => closedByClient)).toEqual([true, true, true, true]);

		forget();
		workbench.emulator.faults.clear();
		const { main } = await run({ credential, items: rows(...prompts(8)) });
		expect(statuses(main)).toEqual(Array(8).fill('ok'));
	});
});

test('after more than 50 items a hint tells why a loop helps', async () => {
	const { hints } = await run({ items: rows(...prompts(51)) });
	expect(hints).toEqual([
		expect.stringMatching(/^51 images made\./),
		expect.stringContaining('Loop Over Items'),
	]);
});
