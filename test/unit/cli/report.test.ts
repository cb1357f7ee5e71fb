import type { LaneStatus, Made, NotMade } from 'gemini-t2i/pool';
import { PassThrough } from 'node:stream';
import type { Entry } from '../../../core/cli/entry';
import { failedEntry, madeEntry, skippedEntry } from '../../../core/cli/entry';
import { openReport } from '../../../core/cli/report';
import { planImages } from '../../../core/cli/plan';
import { NO_USAGE } from '../../../core/src/image/image';
import { openTally } from '../../../core/cli/tally';
import { visible } from '../../../core/cli/terminal';
import { inWords, lineOf, summaryOf } from '../../../core/cli/report';

const [wanted] = planImages({ prompt: 'a', output_dir: 'out', num_images_per_prompt: 1 }, null, {
	stdin: null,
	fetch,
});
const image = {
	data: Buffer.from('x'),
	mimeType: 'image/png',
	extension: 'png',
	width: 1,
	height: 2,
} as const;
const usage = { ...NO_USAGE, promptTokens: 1, imageTokens: 2, totalTokens: 3 };
const made = (costUsd: number | null): Made => ({
	images: [image],
	text: '',
	account: {
		usage,
		modelVersion: 'm',
		lane: 'Endpoint 1 #2',
		attempts: [],
		durationMs: 3400,
		costUsd,
	},
});
const failure = (status: 'refused' | 'failed'): NotMade => ({
	status,
	code: 'IMAGE_SAFETY',
	message: 'Change the prompt.',
	account: { attempts: [], lane: null, usage, modelVersion: null, durationMs: 1, costUsd: 0.01 },
});
const lane = { endpoint: 'Endpoint 1', inFlight: 0, models: [] };
const lanes: LaneStatus[] = [
	{ ...lane, lane: 'Endpoint 1 #1', state: 'ready', reason: '', backInMs: 0 },
	{
		...lane,
		lane: 'Endpoint 1 #2',
		state: 'retired',
		reason: 'its key was not accepted',
		backInMs: 3_600_000,
	},
	{ ...lane, lane: 'Endpoint 1 #3', state: 'cooling', reason: 'throttled', backInMs: 2000 },
];
const ok = (costUsd: number | null, extra = false) =>
	madeEntry(wanted!, '000000.png', image, made(costUsd), extra, 'now');

test.each([
	[0, '0.0 s'],
	[9_949, '9.9 s'],
	[59_400, '59 s'],
	[200_000, '3 min 20 s'],
	[7_500_000, '2 h 5 min'],
])('%i ms are %s', (ms, words) => {
	expect(inWords(ms)).toBe(words);
});

test('a run in numbers: rate and time left by what it made itself, extras beyond what was asked', () => {
	let now = 1000;
	const tally = openTally(8, () => now);
	expect(tally.progress()).toMatchObject({ open: 8, leftMs: null, perMinute: 0 });
	for (const entry of [
		skippedEntry(wanted!, '000000.png', 'now'),
		ok(0.03),
		ok(0.03, true),
		ok(null),
		failedEntry(wanted!, failure('refused'), 'now'),
		failedEntry(wanted!, failure('failed'), 'now'),
	]) {
		tally.add(entry);
	}
	now += 20_000;
	expect(tally.progress()).toMatchObject({
		total: 8,
		made: 2,
		extras: 1,
		skipped: 1,
		refused: 1,
		failed: 1,
		open: 3,
		costUsd: expect.closeTo(0.05) as number,
		unpriced: 1,
		perMinute: 9,
		leftMs: 15_000,
	});
	expect(summaryOf(tally.progress(), 'out', lanes)).toBe(
		[
			'8 images asked for: 2 made, 1 more came along, 1 there already, 1 refused, 1 failed, 3 not started or broken off. 20 s, 9.0 a minute, about $0.05 and 1 image without a known price.',
			'Images and metadata.jsonl are in out.',
			'Endpoint 1 #2 was left out: its key was not accepted.',
			'A refused image needs another prompt.',
			'Run the same command again to make what is missing.',
		].join('\n'),
	);
});

test('a line about an image', () => {
	expect(lineOf(ok(0.03), '000000')).toBe('000000.png made by Endpoint 1 #2 in 3.4 s');
	expect(lineOf(failedEntry(wanted!, failure('refused'), 'now'), '000000')).toBe(
		'000000 refused (IMAGE_SAFETY): Change the prompt.',
	);
});

