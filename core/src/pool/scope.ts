import type { Rest } from './health';
import { newPace, type Pace } from './pace';

/** Something that a call depends on, with a health of its own: a lane or an endpoint, as a whole or for one model. */
export interface Scope {
	rest: Rest | null;
	/** The last call started before `rest` changed: what that call and older ones tell is out of date. */
	changedAfter: number;
	/** The last call started before it came to rest, however often that was prolonged: later ones find out whether it is back. */
	restedAfter: number;
	/** Faults in a row, of different items. */
	faults: number;
	/** The parts in which they came: only a scope as wide as two of them can be what they have in common. */
	readonly faultyParts: Set<Scope>;
	/** When each part was last called on. */
	readonly parts: Map<Scope, number>;
	/** When the first call that found out proved a rest wrong that faults had brought about; -Infinity: never. */
	refutedAt: number;
	/** Calls in a row that reached no server. */
	unreached: number;
	/** Calls in progress that find out whether it is back, by their numbers, and when the first of them was started. */
	readonly finding: Set<number>;
	findingSince: number;
	/** When a server last answered here, pool time; -Infinity where none has. */
	answeredAt: number;
	/** The latest call, by its number, that has brought an image. */
	madeBy: number;
	/** When an image last came, and when an execution last asked, out of turn, whether it was mended; -Infinity: never. */
	madeAt: number;
	askedAt: number;
	/** Whether a Gemini API has ever been heard here: if not, its address may be mistyped. */
	isProven: boolean;
	/** Calls in progress, and when the last one was started. */
	inFlight: number;
	usedAt: number;
	readonly pace: Pace;
}

const newScope = (): Scope => ({
	rest: null,
	changedAfter: 0,
	restedAfter: 0,
	faults: 0,
	faultyParts: new Set(),
	parts: new Map(),
	refutedAt: -Infinity,
	unreached: 0,
	finding: new Set(),
	findingSince: 0,
	answeredAt: -Infinity,
	madeBy: 0,
	madeAt: -Infinity,
	askedAt: -Infinity,
	isProven: false,
	inFlight: 0,
	usedAt: -Infinity,
	pace: newPace(),
});

/** What a call on a lane for a model depends on, from the narrowest to the widest. */
export interface Touched {
	readonly laneModel: Scope;
	readonly lane: Scope;
	readonly endpointModel: Scope;
	readonly endpoint: Scope;
	readonly all: readonly [Scope, Scope, Scope, Scope];
}

/** The scopes of one process. They outlive pools: an edited credential finds its lanes as it left them. */
export interface Scopes {
	/** @param endpoint its URL and version @param lane that, and which key */
	touched(endpoint: string, lane: string, model: string): Touched;
	/** All that is known of a lane and its endpoint, for whatever model. */
	ofLane(endpoint: string, lane: string): readonly Scope[];
	/** A lane's last starts, pool time, at least those of the last minute: they count whether a limit holds or not. */
	startsOf(lane: string): readonly number[];
	/** Numbers a call that is being started. */
	begin(touched: Touched, lane: string, now: number): number;
	/** The number of the last one. */
	lastStarted(): number;
	/** Lets go of what was not used for an hour. */
	forget(now: number): void;
}

const HOUR_MS = 60 * 60_000;
/** Within which starts are counted; of a longer window only the last start matters. */
const COUNTED_MS = 60_250;

