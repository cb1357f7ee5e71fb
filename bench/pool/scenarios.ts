/**
 * What goes wrong in the night, played on a virtual clock to this pool and to what people use without one: each meets the
 * same scripted servers, and no limit is configured. Ratios are to the schedule that knows all limits and faults.
 */
import { RateLimiter } from 'limiter';
import pLimit from 'p-limit';
import {
	atOnce,
	on,
	perMinute,
	placeOf,
	play,
	request,
	keep,
	poolWorld,
	seeded,
	settings,
	type Script,
} from '../../test/support/play';
import { virtualTime, type VirtualTime } from '../../test/support/virtualTime';

interface Scenario {
	readonly name: string;
	/** Keys of each endpoint. */
	readonly keys: readonly number[];
	/** A script of its own for each contender: it may remember what it has served. */
	readonly script: () => Script;
	readonly items: number;
	/** Items that no server refuses to make; all where unset. */
	readonly good?: (place: number) => boolean;
	readonly retries?: number;
	readonly timeoutMs?: number;
	/** Seconds of the schedule that knows everything. */
	readonly ideal: number;
	/** Of that time at most; refused calls for an image at most. */
	readonly within: number;
	readonly refused?: number;
	/** Calls that a key takes a minute: what `limiter` has to be told. */
	readonly perMinute?: number;
}

/** What came of a scenario. */
interface Outcome {
	readonly made: number;
	readonly lost: number;
	readonly seconds: number;
	readonly refused: number;
}

const isPoison = (prompt: string) => placeOf(prompt) >= 60 && placeOf(prompt) < 72;
const images =
	(ms: number): Script =>
	() => ({ kind: 'images', ms });
const tenAMinute = (name: string, ms: number, keys: number, hint: 'exact' | 'none'): Scenario => ({
	name,
	keys: [keys],
	script: () => perMinute(10, ms, hint),
	items: 200,
	ideal:
		(Math.ceil(200 / (10 * keys)) - 1) * 60 +
		Math.ceil(Math.min(200, 10 * keys) / 16) * (ms / 1000),
	within: hint === 'exact' && keys === 1 ? 1.1 : 1.25,
	refused: hint === 'exact' ? 0.25 : 0.4,
	perMinute: 10,
});

const SCENARIOS: readonly Scenario[] = [
	...[0, 2].map((retries): Scenario => ({
		name: `12 prompts that always end in a 500, among 188 good, ${retries} retries`,
		keys: [1],
		script: () => {
			const random = seeded(77);
			return ({ prompt }) =>
				isPoison(prompt)
					? { kind: 'serverFault', ms: 500 + random() * 1500 }
					: { kind: 'images', ms: 5000 + random() * 10_000 };
		},
		items: 200,
		good: (place) => place < 60 || place >= 72,
		retries,
		ideal: (188 * 10) / 16,
		within: 1.3,
	})),
	{
		name: 'one key of 4 hangs, 2 retries',
		keys: [4],
		script: () => (call) => ({ kind: 'images', ms: call.lane.endsWith('#1') ? 1e7 : 8000 }),
		items: 400,
		retries: 2,
		timeoutMs: 120_000,
		ideal: 200 + 120 / 1.5,
		within: 1.5,
	},
	...[8, 20, 60].map((s) =>
		tenAMinute(`a key held to 10 a minute, exact hints, ${s} s`, s * 1000, 1, 'exact'),
	),
	tenAMinute('a key held to 10 a minute, no hints, 8 s', 8000, 1, 'none'),
	tenAMinute('4 keys held to 10 a minute each, no hints, 8 s', 8000, 4, 'none'),
	{
		name: 'a key that takes 2 calls at once, 10 s',
		keys: [1],
		script: () => atOnce(2, 10_000),
		items: 100,
		ideal: 500,
		within: 1.05,
		refused: 0.5,
	},
	{
		name: 'an outage of 9 minutes after 20 s',
		keys: [1],
		script:
			() =>
			({ at }) =>
				at > 20_000 && at < 560_000
					? { kind: 'unreachable', ms: 20 }
					: { kind: 'images', ms: 10_000 },
		items: 100,
		ideal: 540 + 70,
		within: 1.15,
	},
	{
		name: 'endpoints of 2 s and 20 s, equal weights',
		keys: [1, 1],
		script: () => (call) => images(on(2)(call) ? 20_000 : 2000)(call),
		items: 100,
		ideal: 45,
		within: 1,
	},
];