describe('on a terminal', () => {
	/** A stream that says it is a terminal of so many columns, and what was written to it. */
	const terminal = (isTTY: boolean, columns = 200, isPipe = false) => {
		const stream = Object.assign(new PassThrough(), { isTTY, columns, isPipe });
		return { stream, text: () => String(stream.read() ?? '') };
	};
	type Ends = { json: boolean; out: boolean; err: boolean; columns?: number; pipe?: boolean };
	const runOn = ({ json, out, err, columns, pipe }: Ends) => {
		const [stdout, stderr] = [terminal(out, 200, pipe), terminal(err, columns)];
		let now = 0;
		const tally = openTally(4, () => now);
		const report = openReport({
			stdout: stdout.stream,
			stderr: stderr.stream,
			json,
			tally,
			directory: 'out',
		});
		now = 30_000;
		for (const entry of [ok(0.03), failedEntry(wanted!, failure('refused'), 'now')]) {
			tally.add(entry);
			report.settled(entry, '000000');
		}
		report.close([]);
		return { stdout: stdout.text(), stderr: stderr.text() };
	};
	const bar = /1\/4 images \| 1 failed \| 2\.0\/min \| \$0\.04 \| 30 s left/;

	test('a bar tells images, failures, rate, cost and time left; what was not made is named above it', () => {
		const { stdout, stderr } = runOn({ json: false, out: true, err: true });
		expect(stderr).toMatch(bar);
		expect(stderr).toMatch(
			/000000 refused \(IMAGE_SAFETY\): Change the prompt\.\n[^]*30 s left[^\n]*\n$/,
		);
		expect(stdout).toMatch(/^4 images asked for: 1 made, 1 refused, 2 not started/);
	});

	test('a log of standard output still has its line an image', () => {
		const { stdout, stderr } = runOn({ json: false, out: false, err: true });
		expect(stderr).toMatch(bar);
		expect(stdout).toMatch(/^000000\.png made by Endpoint 1 #2 in 3\.4 s\n4 images asked for/);
	});

	test.each([80, 60, 40])(
		'of %i columns it is the bar that gets shorter, not what it tells',
		(columns) => {
			const { stderr } = runOn({ json: false, out: true, err: true, columns });
			expect(stderr).toMatch(columns < 50 ? /1\/4 images/ : bar);
		},
	);

	test('a log gets all of it as a line, now and then', () => {
		const { stderr } = runOn({ json: true, out: false, err: false });
		expect(stderr).toMatch(
			/^1\/4 images \| 0 failed \| 2\.0\/min \| \$0\.03 \| 1 min 30 s left\n000000 refused/,
		);
		expect(stderr.match(/left\n/g)).toHaveLength(1);
	});

	test('JSON into a file leaves the bar on the terminal', () => {
		const { stdout, stderr } = runOn({ json: true, out: false, err: true });
		expect(stderr).toMatch(bar);
		expect(
			stdout
				.trim()
				.split('\n')
				.map((line) => (JSON.parse(line) as Entry).status),
		).toEqual(['ok', 'refused', 'summary']);
	});

	test('JSON on the terminal itself has no bar in between', () => {
		const { stdout, stderr } = runOn({ json: true, out: true, err: true });
		expect(stderr).not.toMatch(/left/);
		expect(stdout.trim().split('\n')).toHaveLength(3);
	});

	test('what another program reads and may show on the same terminal has no bar in between', () => {
		const { stdout, stderr } = runOn({ json: false, out: false, err: true, pipe: true });
		expect(stderr).toBe('000000 refused (IMAGE_SAFETY): Change the prompt.\n');
		expect(stdout).toMatch(/^000000\.png made by/);
	});

	describe('while nothing comes', () => {
		beforeEach(() => jest.useFakeTimers());
		afterEach(() => jest.useRealTimers());
		let cooling: LaneStatus = {
			...lane,
			lane: 'Endpoint 1 #1',
			state: 'cooling',
			reason: 'it cannot be reached',
			backInMs: 20_000,
		};

		test.each<[string, LaneStatus[], string]>([
			['no answer yet', [{ ...lanes[0]!, inFlight: 3 }], '3 in the making'],
			['a limit', [lanes[0]!], 'waiting for the next start that the limit permits'],
			[
				'a dead address',
				[cooling],
				'waiting: Endpoint 1 #1: it cannot be reached, asked again in 20 s',
			],
		])('a line every 30 s says what is waited for: %s', (_, standing, waits) => {
			const [stdout, stderr] = [terminal(false), terminal(false)];
			let now = 0;
			const report = openReport({
				stdout: stdout.stream,
				stderr: stderr.stream,
				json: false,
				tally: openTally(4, () => now),
				directory: 'out',
				lanes: () => standing,
			});
			for (; now < 95_000; now += 500) jest.advanceTimersByTime(500);
			const lines = stderr
				.text()
				.split('\n')
				.filter((line) => line.includes('0/4'));
			expect(lines).toEqual(Array(3).fill(`0/4 images | 0 failed | 0.0/min | $0.00 | ${waits}`));
			report.close([]);
		});

		test('why a key does not serve is told once, when it happens, above the bar', () => {
			const [stdout, stderr] = [terminal(true), terminal(true)];
			const report = openReport({
				stdout: stdout.stream,
				stderr: stderr.stream,
				json: false,
				tally: openTally(4, () => 0),
				directory: 'out',
				lanes: () => [cooling],
			});
			for (const said of ['bad port', 'wait 3 s', 'wait 2 s']) {
				cooling = { ...cooling, reason: `it cannot be reached (“${said}”)` };
				jest.advanceTimersByTime(2000);
			}
			const text = stderr.text();
			expect(text.match(/Endpoint 1 #1: it cannot be reached \(“bad port”\)\.\n/g)).toHaveLength(1);
			expect(text).not.toMatch(/reached \(“wait \d s”\)\.\n/);
			// No estimate before the first image.
			expect(text).toContain(
				'| waiting: Endpoint 1 #1: it cannot be reached (“wait 2 s”), asked again',
			);
			expect(text).not.toContain('left');
			report.close([]);
		});
	});

	test.each<[string, string]>([
		['\u001b[2J\u001b]0;title\u0007red\u001b[31m', 'red'],
		['one\r\ntwo\tthree', 'one two three'],
		['\u202eabc\u202c \u2066x\u2069\u200f', 'abc x'],
		['\u009b31mC1 \u0085', 'C1 '],
		[
			'\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
			'\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
		],
	])('%j is shown as %j', (text, shown) => {
		expect(visible(text)).toBe(shown);
	});
});
