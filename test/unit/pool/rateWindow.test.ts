import fc from 'fast-check';
import { createRateWindow, createWindows, shareOf } from '../../../core/src/pool/rateWindow';
import { virtualTime } from '../../support/virtualTime';

const MINUTE = 60_000;

/** The most of these times that lie within any 60 s. */
const mostInMinute = (times: readonly number[]) =>
	Math.max(
		0,
		...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length),
	);

const anyMoments = fc.array(
	fc.record({ pause: fc.nat({ max: 20_000 }), lag: fc.constantFrom(0, 0, 5, 700, 4000) }),
	{ minLength: 1, maxLength: 60 },
);

test('never more than N starts in any minute, counted when the calls leave, however late that is', () =>
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 7 }), anyMoments, (perMinute, moments) => {
			const time = virtualTime();
			const window = createRateWindow(shareOf(perMinute, 1)!);
			const left: number[] = [];
			const refusedAt: number[] = [];
			for (const { pause, lag } of moments) {
				time.set(time.now() + pause);
				const start = window.tryTake();
				if (start === null) {
					refusedAt.push(time.now());
					expect(window.waitMs()).toBeGreaterThan(0);
					continue;
				}
				time.set(time.now() + lag);
				start.left();
				left.push(time.now());
			}
			expect(mostInMinute(left)).toBeLessThanOrEqual(perMinute);
			// It refuses only where one more would have been too many.
			for (const at of refusedAt) {
				const recent = left.filter((when) => when <= at && when > at - MINUTE - 251);
				expect(recent).toHaveLength(perMinute);
			}
		}),
		{ numRuns: 1000 },
	));

test('a start is free exactly when the wait it tells is over', () => {
	const time = virtualTime();
	const window = createRateWindow(shareOf(2, 1)!);
	window.tryTake();
	time.set(time.now() + 10_000);
	window.tryTake();
	expect(window.waitMs()).toBe(50_250);
	time.set(time.now() + 50_249);
	expect(window.tryTake()).toBeNull();
	time.set(time.now() + 1);
	expect(window.tryTake()).not.toBeNull();
	expect(window.waitMs()).toBe(10_000);
});

test('resized, it keeps all starts that still count', () => {
	const time = virtualTime();
	const window = createRateWindow(shareOf(4, 1)!);
	for (let i = 0; i < 4; i++) {
		window.tryTake();
		time.set(time.now() + 1000);
	}
	window.resize(shareOf(2, 1)!);
	expect(window.waitMs()).toBe(58_250);
	window.resize(shareOf(3, 1)!);
	expect(window.waitMs()).toBe(57_250);
	window.resize(shareOf(5, 1)!);
	expect(window.waitMs()).toBe(0);
});

test('never more than the limit that holds in any minute, however it is edited', () =>
	fc.assert(
		fc.property(
			fc.array(
				fc.record({ pause: fc.nat({ max: 20_000 }), limit: fc.integer({ min: 1, max: 6 }) }),
				{ minLength: 1, maxLength: 60 },
			),
			(moments) => {
				const time = virtualTime();
				const window = createRateWindow(shareOf(3, 1)!);
				const starts: number[] = [];
				for (const { pause, limit } of moments) {
					time.set(time.now() + pause);
					window.resize(shareOf(limit, 1)!);
					const recent = starts.filter((at) => at > time.now() - MINUTE - 250).length;
					const taken = window.tryTake() !== null;
					expect(taken).toBe(recent < limit);
					if (taken) starts.push(time.now());
				}
			},
		),
		{ numRuns: 1000 },
	));

test.each([
	[0, 1, null],
	[60, 1, { starts: 60, windowMs: 60_250 }],
	[60, 8, { starts: 7, windowMs: 60_250 }],
	[3, 4, { starts: 1, windowMs: 80_250 }],
	[0.5, 1, { starts: 1, windowMs: 120_250 }],
])('a limit of %d a minute for %d processes', (perMinute, processes, share) => {
	expect(shareOf(perMinute, processes)).toEqual(share);
});

test('a lane that has left its credential is kept as long as it is known or has a start, and no longer', () => {
	const starts = new Map([['started', [0]]]);
	const windows = createWindows((lane) => starts.get(lane) ?? []);
	const hold = (lanes: readonly string[], known: readonly string[]) =>
		windows.hold([{ endpoint: 'e', lanes, limit: shareOf(1, 1) }], (lane) => known.includes(lane));
	hold(['started', 'known', 'gone'], []);
	const shared = windows.of('started');
	hold(['new'], ['known']);
	const [now, ...others] = ['new', 'started', 'known', 'gone'].map(windows.of);
	expect(now).not.toBe(shared);
	expect(others).toEqual([now, now, null]);
	starts.clear();
	hold(['new'], []);
	expect(['started', 'known'].map(windows.of)).toEqual([null, null]);
});