type Contender = (scenario: Scenario) => Promise<Outcome>;

const CONCURRENCY = 16;

const pool: Contender = async ({ keys, script, items, good, retries = 0, timeoutMs = 300_000 }) => {
	const { drawn, seconds, calls } = await play({
		pool: [keys.map((count) => ({ keys: count }))],
		script: script(),
		items: [items],
		options: { maxRetries: retries, timeoutMs },
	});
	const made = drawn.filter(({ status }) => status === 'ok').length;
	const lost = drawn.filter(({ status }, i) => status !== 'ok' && (good?.(i) ?? true)).length;
	return { made, lost, seconds, refused: calls('throttled') };
};

/** Plays a loop of somebody else's: `draw` makes one image by calls on lanes, each of which answers whether it did. */
const loop =
	(
		workers: number,
		loopOf: (
			lanes: readonly string[],
			call: (lane: string, place: number) => Promise<boolean>,
			time: VirtualTime,
			scenario: Scenario,
		) => (place: number) => Promise<boolean>,
	): Contender =>
	async (scenario) => {
		const { keys, items, good, timeoutMs = 300_000 } = scenario;
		const time = virtualTime();
		const from = time.now();
		const script = scenario.script();
		const asked = new Map<string, number>();
		let refused = 0;
		const call = async (lane: string, place: number) => {
			const nth = asked.get(lane) ?? 0;
			asked.set(lane, nth + 1);
			const { kind, ms = 1000 } = script({
				lane,
				prompt: `t0 i${place}`,
				model: '',
				at: time.now(),
				nth,
			});
			await time.sleep(Math.min(ms, timeoutMs));
			if (kind === 'throttled') refused += 1;
			return kind === 'images' && ms <= timeoutMs;
		};
		const lanes = keys.flatMap((count, e) =>
			Array.from({ length: count }, (_, k) => `Endpoint ${e + 1} #${k + 1}`),
		);
		const draw = loopOf(lanes, call, time, scenario);
		const limit = pLimit(workers);
		const done = await time.run(
			Promise.all(Array.from({ length: items }, (_, i) => limit(() => draw(i)))),
		);
		return {
			made: done.filter(Boolean).length,
			lost: done.filter((isMade, i) => !isMade && (good?.(i) ?? true)).length,
			seconds: (time.now() - from) / 1000,
			refused,
		};
	};

/** Lanes in turn, no limits, no failover. */
const plainLoop = loop(CONCURRENCY, (lanes, call) => (i) => call(lanes[i % lanes.length]!, i));

/** The same behind one token bucket a key, which has to be told the limit. */
const limiterAlone = loop(CONCURRENCY, (lanes, call, time, scenario) => {
	const buckets = lanes.map(
		() => new RateLimiter({ tokensPerInterval: scenario.perMinute ?? 1e6, interval: 60_000 }),
	);
	return async (i) => {
		const bucket = buckets[i % lanes.length]!;
		while (!bucket.tryRemoveTokens(1)) await time.sleep(Math.max(1, bucket.getWaitTime(1)));
		return await call(lanes[i % lanes.length]!, i);
	};
});

