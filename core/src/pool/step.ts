import type { Clock } from '../effects';
import type { NotMade } from '../result';
import { byDeadline, byExhaustion, byOutcome } from './failure';
import { beginRound, mayGoAgain, revisit, type Item } from './item';
import type { Lane } from './lanes';
import type { Leases } from './leases';
import type { Line } from './line';
import { backoffMs, isLate, type Patience } from './patience';
import { isEvidence, isServed } from './policy';
import type { Survey } from './survey';

/** What becomes of an item that waits for a turn: it ends, it begins again after a rest, or it waits on where it stands. */
export type Step =
	Ends | { readonly kind: 'again' } | { readonly kind: 'stay'; readonly seen: Survey };

/** It leaves its line. */
export type Leaves = Ends | { readonly kind: 'rest'; readonly ms: number };

interface Ends {
	readonly kind: 'end';
	readonly end: NotMade;
}

/** What the steps of a tenant's items go by. */
export interface Rules {
	readonly patience: Patience;
	readonly retryDelayMs: number;
	readonly clock: Clock;
	readonly leases: Pick<Leases, 'outages' | 'waits'>;
}

const ended = (end: NotMade): Ends => ({ kind: 'end', end });

/** By what an item can do now. */
export function stepBy(item: Item, seen: Survey, rules: Rules): Step {
	const { clock, leases, patience } = rules;
	const now = clock.now();
	// Another endpoint is asked about a rejected request, but none that is down is waited for.
	const isHopeful = seen.kind === 'open' || (seen.kind === 'wait' && seen.forLimit);
	const isRejected = item.rejectedBy !== null && item.last?.lane.endpoint === item.rejectedBy;
	if (isRejected && !isHopeful) return ended(byOutcome(item, now, []));
	if (isLate(item, patience, now)) return waitsInVain(item, rules);
	if (seen.kind === 'exhausted') return ended(byExhaustion(item, now, leases.outages(item.model)));
	if (seen.kind === 'visited' || isBetterAgain(item, seen, patience)) return { kind: 'again' };
	return { kind: 'stay', seen };
}

/** What is down is not waited for where a retry leads to what is not, and nothing is where it costs no retry to go back. */
const isBetterAgain = ({ retries }: Item, seen: Survey, { maxRetries }: Patience): boolean =>
	seen.kind === 'wait' &&
	(seen.again === 'free' || (seen.again === 'retry' && !seen.forLimit && retries < maxRetries));

/** What is left to an item that no longer waits for the lanes it has not used up: to go again, or its end. */
export const afterPatience = (item: Item, rules: Rules): Leaves => {
	const { patience, clock } = rules;
	return mayGoAgain(item, patience.maxRetries) && !isLate(item, patience, clock.now())
		? restOf(item, rules)
		: waitsInVain(item, rules);
};

/** The end of an item for which nothing comes back in time. */
const waitsInVain = (item: Item, { clock, leases }: Rules): Ends =>
	ended(byDeadline(item, clock.now(), leases.waits(item.model)));

/** A connection that was lost once is tried again after so long; lost twice it is an outage. */
const RECONNECT_MS = 2000;

/** The rest before an item goes where it has been; its end where it has no retry or no time left. */
export function restOf(item: Item, rules: Rules): Leaves {
	const { clock, leases, patience, retryDelayMs } = rules;
	const now = clock.now();
	let ms = RECONNECT_MS;
	if (!revisit(item)) {
		if (item.retries >= patience.maxRetries)
			return ended(byOutcome(item, now, leases.outages(item.model)));
		beginRound(item);
		const { outcome } = item.last!;
		// A lane that has turned it down rests as long as it asks: that holds up nobody who goes elsewhere.
		const hintMs = 'hintMs' in outcome && isServed(outcome.kind) ? outcome.hintMs : null;
		ms = backoffMs(item.retries, retryDelayMs, hintMs, clock.random);
	}
	return isLate(item, patience, now, ms) ? waitsInVain(item, rules) : { kind: 'rest', ms };
}

/** Multiples of it, less what is whole, spread evenly over a line. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** How often it was and is being found out whether a lane is back that faults have put to rest; 0 where there is no doubt. */
function timesInDoubt(lane: Lane, model: string): number {
	let times = 0;
	for (const { rest, finding } of lane.touched(model).all) {
		if (rest !== null && isEvidence(rest.fault.kind))
			times = Math.max(times, rest.strikes + finding.size);
	}
	return times;
}

/**
 * Who goes: the first of a line; but whether something is back that faults have put to rest is found out by others all over
 * the line, since neighbours in a list often have in common what is wrong with them.
 */
export function whoGoes(line: Line, lanes: readonly Lane[], { patience, clock }: Rules): Item {
	const [first] = line;
	let most = 0;
	for (const lane of lanes) {
		const times = timesInDoubt(lane, first.model);
		if (times === 0) return first;
		most = Math.max(most, times);
	}
	const someone = line[Math.floor(((most * GOLDEN) % 1) * line.length)]!;
	return isLate(someone, patience, clock.now()) ? first : someone;
}
