import type { Item } from './item';
import type { Line, Lines } from './line';
import { nextLook, type Patience } from './patience';
import type { Survey } from './survey';

/**
 * Looks at all who wait: ends those who wait in vain, and charges the time of those who have been served.
 * Answers when to look again (pool time, ms); Infinity: when something happens.
 * @param look where the head of a line may go; null where the line has got another head
 */
export function review(
	lines: Lines,
	look: (line: Line, now: number) => Survey | null,
	waitsInVain: (item: Item, now: number) => void,
	patience: Patience,
	now: number,
): number {
	lines.wake(now);
	const seen = new Map<Line, Survey>();
	for (const line of lines.all()) {
		let result = look(line, now);
		while (result === null && line.length > 0) result = look(line, now);
		if (result) seen.set(line, result);
	}
	/** When to look at an item again; null where it has been ended. */
	const wait = (item: Item, here: Survey): number | null => {
		if (here.kind !== 'wait') return Infinity;
		const next = nextLook(item, here, patience, now);
		if (next === null) waitsInVain(item, now);
		return next;
	};
	let next = lines.nextWake();
	for (const item of lines.served) {
		const here = seen.get(lines.lineOf(item));
		if (here === undefined) continue;
		item.stopwatch.look(now, here.kind === 'wait' && here.paced === 'no');
		next = Math.min(next, wait(item, here) ?? Infinity);
	}
	// Who came first has waited longest: the rest of a line can wait as long as its head can.
	for (const [line, here] of seen) {
		let again: number | null = null;
		while (line.length > 0 && again === null) again = wait(line[0], here);
		next = Math.min(next, again ?? Infinity);
	}
	return next;
}
