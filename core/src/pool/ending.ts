import type { Clock } from '../effects';
import type { ImageRequest } from '../request';
import type { NotMade } from '../result';
import { byOutcome, notStarted } from './failure';
import type { Item } from './item';
import type { Lines } from './line';
import type { Terms } from './terms';

/** How a tenant's items end without a further call, and what the end of one means for others. */
export interface Ending {
	/** Ends an item that stands in no line. */
	over(item: Item, end: NotMade): void;
	/** Ends an item that is not to be called for any more: what it has come to so far decides. */
	giveUp(item: Item, code: Parameters<typeof notStarted>[2]): void;
	/** What the end of a request means for others, said before anything else can be started. */
	conclude(request: ImageRequest, end: NotMade): void;
	stopStarting(): void;
	withdraw(request: ImageRequest): void;
	/** Ends all who wait once the time for starts is over; answers whether it is. */
	endIfPast(): boolean;
	/** Ends what must not wait any more, though it has just come. */
	endIfOver(item: Item): void;
	/** True once no further call is to be made for a request. */
	isOver(request: ImageRequest): boolean;
}

export function createEnding(
	{ stopOnFailure = false, stopStartingAt }: Pick<Terms, 'stopOnFailure' | 'stopStartingAt'>,
	lines: Lines,
	clock: Clock,
): Ending {
	const withdrawn = new WeakSet<ImageRequest>();
	let isStopped = false;

	const over = (item: Item, end: NotMade) => {
		item.settle({ kind: 'over', end });
		conclude(item.request, end);
	};
	const conclude = (request: ImageRequest, end: NotMade) => {
		if (end.status !== 'notStarted' && stopOnFailure) stopStarting();
		// The same prompt would be declined again, and Google may charge for saying so.
		if (end.status === 'refused' || end.code === 'badRequest') withdraw(request);
	};
	const stopStarting = () => {
		isStopped = true;
		endAll('stopped');
	};
	const withdraw = (request: ImageRequest) => {
		withdrawn.add(request);
		for (const item of lines.of(request)) if (lines.take(item)) giveUp(item, 'withdrawn');
	};
	const giveUp: Ending['giveUp'] = (item, code) => {
		const now = clock.now();
		const isServed = item.stopwatch.isStarted;
		over(item, isServed ? byOutcome(item, now, []) : notStarted(item, now, code));
	};
	const endAll = (code: 'stopped' | 'stopStartingAfter') => {
		for (const item of lines.drain()) giveUp(item, code);
	};
	const isPast = () => stopStartingAt !== null && clock.now() >= stopStartingAt;

	return {
		over,
		giveUp,
		conclude,
		stopStarting,
		withdraw,
		endIfPast() {
			if (!isPast()) return false;
			endAll('stopStartingAfter');
			return true;
		},
		endIfOver(item) {
			if (isStopped) endAll('stopped');
			if (withdrawn.has(item.request) && lines.take(item)) giveUp(item, 'withdrawn');
		},
		isOver: (request) => isStopped || isPast() || withdrawn.has(request),
	};
}
