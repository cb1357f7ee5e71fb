import type { LaneAddress } from '../lane';

/**
 * All the ways in which a server may write a key back: as it is, percent-encoded with either kind of letters, as JSON
 * and as HTML write it. The longest first, since one may be the beginning of another.
 */
export function spellingsOf(key: string): readonly string[] {
	const encoded = encodeURIComponent(key);
	const spellings = [
		key,
		encoded,
		encoded.replace(/%../g, (escape) => escape.toLowerCase()),
		key.replaceAll('/', '\\/'),
		JSON.stringify(key).slice(1, -1),
		key.replace(/[&<>"']/g, (letter) => HTML[letter]!),
	];
	return [...new Set(spellings)].sort((one, other) => other.length - one.length);
}

const HTML: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

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