/** Four workers; a key picked at random by its faults; any fault is retried, up to thrice. */
const seedTool = loop(4, (lanes, call) => {
	const random = seeded(1);
	const faults = lanes.map(() => 0);
	return async (i) => {
		for (let attempt = 0; attempt < 4; attempt++) {
			const weights = faults.map((count) => Math.max(1, 3 - count));
			let point = random() * weights.reduce((sum, weight) => sum + weight, 0);
			const lane = Math.max(
				0,
				weights.findIndex((weight) => (point -= weight) < 0),
			);
			if (await call(lanes[lane]!, i)) return true;
			faults[lane]! += 1;
		}
		return false;
	};
});

const CONTENDERS: Readonly<Record<string, Contender>> = {
	'this pool': pool,
	'p-limit loop': plainLoop,
	'limiter, told the limit': limiterAlone,
	'seed tool, simulated': seedTool,
};

/** A table by scenario: what each contender lost, its time over the ideal one, its refused calls for an image. */
export async function nights(): Promise<Record<string, Record<string, string>>> {
	const table: Record<string, Record<string, string>> = {};
	for (const scenario of SCENARIOS) {
		const { name, ideal, within, refused } = scenario;
		const row: Record<string, string> = {
			'to reach': `0 lost, ${within} x${refused === undefined ? '' : `, ${refused} a.i.`}`,
		};
		for (const [contender, run] of Object.entries(CONTENDERS)) {
			const outcome = await run(scenario);
			const share = outcome.refused / scenario.items;
			row[contender] =
				`${outcome.lost} lost, ${(outcome.seconds / ideal).toFixed(2)} x` +
				(refused === undefined ? '' : `, ${share.toFixed(2)} a.i.`);
		}
		table[name] = row;
	}
	return table;
}

/** Runs of two executions beside each other, which only a pool can have: seconds of the one that is told of. */
export async function besideEachOther(): Promise<Record<string, Record<string, string>>> {
	const runBeside = async (
		script: Script,
		other: { items: number; model: string; aheadMs: number; retries: number },
		own: { items: number; model: string },
	) => {
		const world = poolWorld(script);
		const pool = world.open(settings([{}]));
		const [first, second] = [world.join(pool, { maxRetries: other.retries }), world.join(pool)];
		const drawAll = (tenant: typeof first, name: string, count: number, model: string) =>
			Promise.all(
				Array.from({ length: count }, (_, i) => tenant.draw(request(`${name} i${i}`, model), keep)),
			);
		const theirs = other.items > 0 ? drawAll(first, 'other', other.items, other.model) : null;
		await world.time.pass(other.aheadMs);
		const from = world.time.now();
		await world.time.run(drawAll(second, 'own', own.items, own.model));
		const seconds = (world.time.now() - from) / 1000;
		first.stopStarting();
		if (theirs) await world.time.run(theirs);
		for (const tenant of [first, second]) tenant.leave();
		return seconds;
	};
	const overloaded: Script = ({ model }) =>
		model === 'a' ? { kind: 'serverFault', ms: 1000 } : { kind: 'images', ms: 8000 };
	const b = { items: 104, model: 'b' };
	const beside = await runBeside(
		overloaded,
		{ items: 100, model: 'a', aheadMs: 20_000, retries: 2 },
		b,
	);
	const alone = await runBeside(overloaded, { items: 0, model: 'a', aheadMs: 0, retries: 0 }, b);
	const short = await runBeside(
		({ prompt }) => ({ kind: 'images', ms: prompt.startsWith('other') ? 60_000 : 1000 }),
		{ items: 200, model: 'b', aheadMs: 120_001, retries: 0 },
		{ items: 100, model: 'b' },
	);
	return {
		'model b beside an overloaded model a, same key': {
			'to reach': '1.05 x b alone',
			'this pool': `${(beside / alone).toFixed(2)} x`,
		},
		'100 calls of 1 s beside a run of 60 s calls that holds all permits': {
			'to reach': '80 s',
			'this pool': `${short.toFixed(0)} s`,
		},
	};
}
