import type { Clock } from 'gemini-t2i';

/** The real time and chance that the pool runs on. */
export const clock: Clock = {
	now: () => performance.now(),
	wallClock: () => Date.now(),
	random: () => Math.random(),
};
