/** No backoff is longer, whatever the delay and the attempt. */
const LONGEST_BACKOFF_MS = 60_000;

/**
 * How long to rest before the k-th retry (k counts from 1): the delay doubles, half of it is random so that items
 * that failed together do not return together, and a hint of the server is never undercut. Milliseconds.
 */
export function backoffMs(
	k: number,
	firstDelayMs: number,
	hintMs: number | null,
	random: () => number,
): number {
	const delay = Math.min(LONGEST_BACKOFF_MS, firstDelayMs * 2 ** (k - 1));
	return Math.max(hintMs ?? 0, delay / 2 + random() * (delay / 2));
}
