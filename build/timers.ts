import { sleep } from 'n8n-workflow';

/** n8n Cloud forbids timers and offers `sleep`: what bundled libraries call as `setTimeout` is made of it. */
export function setTimeout<T extends unknown[]>(
	callback: (...args: T) => void,
	ms = 0,
	...args: T
): AbortController {
	const timer = new AbortController();
	const rung = sleep(ms, timer.signal).then(
		() => true,
		() => false,
	);
	// An older n8n's `sleep` knows no signal and resolves all the same.
	void rung.then((inTime) => inTime && !timer.signal.aborted && callback(...args));
	return timer;
}

export function clearTimeout(timer?: AbortController): void {
	timer?.abort();
}
