import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '../../../core/cli/entry';
import type { Reply } from '../../support/emulator/faults';
import { withCommandLine } from './commandLine';

// Each test runs several processes, and the computer may be busy.
jest.setTimeout(60_000);

const world = withCommandLine();
const start = (count: number, workers: number, options: string[] = []) => {
	const prompts = Array.from({ length: count }, (_, index) => `prompt ${index}.`);
	writeFileSync(join(world.folder, 'prompts.txt'), prompts.join('\n'));
	const args = ['--prompts_file', 'prompts.txt', '--max_global_workers', String(workers)];
	return world.commandLine.start([...args, ...options], world.folder, {
		GEMINI_API_KEY: 'k',
		DG_GEMINI_BASE_URL: world.emulator.url,
	});
};

const images = (): string[] => {
	const output = join(world.folder, 'output');
	return existsSync(output) ? readdirSync(output).filter((name) => /^\d+\.png$/.test(name)) : [];
};
const hidden = () =>
	readdirSync(join(world.folder, 'output')).filter((name) => name.startsWith('.'));
const metadata = (): Entry[] =>
	readFileSync(join(world.folder, 'output/metadata.jsonl'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Entry);

/** Replies that were sent to their last byte, by prompt: what was paid for. */
const paid = (): Map<string, number> => {
	const counts = new Map<string, number>();
	for (const { prompt, status, closedByClient } of world.emulator.requests) {
		if (status === 200 && !closedByClient) counts.set(prompt, (counts.get(prompt) ?? 0) + 1);
	}
	return counts;
};

/** Every file holds the very bytes that were sent for its prompt. */
const expectAllAsSent = (count: number) => {
	expect(images()).toHaveLength(count);
	const sent = new Map(
		world.emulator.requests.flatMap(({ prompt, images: [image] }) =>
			image ? [[image.sha256, prompt]] : [],
		),
	);
	for (const name of images()) {
		const bytes = readFileSync(join(world.folder, 'output', name));
		const hash = createHash('sha256').update(bytes).digest('hex');
		expect([name, sent.get(hash)]).toEqual([name, `prompt ${Number.parseInt(name, 10)}.`]);
	}
};

test('killed in the middle, then run again: no image is lost, none is paid for twice but those in flight', async () => {
	const [count, workers] = [60, 6];
	world.emulator.faults.add({ reply: { delayMs: 60 } });
	const asked = () => world.emulator.requests.map(({ prompt }) => prompt);
	/** Prompts whose image was on disk at a kill, and how many requests there were then. */
	const kills: { kept: string[]; requests: number }[] = [];
	for (const enough of [10, 30]) {
		const { child, ended } = start(count, workers);
		while (images().length < enough) await sleep(5);
		child.kill('SIGKILL');
		expect((await ended).code).toBeNull();
		const kept = images().map((name) => `prompt ${Number.parseInt(name, 10)}.`);
		kills.push({ kept, requests: world.emulator.requests.length });
	}
	const { code, stdout, stderr } = await start(count, workers).ended;
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	const kept = kills.at(-1)?.kept.length ?? 0;
	expect(stdout).toContain(
		`${count} images asked for: ${count - kept} made, ${kept} there already.`,
	);
	expectAllAsSent(count);
	expect(hidden()).toEqual([]);
	// What was on disk at a kill is never asked for again.
	for (const { kept, requests } of kills) {
		const later = new Set(asked().slice(requests));
		expect(kept.filter((prompt) => later.has(prompt))).toEqual([]);
	}
	// A kill costs at most the calls then in flight.
	expect(world.emulator.requests.length).toBeLessThanOrEqual(count + kills.length * workers);
});

describe('asked to end', () => {
	const [count, workers] = [40, 4];
	/** Twelve images are made, and four calls are in flight, when the signal comes. */
	const stopInTheMiddle = async (
		held: Reply,
		signals: readonly NodeJS.Signals[],
		options: string[] = [],
	) => {
		const restore = world.emulator.faults.add({
			match: { prompt: /prompt (1[2-9]|[2-3]\d)\./ },
			reply: held,
		});
		const { child, ended } = start(count, workers, options);
		let told = '';
		child.stderr?.on('data', (text: string) => (told += text));
		while (images().length < 12 || world.emulator.requests.length < 12 + workers) await sleep(5);
		for (const signal of signals) {
			child.kill(signal);
			while (!told.includes('Stopping')) await sleep(5);
			await sleep(150);
		}
		const { code, stdout, stderr } = await ended;
		expect(code).toBe(1);
		expect(stderr).toContain(
			'Stopping: nothing further is started. 4 images in the making are paid for and are waited for.',
		);
		restore();
		return { stdout, stderr };
	};
	/** The same command goes on from there. */
	const expectTheRest = async () => {
		expect((await start(count, workers).ended).code).toBe(0);
		expectAllAsSent(count);
	};

	test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
		'by %s it waits for the calls in flight, and starts nothing',
		async (signal) => {
			const { stdout, stderr } = await stopInTheMiddle({ delayMs: 700 }, [signal]);
			expect(stderr.includes('Press Ctrl-C again to break off')).toBe(signal === 'SIGINT');
			expect(stdout).toMatch(
				/40 images asked for: 16 made, 24 not started or broken off\.[^]*Run the same command again/,
			);
			expect(world.emulator.requests).toHaveLength(16);
			expect(metadata()).toHaveLength(16);
			await expectTheRest();
			expect([...paid().values()]).toEqual(Array(count).fill(1));
		},
	);

	test.each([
		['the second Ctrl-C', ['SIGINT', 'SIGINT'], []],
		['Ctrl-C, then SIGTERM twice', ['SIGINT', 'SIGTERM', 'SIGTERM'], []],
		['SIGTERM and its own limit', ['SIGTERM'], ['--stop_timeout', '0.3']],
		['SIGHUP and its own limit', ['SIGHUP'], ['--stop_timeout', '0.3']],
	] as const)('%s breaks calls off, keeps what is made and tells', async (_, signals, options) => {
		// Long before the 8 s that a program is given otherwise, and any later than it is broken off.
		const held = { delayMs: 5000 };
		const { stdout, stderr } = await stopInTheMiddle(held, signals, [...options]);
		expect(stderr).toContain('Calls are broken off; images that have arrived are written.');
		expect(stdout).toMatch(/40 images asked for: 12 made, 28 not started or broken off\./);
		expect(metadata()).toHaveLength(12);
		expect(world.emulator.requests.filter(({ closedByClient }) => closedByClient)).toHaveLength(
			workers,
		);
		await expectTheRest();
		expect([...paid().values()]).toEqual(Array(count).fill(1));
	});
});

