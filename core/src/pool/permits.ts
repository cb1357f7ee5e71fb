import pLimit from 'p-limit';

/** How many calls of one credential may be in flight, whichever pool they belong to. */
export interface Permits {
	isFree(): boolean;
	/** Takes a permit until `released` settles. Call it only when one is free. */
	hold(released: Promise<void>): void;
	resize(concurrency: number): void;
	/** Calls `listener`, the only one there is, whenever a permit comes back. */
	onFree(listener: () => void): void;
}

export function createPermits(concurrency: number): Permits {
	const limit = pLimit(concurrency);
	let tell = () => {};
	return {
		isFree: () => limit.activeCount < limit.concurrency,
		hold(released) {
			void limit(() => released).then(() => tell());
		},
		resize(next) {
			limit.concurrency = next;
			tell();
		},
		onFree(listener) {
			tell = listener;
		},
	};
}
