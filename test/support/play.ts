/** Plays lists of items through a scripted pool on the virtual clock, and sums up what came of them. */
import { keep, poolWorld, request, settings, type Script } from './poolWorld';
import type { JoinOptions } from '../../core/src/pool/terms';

export { keep, poolWorld, request, seeded, settings, type Script } from './poolWorld';

export const SECOND = 1000;
export const MINUTE = 60_000;

interface Play {
	readonly pool: Parameters<typeof settings>;
	readonly script: Script;
	/** Items of each execution. */
	readonly items: readonly number[];
	readonly options?: Partial<JoinOptions>;
	readonly model?: (execution: number) => string;
	readonly seed?: number;
}

/** The place of an item in its list: prompts are `t<execution> i<place>`. */
export const placeOf = (prompt: string) => Number(prompt.split(' i')[1]);
export const on = (endpoint: number) => (start: { lane: string }) =>
	start.lane.startsWith(`Endpoint ${endpoint} `);

export async function play({
	pool: [endpoints, rest],
	script,
	items,
	options,
	model,
	seed = 1,
}: Play) {
	const world = poolWorld(script, seed);
	const startedAt = world.time.now();
	const pool = world.open(settings(endpoints, rest));
	const tenants = items.map(() => world.join(pool, options));
	const endOf = items.map(() => 0);
	const drawn = await world.time.run(
		Promise.all(
			items.flatMap((count, t) =>
				Array.from({ length: count }, async (_, i) => {
					const one = await tenants[t]!.draw(request(`t${t} i${i}`, model?.(t)), keep);
					endOf[t] = (world.time.now() - startedAt) / SECOND;
					return one;
				}),
			),
		),
	);
	for (const tenant of tenants) tenant.leave();
	const { starts } = world;
	return {
		world,
		pool,
		drawn,
		starts,
		made: drawn.filter(({ status }) => status === 'ok').length,
		calls: (kind: string) => starts.filter((start) => start.kind === kind).length,
		/** Seconds until the last item of each execution had settled. */
		endOf,
		seconds: Math.max(...endOf),
	};
}

/** A server that serves so many calls in any 60 s, for each lane or for each `project`. */
export function perMinute(
	most: number,
	ms: number,
	hint: 'exact' | 'none' | number = 'none',
	projectOf: (lane: string) => string = (lane) => lane,
): Script {
	const served = new Map<string, number[]>();
	return ({ lane, at }) => {
		const times = (served.get(projectOf(lane)) ?? []).filter((time) => time > at - MINUTE);
		served.set(projectOf(lane), times);
		if (times.length < most) {
			times.push(at);
			return { kind: 'images', ms };
		}
		const exact = times.at(-most)! + MINUTE - at;
		const hintMs = hint === 'exact' ? exact : hint === 'none' ? undefined : hint;
		return { kind: 'throttled', ms: 100, ...(hintMs !== undefined && { hintMs }) };
	};
}

/** A server that serves so many calls of a lane at the same time. */
export function atOnce(most: number, ms: number): Script {
	const running = new Map<string, number[]>();
	return ({ lane, at }) => {
		const ends = (running.get(lane) ?? []).filter((end) => end > at);
		running.set(lane, ends);
		if (ends.length >= most) return { kind: 'throttled', ms: 100 };
		ends.push(at + ms);
		return { kind: 'images', ms };
	};
}