test('killed twelve times among 120 images: none on disk is paid for again, no file is torn', async () => {
	const [count, workers] = [120, 6];
	world.emulator.faults.add({ reply: { delayMs: 20, megabytes: 0.3 } });
	let asked = 0;
	for (let round = 1; round <= 12; round++) {
		const { child, ended } = start(count, workers);
		while (images().length < round * 8) await sleep(2);
		child.kill('SIGKILL');
		await ended;
		const onDisk = new Set(images().map((name) => `prompt ${Number.parseInt(name, 10)}.`));
		const before = world.emulator.requests.slice(asked).map(({ prompt }) => prompt);
		const earlier = new Set(world.emulator.requests.slice(0, asked).map(({ prompt }) => prompt));
		asked = world.emulator.requests.length;
		// What an earlier round had asked for and a later one asked for again was in flight then.
		expect(before.filter((prompt) => earlier.has(prompt)).length).toBeLessThanOrEqual(workers);
		expect(onDisk.size).toBeGreaterThanOrEqual(round * 8);
	}
	expect((await start(count, workers).ended).code).toBe(0);
	expectAllAsSent(count);
	expect(hidden()).toEqual([]);
	expect(world.emulator.requests.length).toBeLessThanOrEqual(count + 12 * workers);
});

test('1,000 prompts at 32 workers: each asked for once, each there, each noted', async () => {
	const { code, stdout, stderr } = await start(1000, 32).ended;
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(stdout).toContain('1000 images asked for: 1000 made.');
	expect(world.emulator.requests).toHaveLength(1000);
	expect(world.emulator.maxInFlight).toBeLessThanOrEqual(32);
	expectAllAsSent(1000);
	expect(new Set(metadata().map(({ file }) => file)).size).toBe(1000);
});
