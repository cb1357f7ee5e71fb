import type { LaneAddress } from '../lane';

const LONGEST = 300;
/** Tags are stripped from no more than this, so that hostile markup costs nothing. */
const CONSIDERED = 4096;

/** Makes one short line without markup of what the other side said, with the lane's key replaced by its label. */
export type Tell = (said: string) => string;

/** A proxy may quote the key it was given: it is looked for as it is and as it stands in a URL. */
export function tellFor({ key, label }: Pick<LaneAddress, 'key' | 'label'>): Tell {
	const spellings = [...new Set([key, encodeURIComponent(key)])];
	const mask = (text: string) =>
		spellings.reduce((masked, spelling) => masked.replaceAll(spelling, label), text);
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
