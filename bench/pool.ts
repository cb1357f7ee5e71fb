/**
 * The pool beside what people use without one, in one run: `npm run bench -- pool` (about four minutes, most of it
 * waiting for rate windows). Ratios are what to read; the times are this machine's.
 */
import { CONTENDERS, type BenchedEndpoint } from './pool/contenders';
import { startServers, type Seen } from './pool/servers';
import { restoreClock } from '../test/support/virtualTime';
import { besideEachOther, nights } from './pool/scenarios';
import { pLimitCost, schedulingCost } from './pool/scheduling';

const LATENCY_MS = 500;
const MINUTE = 60_000;

interface Scenario {
	readonly items: number;
	readonly endpoints: readonly (Omit<BenchedEndpoint, 'url'> & { accepted?: readonly string[] })[];
}

/** Plays one scenario for every contender at once, each against servers of its own. */
async function play<T>(
	{ items, endpoints }: Scenario,
	measure: (run: { made: number; seen: readonly Seen[]; startedAt: number }) => T,
): Promise<Record<string, T>> {
	const ready = await Promise.all(
		CONTENDERS.map(async ([name, contender]) => {
			const servers = await startServers(
				endpoints.map(({ accepted }) => ({ latencyMs: LATENCY_MS, keys: accepted })),
			);
			return { name, contender, servers };
		}),
	);
	const one = async ({ name, contender, servers }: (typeof ready)[number]) => {
		const startedAt = Date.now();
		const made = await contender(
			items,
			endpoints.map((endpoint, i) => ({ ...endpoint, url: servers.urls[i]! })),
		);
		return [name, measure({ made, seen: await servers.report(), startedAt })] as const;
	};
	return Object.fromEntries(await Promise.all(ready.map(one)));
}

/** The greedy schedule: as many at once as permits and exact windows allow. Milliseconds to the last start. */
function idealLastStart(items: number, limits: readonly number[]): number {
	const running: number[] = [];
	const windows: number[][] = limits.map(() => []);
	let at = 0;
	for (let i = 0; i < items; i++) {
		const free = running.length < 16 ? 0 : running.sort((a, b) => a - b).shift()!;
		const opens = windows.map((times, w) =>
			times.length < limits[w]! ? 0 : times.at(-limits[w]!)! + MINUTE,
		);
		const soonest = Math.min(...opens);
		at = Math.max(at, free, soonest);
		windows[opens.indexOf(soonest)]!.push(at);
		running.push(at + LATENCY_MS);
	}
	return at;
}

const calls = (seen: readonly Seen[]) => seen.reduce((sum, each) => sum + each.calls, 0);

async function limited(weights: readonly [number, number]) {
	const limits = [60, 30];
	return await play(
		{
			items: 150,
			endpoints: limits.map((rateLimit, i) => ({
				rateLimit,
				weight: weights[i]!,
				keys: [`key-${i}`],
			})),
		},
		({ made, seen, startedAt }) => {
			const last = Math.max(...seen.map(({ lastAt }) => lastAt)) - startedAt;
			const most = seen.map(({ mostInMinute }) => mostInMinute);
			return {
				made: `${made}/150`,
				'ideal / last start': (idealLastStart(150, limits) / last).toFixed(3),
				'most in 60 s (60, 30)': most.join(', '),
				'held the limits': most.every((starts, i) => starts <= limits[i]!) ? 'yes' : 'NO',
			};
		},
	);
}

const shares = () =>
	play(
		{
			items: 120,
			endpoints: [3, 2, 1].map((weight, i) => ({ rateLimit: 0, weight, keys: [`key-${i}`] })),
		},
		({ made, seen }) => ({
			made: `${made}/120`,
			'share of 60, 40, 20': seen.map((each) => each.calls).join(', '),
		}),
	);

const badKey = () =>
	play(
		{
			items: 60,
			endpoints: [
				{ rateLimit: 0, weight: 1, keys: ['bad', 'k2', 'k3', 'k4'], accepted: ['k2', 'k3', 'k4'] },
			],
		},
		({ made, seen }) => ({ lost: 60 - made, 'wasted calls': calls(seen) - made }),
	);

const deadEndpoint = () =>
	play(
		{
			items: 40,
			endpoints: [
				{ rateLimit: 0, weight: 1, keys: ['k1'] },
				{ rateLimit: 0, weight: 1, keys: ['k2'], accepted: [] },
			],
		},
		({ made, seen }) => ({ lost: 40 - made, 'wasted calls': calls(seen) - made }),
	);

async function scheduling() {
	await schedulingCost(64, 10_000); // warm
	const rows: Record<string, unknown> = {};
	for (const requests of [2500, 5000, 10_000, 20_000]) {
		const us = await schedulingCost(64, requests);
		const bare = await pLimitCost(requests);
		rows[`${requests} waiting`] = {
			'us a request, 64 lanes': us.toFixed(1),
			'us through p-limit alone': bare.toFixed(1),
		};
	}
	return rows;
}

const print = (title: string, rows: object) => {
	console.log(`\n${title}`);
	console.table(rows);
};

async function main() {
	print('Scheduling cost: 64 limited lanes, endpoints that answer at once', await scheduling());
	// On a clock of their own, which is put back before the others are timed.
	print('Nights, on a virtual clock (a.i.: calls turned down for an image)', await nights());
	print('Two executions beside each other, on a virtual clock', await besideEachOther());
	restoreClock();
	const share = await shares();
	const bad = await badKey();
	const dead = await deadEndpoint();
	const a = await limited([2, 1]);
	const b = await limited([1, 2]);
	print('Limits of 60 and 30 a minute, weights 2:1, 150 requests, two executions', a);
	print('Limits of 60 and 30 a minute, weights 1:2, 150 requests, two executions', b);
	print('Weights 3:2:1, no limits, 120 requests', share);
	print('One bad key of 4, 60 requests, no retries (the seed tool retries thrice)', bad);
	print('One of two endpoints takes no key, 40 requests', dead);
}

void main();
