import { createHash, randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { client, shared } from '../e2e/shared';
import { calls, credentialType, imageNode, workflowFor } from '../e2e/workbench';
import { type N8nClient } from '../support/n8n/client';
import { type Item } from '../support/n8n/execution';
import { isPoisoned, type Storm, startStorm, TIMEOUT_S } from './storm';

/**
 * `CHAOS_SEED` repeats a run, `CHAOS_SEEDS` is how many runs there are, each with the next seed. CI, which tells what a
 * change has done, always has the same one.
 */
const ownSeed = process.env.CI === 'true' ? 1 : randomInt(1_000_000);
const first = Number(process.env.CHAOS_SEED ?? ownSeed);
const seeds = Array.from({ length: Number(process.env.CHAOS_SEEDS ?? 1) }, (_, nth) => first + nth);

const MAX_RETRIES = 3;
const CONCURRENCY = 16;
const prompts = Array.from({ length: 200 }, (_, row) => `picture ${row}.`);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

jest.setTimeout(300_000);

let n8n: N8nClient;
let storm: Storm;
beforeAll(async () => (n8n = await client()));
afterEach(() => storm.close());

test.each(seeds)('200 items through a storm: CHAOS_SEED=%i', async (seed) => {
	storm = await startStorm(seed, prompts);
	const credential = await saveCredential(`Storm ${seed}`);
	const execution = await draw(prompts, credential);
	await storm.over;
	report(seed);

	const poisoned = prompts.filter((_, row) => isPoisoned(row));
	expect(reasons(execution.items(imageNode, 1)).map(([prompt]) => prompt)).toEqual(poisoned);
	expect(execution.status).toBe('success');
	const items = execution.items(imageNode);
	const rows = prompts.flatMap((_, row) => (isPoisoned(row) ? [] : [row]));
	expect(items.map(({ json }) => json.prompt)).toEqual(rows.map((row) => prompts[row]));
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual(rows.map((item) => ({ item })));

	const made = callsByPrompt();
	for (const { json, binary } of items) {
		const tries = made.get(json.prompt as string)!;
		// Made again only where the earlier reply was lost, and what came through is what is handed on.
		expect([json.prompt, tries.map(({ delivered }) => delivered)]).toEqual([
			json.prompt,
			[...tries.slice(1).map(() => false), true],
		]);
		const bytes = await n8n.download(binary!.data!);
		expect([json.prompt, tries.at(-1)!.images.map((image) => image.sha256)]).toEqual([
			json.prompt,
			expect.arrayContaining([sha256(bytes)]),
		]);
	}
	const files = items.map(({ binary }) => binary!.data!.id);
	expect(new Set(files).size).toBe(rows.length);

	const badKey = allCalls().filter(({ status }) => status === 400);
	expect(badKey.length).toBeGreaterThan(0);
	expect(badKey.length).toBeLessThanOrEqual(CONCURRENCY);
	await untilAllServe(credential);
	expect(await filesWith('of-chaos')).toEqual([]);
});

async function saveCredential(name: string) {
	const endpoints = Object.fromEntries(
		storm.endpoints.map(({ emulator, keys }, place) => [
			`endpoint${place + 1}`,
			{ apiKeys: keys.join('\n'), baseUrl: emulator.url },
		]),
	);
	const { id } = await n8n.saveCredential(name, credentialType, { endpoints });
	return { id, name };
}

function draw(wanted: readonly string[], credential: { id: string; name: string }) {
	const options = {
		concurrency: CONCURRENCY,
		timeout: TIMEOUT_S,
		maxRetries: MAX_RETRIES,
		retryDelay: 0.5,
	};
	return n8n.run(
		workflowFor(
			credential,
			wanted.map((prompt) => ({ prompt })),
			{ onError: 'continueErrorOutput', parameters: { options } },
		),
	);
}

const reasons = (items: readonly Item[]) =>
	items.map(({ json }) => [json.prompt, (json.generation as { message: string }).message]);

/** What the storm did, endpoint by endpoint: jest's own output would not tell. */
function report(seed: number): void {
	const told = storm.endpoints.map(({ emulator }) => {
		const all = calls(emulator);
		const lost = all.filter(({ delivered }) => !delivered).length;
		return `${all.length} calls, ${lost} without an image`;
	});
	process.stdout.write(`CHAOS_SEED=${seed}: ${told.join('; ')}\n`);
}

const allCalls = () => storm.endpoints.flatMap(({ emulator }) => calls(emulator));

/** In order of arrival, whichever endpoint they went to. */
function callsByPrompt() {
	const sorted = allCalls().sort((one, other) => one.mono - other.mono);
	return new Map(
		prompts.map((wanted) => [wanted, sorted.filter(({ prompt }) => prompt === wanted)]),
	);
}

/** The endpoint that was down, and whatever else was in bad repute, is used again once its time is over. */
async function untilAllServe(credential: { id: string; name: string }): Promise<void> {
	const before = storm.endpoints.map(({ emulator }) => calls(emulator).length);
	const serve = () =>
		storm.endpoints.every(({ emulator }, place) =>
			calls(emulator)
				.slice(before[place])
				.some(({ delivered }) => delivered),
		);
	while (!serve()) {
		await sleep(500);
		const wanted = Array.from({ length: 6 }, (_, row) => `calm ${row}`);
		expect(reasons((await draw(wanted, credential)).items(imageNode, 1))).toEqual([]);
	}
}

/** Log, database with all execution records, files: whatever n8n has written so far. */
async function filesWith(words: string): Promise<string[]> {
	const folder = path.dirname(shared().log);
	const files = await readdir(folder, { recursive: true, withFileTypes: true });
	const found: string[] = [];
	for (const file of files.filter((entry) => entry.isFile())) {
		const name = path.join(file.parentPath, file.name);
		if ((await readFile(name)).includes(words)) found.push(name);
	}
	return found;
}
