import type { Clock } from '../effects';
import { msToMidnightPacific } from '../pacific';
import { HOUR_MS, POLICIES, type Blaming } from './policy';

/** Why and how long something is left alone. Whatever rests comes back by calls that find out. Pool time, ms. */
export interface Rest {
	/** The answer that has put it to rest, in its own words. */
	readonly fault: Blaming;
	readonly since: number;
	/** From when on a call may find out whether it is back. */
	readonly until: number;
	/** When its cause is expected to be gone. */
	readonly backAt: number;
	/** How often in a row it has come to rest for this cause. */
	readonly strikes: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** A longer hint is no pacing any more: it is told, and checked once an hour. */
const LONGEST_WAIT_MS = 10 * MINUTE_MS;

const doubling = (first: number, strikes: number) =>
	Math.min(MINUTE_MS, first * 2 ** (strikes - 1));

/** It opens for seconds, doubling, and closes with the first answer. */
export const isBreaker = ({ fault }: Pick<Rest, 'fault'>): boolean =>
	POLICIES[fault.kind].rests === 'breaker';

/** The rest that a fault brings about; `before` is the one it prolongs, null where there is none. */
export function nextRest(before: Rest | null, fault: Blaming, clock: Clock): Rest {
	const now = clock.now();
	const isSame =
		before !== null &&
		(before.fault.kind === fault.kind || (isBreaker(before) && isBreaker({ fault })));
	const strikes = isSame ? before.strikes + 1 : 1;
	const rest = (ms: number, backInMs = ms): Rest => ({
		fault,
		since: now,
		until: now + Math.min(ms, HOUR_MS),
		backAt: now + backInMs,
		strikes,
	});
	const { rests } = POLICIES[fault.kind];
	switch (rests) {
		case 'breaker':
			return rest(doubling(10 * SECOND_MS, strikes) * (1 + clock.random() / 10));
		case 'hint':
			return rest(Math.max(fault.hintMs ?? 0, doubling(2 * SECOND_MS, strikes)));
		case 'midnight':
			return rest(msToMidnightPacific(clock.wallClock()));
		default:
			return rest(rests);
	}
}

/** A first doubt: the next call may find out at once, and a second such answer is believed. */
export const doubted = (fault: Blaming, now: number): Rest => ({
	fault,
	since: now,
	until: now,
	backAt: now + HOUR_MS,
	strikes: 0,
});

/** Pacing and outages pass while a request waits; what a person has to mend, or a long limit, does not. */
export const isWaitedFor = (rest: Rest): boolean => isBreaker(rest) || isPacing(rest);

/** A limit that lasts no longer than a run waits for it. */
export const isPacing = ({ fault, since, backAt }: Rest): boolean =>
	fault.kind === 'throttled' && backAt - since <= LONGEST_WAIT_MS;

/** What faults have done to the share of an endpoint that is still in use. */
export interface Strain {
	/** Each fault adds 1, each success halves it, and it halves every 30 s by itself. */
	readonly level: number;
	/** Pool time of `level`, ms. */
	readonly at: number;
}

export const NO_STRAIN: Strain = { level: 0, at: 0 };

const HALF_LIFE_MS = 30_000;
/** An endpoint under strain keeps at least a sixteenth of its share, so that its recovery is noticed. */
const MOST_HALVINGS = 4;

const levelAt = (strain: Strain, now: number) =>
	strain.level === 0 ? 0 : strain.level * 2 ** -((now - strain.at) / HALF_LIFE_MS);

export const afterFault = (strain: Strain, now: number): Strain => ({
	level: levelAt(strain, now) + 1,
	at: now,
});

export const afterSuccess = (strain: Strain, now: number): Strain =>
	strain.level === 0 ? strain : { level: levelAt(strain, now) / 2, at: now };

/** What is left of a weight under strain. */
export const effectiveWeight = (weight: number, strain: Strain, now: number): number =>
	strain.level === 0 ? weight : weight * 2 ** -Math.min(levelAt(strain, now), MOST_HALVINGS);