export function createScopes(): Scopes {
	const scopes = new Map<string, Scope>();
	const starts = new Map<string, number[]>();
	let lastStarted = 0;
	const scopeOf = (...id: readonly string[]): Scope => {
		const key = id.join('\n');
		const scope = scopes.get(key) ?? newScope();
		scopes.set(key, scope);
		return scope;
	};
	return {
		touched(endpointId, laneId, model) {
			const laneModel = scopeOf('lane', laneId, model);
			const lane = scopeOf('lane', laneId);
			const endpointModel = scopeOf('endpoint', endpointId, model);
			const endpoint = scopeOf('endpoint', endpointId);
			const all = [laneModel, lane, endpointModel, endpoint] as const;
			return { laneModel, lane, endpointModel, endpoint, all };
		},
		ofLane: (endpointId, laneId) =>
			[...scopes].flatMap(([id, scope]) => {
				const [kind, of] = id.split('\n');
				return of === (kind === 'lane' ? laneId : endpointId) ? [scope] : [];
			}),
		startsOf: (lane) => starts.get(lane) ?? [],
		begin({ all, laneModel }, lane, now) {
			for (const scope of all) {
				scope.inFlight += 1;
				scope.usedAt = now;
				if (scope !== laneModel) scope.parts.set(laneModel, now);
			}
			const recent = starts.get(lane) ?? [];
			starts.set(lane, recent);
			// In one piece, now and then: a list of many is not moved for each start.
			const old = recent.findIndex((at) => at > now - COUNTED_MS);
			if (old > 64 || old < 0) recent.splice(0, old < 0 ? recent.length : old);
			recent.push(now);
			lastStarted += 1;
			return lastStarted;
		},
		lastStarted: () => lastStarted,
		forget(now) {
			for (const [id, { inFlight, usedAt, rest, parts }] of scopes) {
				const neededUntil = Math.max(usedAt, rest?.backAt ?? -Infinity) + HOUR_MS;
				if (inFlight === 0 && now >= neededUntil) scopes.delete(id);
				for (const [part, at] of parts) if (now - at >= IN_USE_MS) parts.delete(part);
			}
			for (const [lane, recent] of starts) {
				if (now >= (recent.at(-1) ?? -Infinity) + HOUR_MS) starts.delete(lane);
			}
		},
	};
}

/** Puts a scope to rest, or takes it back; calls that are in progress say nothing about its new state. */
export function change(scope: Scope, rest: Rest | null, lastStarted: number): void {
	if (scope.rest === null) scope.restedAfter = lastStarted;
	scope.rest = rest;
	scope.changedAfter = lastStarted;
	scope.finding.clear();
	clearFaults(scope);
}

export function clearFaults(scope: Scope): void {
	scope.faults = 0;
	scope.unreached = 0;
	scope.faultyParts.clear();
}

/** After how many faults of different items in a row the narrowest scope rests, and a wider one. */
const NARROW = 3;
const WIDE = 5;
/** For so long so many times as much must speak against a scope that was left alone wrongly: the items may be to blame. */
const REFUTED_MS = 10 * 60_000;
const REFUTED_TIMES = 4;
/** A part that was not called on for so long is not in use. */
const IN_USE_MS = 10 * 60_000;

/** Counts a fault at a scope; true where it has come to enough of them. */
export function countFault(scope: Scope, part: Scope, now: number): boolean {
	scope.faults += 1;
	const times = now - scope.refutedAt < REFUTED_MS ? REFUTED_TIMES : 1;
	if (scope === part) return scope.faults >= NARROW * times;
	scope.faultyParts.add(part);
	if (scope.faults < WIDE * times) return false;
	let inUse = 0;
	for (const usedAt of scope.parts.values()) if (now - usedAt < IN_USE_MS) inUse += 1;
	return scope.faultyParts.size >= Math.min(2, inUse);
}

/** While a call that finds out is running, others follow slowly: one after 5 s, then two, then four. */
const FOLLOWS_AFTER_MS = 5000;

/** Whether a call that finds out has run so long that it was let through: who is turned down hears of it at once. */
export const hasFoundOut = ({ finding, findingSince }: Scope, now: number): boolean =>
	finding.size > 1 && now - findingSince >= FOLLOWS_AFTER_MS;

/** From when on a further call may find out whether a scope is back. */
export function findingOpensAt({
	rest,
	finding,
	findingSince,
}: Scope & { readonly rest: Rest }): number {
	if (finding.size === 0) return rest.until;
	const doublings = Math.floor(Math.log2(finding.size)) + 1;
	return findingSince + doublings * FOLLOWS_AFTER_MS;
}
