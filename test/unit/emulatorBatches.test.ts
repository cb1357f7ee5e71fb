import { type Emulator, type EmulatorOptions, startEmulator } from '../support/emulator/emulator';

const running: Emulator[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

async function start(options: EmulatorOptions = {}) {
	const emulator = await startEmulator({ imageSizePx: 32, ...options });
	running.push(emulator);
	const call = async (method: string, path: string, body?: unknown, key = 'k') => {
		const response = await fetch(`${emulator.url}/v1beta/${path}`, {
			method,
			headers: { 'x-goog-api-key': key },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		return { status: response.status, json: (await response.json()) as any };
	};
	const create = (prompts: readonly string[], key = 'k', model = MODEL) =>
		call('POST', `models/${model}:batchGenerateContent`, batchOf(prompts), key);
	return { emulator, call, create };
}

const MODEL = 'gemini-nano-banana-2.1';
const HOUR_MS = 60 * 60_000;

const batchOf = (prompts: readonly string[]) => ({
	batch: {
		displayName: 'mine',
		inputConfig: {
			requests: {
				requests: prompts.map((text, index) => ({
					request: { contents: [{ role: 'user', parts: [{ text }] }] },
					metadata: { key: `key-${index}` },
				})),
			},
		},
	},
});

const states = (emulator: Emulator) =>
	emulator.batches.jobs.map(({ state }) => state.replace('BATCH_STATE_', ''));

describe('batches of the emulator', () => {
	test('a job goes through its states by a clock that can be turned', async () => {
		const { emulator, create } = await start();
		await create(['a cat']);
		const seen = [states(emulator)[0]];
		for (const ms of [60_000, 240_000]) {
			emulator.batches.turn(ms);
			seen.push(states(emulator)[0]);
		}
		expect(seen).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
	});

	test('a result holds each image twice, in the order of the requests, with their keys', async () => {
		const { emulator, call, create } = await start();
		const { json: job } = await create(['a cat', 'a dog']);
		emulator.batches.turn(HOUR_MS);
		const { json } = await call('GET', job.name);
		const first = json.metadata.output.inlinedResponses.inlinedResponses;
		expect(json.response.inlinedResponses.inlinedResponses).toEqual(first);
		expect(first.map(({ metadata }: any) => metadata.key)).toEqual(['key-0', 'key-1']);
		const data = first.map(
			({ response }: any) => response.candidates[0].content.parts[0].inlineData.data,
		);
		expect(new Set(data).size).toBe(2);
	});

	test('errors stand at two levels: of the job, and of one request', async () => {
		const { emulator, call, create } = await start();
		const { json: bad } = await create(['a cat']);
		emulator.batches.end(bad.name, 'BATCH_STATE_FAILED', { code: 9, message: 'No capacity.' });
		expect((await call('GET', bad.name)).json).toMatchObject({
			done: true,
			error: { message: 'No capacity.' },
		});
		const { json: mixed } = await create(['a cat [500]', 'a dog']);
		emulator.batches.turn(HOUR_MS);
		const { json } = await call('GET', mixed.name);
		const members = json.metadata.output.inlinedResponses.inlinedResponses;
		expect(members[0].error).toMatchObject({ code: 13, message: 'Internal.' });
		expect(members[1].response).toBeDefined();
	});

	test('the list comes in pages, without outputs, each project sees its own jobs', async () => {
		const { emulator, call, create } = await start({ batch: { projects: { other: 'second' } } });
		for (const prompt of ['a', 'b', 'c']) await create([prompt]);
		await create(['d'], 'other');
		emulator.batches.turn(HOUR_MS);
		const { json: one } = await call('GET', 'batches?pageSize=2');
		const { json: two } = await call('GET', `batches?pageSize=2&pageToken=${one.nextPageToken}`);
		expect([one.operations.length, two.operations.length, two.nextPageToken]).toEqual([
			2,
			1,
			undefined,
		]);
		expect(JSON.stringify([one, two])).not.toMatch(/inlinedResponses/);
		expect((await call('GET', emulator.batches.jobs[0]!.name, undefined, 'other')).status).toBe(
			403,
		);
	});

	test('a job that is cancelled, deleted or expired', async () => {
		const { emulator, call, create } = await start();
		emulator.batches.fateOf = ({ requests }) =>
			requests.length > 1 ? 'BATCH_STATE_EXPIRED' : 'BATCH_STATE_SUCCEEDED';
		const { json: first } = await create(['a cat']);
		await call('POST', `${first.name}:cancel`, {});
		await create(['a cat', 'a dog']);
		emulator.batches.turn(49 * HOUR_MS);
		expect(states(emulator)).toEqual(['CANCELLED', 'EXPIRED']);
		await call('DELETE', first.name);
		expect((await call('GET', first.name)).status).toBe(404);
	});

	test.each([
		['more open jobs than a project may have', { batch: { mostOpen: 0 } }, MODEL, 429],
		['a model without batches', {}, 'gemini-3-pro', 400],
		['a proxy without batches', { batch: false as const }, MODEL, 404],
	])('%s', async (_name, options, model, status) => {
		const { create } = await start(options);
		expect((await create(['a cat'], 'k', model)).status).toBe(status);
	});

	test('a result of many images cannot be fetched', async () => {
		const { emulator, call, create } = await start({ batch: { mostImagesToGet: 1 } });
		const { json: job } = await create(['a cat', 'a dog']);
		emulator.batches.turn(HOUR_MS);
		expect((await call('GET', job.name)).status).toBe(503);
	});

	test.each([
		['is lost', { reset: true }],
		['is a page of a gateway', { status: 504, body: 'gateway timeout' }],
	])('a job is made although the reply %s', async (_name, reply) => {
		const { emulator, create } = await start();
		emulator.faults.add({
			match: { action: 'batchCreate' },
			reply: { takesEffect: true, ...reply },
		});
		await create(['a cat']).catch(() => {});
		expect(states(emulator)).toEqual(['PENDING']);
	});
});
