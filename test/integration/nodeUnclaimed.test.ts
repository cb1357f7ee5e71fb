import { createHash } from 'node:crypto';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Execution, Job } from '../support/inProcess';
import { generations, rows, useWorkbench } from './workbench';

const workbench = useWorkbench();
const { run } = workbench;
afterEach(() => jest.restoreAllMocks());

const prompts = Array.from({ length: 20 }, (_, index) => `picture ${index}`);
const twenty = { items: rows(...prompts), parameters: { options: { concurrency: 4 } } };
const hang = { match: {}, reply: { hang: true } };
let workflows = 0;
const workflow = () => ({ workflowId: `unclaimed-${++workflows}` });

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const pictures = async (items: readonly INodeExecutionData[]) =>
	await Promise.all(
		items.map(async ({ binary }) => hashOf(await workbench.bench.bytesOf(binary!.data!))),
	);
const sent = () =>
	Object.fromEntries(
		workbench.emulator.requests.flatMap(({ prompt, images }) =>
			images.map(({ sha256 }) => [prompt, sha256]),
		),
	);
/** Forgets what was asked so far. */
const asks = () => {
	workbench.emulator.requests.length = 0;
	return workbench.emulator.requests;
};

/** Ends a run once `answers` images are stored: each of four calls at once stores its image before the next is begun. */
async function stopped(job: Partial<Job>, answers: number): Promise<Execution> {
	workbench.emulator.faults.add({ match: {}, times: answers, reply: {} });
	workbench.emulator.faults.add(hang);
	const running = workbench.bench.start(workbench.job(job));
	while (workbench.asked.length < answers + 4) await new Promise((next) => setTimeout(next, 5));
	running.cancel();
	const execution = await running.promise;
	workbench.emulator.faults.clear();
	return execution;
}

