import pLimit from 'p-limit';

/** How many calls of one credential may be in flight, whichever pool they belong to. */
export interface Permits {
	isFree(): boolean;
	/** Takes a permit until `released` settles. Call it only when one is free. */
	hold(released: Promise<void>): void;
	resize(concurrency: number): void;
	/** Calls `listener` whenever a permit comes back; returns how to end that. */
	onFree(listener: () => void): () => void;
}

export function createPermits(concurrency: number): Permits {
	const limit = pLimit(concurrency);
	let listeners: ReadonlyArray<() => void> = [];
	const tell = () => {
		// Whoever was told first is told last the next time: no pool starves another.
		listeners = [...listeners.slice(1), ...listeners.slice(0, 1)];
		for (const listener of listeners) listener();
	};
	return {
		isFree: () => limit.activeCount < limit.concurrency,
		hold(released) {
			void limit(() => released).then(tell);
		},
		resize(next) {
			limit.concurrency = next;
			tell();
		},
		onFree(listener) {
			listeners = [...listeners, listener];
			return () => {
				listeners = listeners.filter((other) => other !== listener);
			};
		},
	};
}
