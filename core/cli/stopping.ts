/** How a run is asked to end, by a key or by a signal. */
export interface Stopping {
	/** Aborted once calls in flight are to be broken off too. */
	readonly breakOff: AbortSignal;
	/** Calls back at the first request to end: from then on nothing further is to be started. */
	onEnd(listener: (asked: Asked) => void): void;
	press(signal: NodeJS.Signals): void;
}

/** Who asks: somebody at the keyboard, who sees what happens and may press again, or a program that will not wait. */
export type Asked = 'person' | 'program';

interface Effects {
	/** Ends the process at once. */
	exit(): void;
	/** How long calls in flight are waited for at the request of a program. */
	programWaitsMs(): number;
}

/** `npx` passes on the signal that the terminal has sent to everyone already. */
const ECHO_MS = 100;

/**
 * The first request starts nothing further and lets calls in flight come to their end, since they are paid for; the
 * second breaks them off; the third ends the process. A program that asks (SIGTERM, SIGHUP) does not ask twice: after
 * some time its calls are broken off by themselves. Before anything has begun there is nothing to wait for.
 */
export const createStopping = ({ exit, programWaitsMs }: Effects): Stopping => {
	const breakOff = new AbortController();
	const listeners: ((asked: Asked) => void)[] = [];
	const pressedAt = new Map<NodeJS.Signals, number>();
	let isEnding = false;
	const broken = () => breakOff.abort(new Error('The run was stopped.'));

	return {
		breakOff: breakOff.signal,
		onEnd: (listener) => void listeners.push(listener),
		press(signal) {
			const before = pressedAt.get(signal);
			pressedAt.set(signal, performance.now());
			if (before !== undefined && performance.now() - before < ECHO_MS) return;
			if (listeners.length === 0 || breakOff.signal.aborted) return exit();
			const asked = signal === 'SIGINT' ? 'person' : 'program';
			const isFirstOfPrograms = asked === 'program' && before === undefined;
			if (isFirstOfPrograms) setTimeout(broken, programWaitsMs()).unref();
			else if (isEnding) return broken();
			if (isEnding) return;
			isEnding = true;
			for (const tell of listeners) tell(asked);
		},
	};
};