describe('what a stopped run has paid for', () => {
	test('comes out of the next one, byte for byte in its rows, and outlives the execution it is from', async () => {
		const own = workflow();
		const executionId = 'stopped';
		expect((await stopped({ ...twenty, ...own, executionId }, 12)).status).toBe('canceled');
		const paid = sent();
		expect(Object.keys(paid)).toHaveLength(12);
		asks();

		const { main, hints } = await run({ ...twenty, ...own });
		expect(workbench.asked.toSorted()).toEqual(prompts.filter((each) => !paid[each]).toSorted());
		expect(workbench.asked).toHaveLength(8);
		await workbench.bench.files.deleteMany([
			{ type: 'execution', workflowId: own.workflowId, executionId },
		]);
		const all = { ...paid, ...sent() };
		expect(main.map(({ json }) => json.prompt)).toEqual(prompts);
		expect(await pictures(main)).toEqual(prompts.map((prompt) => all[prompt]));
		expect(hints[0]).toMatch(
			/^8 images made, 12 taken over from an earlier run that had paid for them\. .*\$0\.26/,
		);
		const free = generations(main).filter(({ estimatedCostUsd }) => estimatedCostUsd === 0);
		expect(free).toHaveLength(12);
	});

	test('is named as this run names it', async () => {
		const own = { ...workflow(), items: rows('a', 'b', 'c', 'd', 'e') };
		await stopped({ ...own, parameters: { fileName: 'old', options: { concurrency: 4 } } }, 1);
		const { main } = await run({ ...own, parameters: { fileName: '={{ $json.prompt }}' } });
		expect(generations(main).map(({ fileName }) => fileName)).toEqual(
			['a', 'b', 'c', 'd', 'e'].map((stem) => `${stem}.png`),
		);
		expect(main.map(({ binary }) => binary!.data!.fileName)).toEqual(
			['a', 'b', 'c', 'd', 'e'].map((stem) => `${stem}.png`),
		);
	});

	test('costs nothing of a limit, and each image is handed on once', async () => {
		const own = workflow();
		await stopped({ ...twenty, ...own }, 12);
		asks();
		const limited = { ...twenty, ...own, parameters: { options: { maxCost: 0.001 } } };
		const first = await run(limited);
		expect(generations(first.main).filter(({ status }) => status === 'ok')).toHaveLength(12);
		const second = await run(limited);
		expect(generations(second.main).filter(({ status }) => status === 'ok')).toEqual([]);
		expect(workbench.asked).toEqual([]);
	});

	test('is left again by a run that is stopped as well', async () => {
		const own = workflow();
		await stopped({ ...twenty, ...own }, 8);
		asks();
		await stopped({ ...twenty, ...own }, 4);
		asks();
		const { main } = await run({ ...twenty, ...own });
		expect(main).toHaveLength(20);
		expect(workbench.asked).toHaveLength(8);
	});

	test.each<[string, Partial<Job>, IDataObject]>([
		['the node has handed its images on', {}, {}],
		['another ratio is asked for', {}, { aspectRatio: '16:9' }],
		['another size is asked for', {}, { imageSize: '2K' }],
		['another model is asked for', {}, { model: { mode: 'id', value: 'gemini-3-pro-image' } }],
		['another prompt is asked for', {}, { prompt: '={{ $json.prompt }}!' }],
		['more is sent', {}, { options: { additionalFields: { safetySettings: [] } } }],
		['another workflow asks', workflow(), {}],
	])('is not taken over where %s', async (name, job, parameters) => {
		const own = workflow();
		const asked = { ...own, items: rows('a', 'b', 'c', 'd') };
		if (name.includes('handed')) await run(asked);
		else await stopped({ ...asked, items: rows(...'abcdefgh'), parameters: twenty.parameters }, 4);
		asks();
		await run({ ...asked, parameters, ...job });
		expect(workbench.asked).toHaveLength(4);
	});

	test('is made again where n8n has pruned it', async () => {
		const own = workflow();
		await stopped({ ...twenty, ...own, executionId: 'pruned' }, 12);
		await workbench.bench.files.deleteMany([
			{ type: 'execution', workflowId: own.workflowId, executionId: 'pruned' },
		]);
		asks();
		const { main } = await run({ ...twenty, ...own });
		expect(main).toHaveLength(20);
		expect(workbench.asked).toHaveLength(20);
	});

	test('is not kept where n8n has images in memory: a reference would hold the bytes', async () => {
		jest.replaceProperty(workbench.bench.files as unknown as { mode: string }, 'mode', 'default');
		const own = workflow();
		await stopped({ ...twenty, ...own }, 12);
		asks();
		const { main } = await run({ ...twenty, ...own });
		expect(main).toHaveLength(20);
		expect(workbench.asked).toHaveLength(20);
	});
});
describe('what a run has paid for that threw', () => {
	const items = rows('a', 'b', 'c [refuse]', 'd');
	const parameters = { options: { concurrency: 1 } };

	test('comes out of the next one', async () => {
		const own = workflow();
		const { status } = await run({ ...own, items, parameters });
		expect(status).toBe('error');
		expect(workbench.asked).toEqual(['a', 'b', 'c [refuse]']);
		asks();
		const { main, hints } = await run({ ...own, items: rows('a', 'b', 'c', 'd'), parameters });
		expect(workbench.asked).toEqual(['c', 'd']);
		expect(main).toHaveLength(4);
		expect(hints[0]).toMatch(/^2 images made, 2 taken over/);
	});

	test('Retry On Fail goes on with it, also where n8n has images in memory', async () => {
		jest.replaceProperty(workbench.bench.files as unknown as { mode: string }, 'mode', 'default');
		workbench.emulator.faults.add({
			match: { prompt: 'c' },
			times: 1,
			reply: { fixture: 'noimage-text-only.json' },
		});
		const { main, hints } = await run({
			items: rows('a', 'b', 'c', 'd'),
			parameters,
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(workbench.asked).toEqual(['a', 'b', 'c', 'c', 'd']);
		expect(await pictures(main)).toEqual(['a', 'b', 'c', 'd'].map((each) => sent()[each]));
		expect(hints[0]).toMatch(/^4 images made\./);
	});
});

describe('reference images', () => {
	const photo = (bytes: Buffer): INodeExecutionData['binary'] => ({
		photo: { data: bytes.toString('base64'), mimeType: 'image/png' },
	});
	const PNG = Buffer.from(
		'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=',
		'base64',
	);
	const OTHER = Buffer.concat([PNG, Buffer.of(0)]);
	const withPhotos = (bytes: Buffer) =>
		[...'abcdefgh'].map((prompt) => ({ json: { prompt }, binary: photo(bytes)! }));
	const parameters = { referenceImages: 'photo', options: { concurrency: 4 } };

	test.each([
		['the same bytes, in whichever file', PNG, 4],
		['other bytes under the same name', OTHER, 8],
	])('%s', async (_name, bytes, calls) => {
		const own = workflow();
		await stopped({ ...own, items: withPhotos(PNG), parameters }, 4);
		asks();
		const { main } = await run({ ...own, items: withPhotos(bytes), parameters });
		expect(main).toHaveLength(8);
		expect(workbench.asked).toHaveLength(calls);
	});
});
