import type { LaneAddress } from '../lane';
import { spellingsOf } from './secret';

const LONGEST = 300;
/** Tags are stripped from no more than this, so that hostile markup costs nothing. */
const CONSIDERED = 4096;

/** Makes one short line without markup of what the other side said, with the lane's key replaced by its label. */
export type Tell = (said: string) => string;

/** A proxy may quote the key it was given. */
export function maskFor({ key, label }: Pick<LaneAddress, 'key' | 'label'>) {
	const spellings = spellingsOf(key);
	return (text: string) =>
		spellings.reduce((masked, spelling) => masked.replaceAll(spelling, label), text);
}

export function tellFor(lane: Pick<LaneAddress, 'key' | 'label'>): Tell {
	const mask = maskFor(lane);
	return (said) => {
		const plain = mask(said)
			.slice(0, CONSIDERED)
			.replace(/<[^<>]*>/g, ' ')
			.replace(/\s+/g, ' ')
			.trim();
		const line = mask(plain);
		return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
	};
}
