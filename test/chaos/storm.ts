import { type Emulator, startEmulator } from '../support/emulator/emulator';
import type { Reply } from '../support/emulator/faults';

/**
 * Seconds an attempt may take in these tests: hangs are then over soon. With three retries it is a quarter of what an item has in
 * all, rests of lanes included, and in this weather all of them rest now and then.
 */
export const TIMEOUT_S = 10;

/** No lane is the worse for these: the image comes all the same. */
const odd: readonly Reply[] = [
	{ drip: { bytes: 1024, everyMs: 20 } },
	{ gzip: true, thought: true },
	{ cut: 'length', cutAt: 'afterImage' },
	{ cut: 'chunked', cutAt: 'afterImage' },
	{ cut: 'hang', cutAt: 'afterImage' },
];

/** Each moves on at no cost the first time it is met at an endpoint. */
const free: readonly Reply[] = [
	{ reset: true },
	{ delayMs: 200, reset: true },
	{ fixture: 'throttled-bare.json' },
	{ status: 429, body: 'slow down', headers: { 'retry-after': '1' } },
	{ status: 500, body: { error: { code: 500, message: 'Internal.', status: 'INTERNAL' } } },
	{ fixture: 'overloaded.json' },
	{ fixture: 'bad-gateway.html' },
	{ status: 200, body: '<html>Sign in to the hotel</html>' },
	{ fixture: 'error-in-200.json' },
	{ fixture: 'msg-200.json' },
	{ fixture: 'cancelled.json' },
	{ fixture: 'deadline.json' },
];

/** Each costs a retry. */
const costly: readonly Reply[] = [
	{ hang: true },
	{ drip: { bytes: 64, everyMs: 1000 } },
	{ cut: 'length' },
	{ cut: 'chunked' },
	{ cut: 'reset' },
	{ cut: 'end' },
	{ cut: 'hang' },
	{ fixture: 'noimage-text-only.json' },
	{ fixture: 'noimage-finish.json' },
	{ fixture: 'gateway-504.html' },
	{ fixture: 'gateway-524.json' },
	{ fixture: 'cut-png.json' },
	{ fixture: 'cut-text.json' },
];

const INTERNAL = { code: 500, message: 'Internal.', status: 'INTERNAL' };

const evenly = (probability: number, replies: readonly Reply[]) =>
	replies.map((reply) => ({ probability: probability / replies.length, reply }));

/** Three endpoints in bad weather, with the keys they know. */
export interface Storm {
	readonly endpoints: ReadonlyArray<{ readonly emulator: Emulator; readonly keys: string[] }>;
	/** Settles once the last of what happens in between has happened. */
	readonly over: Promise<unknown>;
	close(): Promise<unknown>;
}

/** Prompts that always end in a 500, side by side as they stand in a list. */
export const isPoisoned = (row: number): boolean => row >= 90 && row < 102;

/**
 * Which reply a prompt meets at an endpoint follows from the seed alone. Each endpoint plays each prompt one bad trick at most,
 * and only the second one tricks that cost a retry. The first has a key that hangs for a while, which may cost a prompt two
 * more, and the last goes down in between: so three retries are enough for every prompt that is not poisoned, whatever the seed.
 */
export async function startStorm(seed: number, prompts: readonly string[]): Promise<Storm> {
	let ended = 0;
	const awaited: Array<{ count: number; come: () => void }> = [];
	const onEnded = () => {
		ended += 1;
		for (const { count, come } of awaited) if (count === ended) come();
	};
	const calls = (count: number) => new Promise<void>((come) => awaited.push({ count, come }));

	const endpoints = await Promise.all(
		[0, 1, 2].map(async (place) => {
			const keys = [1, 2].map((nth) => `AIza-secret-${place + 1}-${nth}-of-chaos`);
			const emulator = await startEmulator({ keys, imageSizePx: 128, latencyMs: 300, onEnded });
			const mix = [
				...evenly(0.15, odd),
				...evenly(0.2, free),
				...evenly(place === 1 ? 0.3 : 0, costly),
			];
			for (const [row, prompt] of prompts.entries()) {
				const own = seed * 1_000_003 + place * 1009 + row;
				emulator.faults.add(
					isPoisoned(row)
						? { match: { prompt }, reply: { status: 500, body: { error: INTERNAL } } }
						: { match: { prompt }, times: 1, reply: { chaos: { seed: own, mix } } },
				);
			}
			return { emulator, keys };
		}),
	);
	const [first, second, third] = endpoints;
	// What it takes though nobody has configured it.
	third!.emulator.faults.add({
		reply: { throttle: { perMinute: 12, windowMs: 4000, per: 'endpoint' } },
	});

	const hang = calls(30).then(() => {
		const end = first!.emulator.faults.add({
			match: { key: first!.keys[1]! },
			reply: { hang: true },
		});
		return calls(120).then(end);
	});

	const revoked = calls(20).then(() => second!.keys.pop());
	const outage = calls(70)
		.then(() => third!.emulator.down())
		.then(() => calls(110))
		.then(() => third!.emulator.up());
	return {
		endpoints,
		over: Promise.all([revoked, outage, hang]),
		close: () => Promise.all(endpoints.map(({ emulator }) => emulator.close())),
	};
}
