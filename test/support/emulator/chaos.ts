import { createHash } from 'node:crypto';
import type { Reply } from './faults';

/** Each reply with its probability; the rest is answered as usual. The same seed draws the same sequence. */
export interface Chaos {
	seed: number;
	mix: ReadonlyArray<{ probability: number; reply: Reply }>;
}

export function makeChaos({ seed, mix }: Chaos) {
	let drawn = 0;
	return (): Reply | null => {
		const digest = createHash('sha256').update(`${seed}:${drawn++}`).digest();
		let left = digest.readUInt32BE() / 2 ** 32;
		for (const { probability, reply } of mix) {
			left -= probability;
			if (left < 0) return reply;
		}
		return null;
	};
}
