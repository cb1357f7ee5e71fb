import type { LaneAddress, Mask } from '../lane';
import { plainOf, readingsOf, UNSEEN_RUNS } from './spelling';

/** Shorter ones are placeholders of proxies without keys: masking them would maim captions. */
export const SHORTEST_KEY = 8;

/** One way in which a key may stand in a text, in the plain letters that texts are compared by. */
interface Needle {
	readonly letters: string;
	readonly label: string;
	/** Base64 hides the key's first and last letters in its neighbours: the whole run goes. */
	readonly inRun: boolean;
}

/**
 * A mask for all keys of a credential, whichever lane was asked. It must see a text before anything is cut from it or
 * stripped: what is left of a key, or is put together by stripping, would not be known any more.
 */
export function maskOf(lanes: readonly Pick<LaneAddress, 'key' | 'label'>[]): Mask {
	const needles = lanes
		.filter(({ key }) => key.length >= SHORTEST_KEY)
		.flatMap(needlesOf)
		.filter(({ letters }) => letters.length >= SHORTEST_KEY)
		// The longest first: a key may be the beginning of another.
		.sort((one, other) => other.letters.length - one.letters.length);
	if (needles.length === 0) return (text) => text;
	const known = new Map([...needles].reverse().map((needle) => [needle.letters, needle]));
	const any = new RegExp(needles.map(({ letters }) => escaped(letters)).join('|'), 'g');
	return (text) => {
		const found = readingsOf(text).flatMap(({ letters, starts, ends }) =>
			[...letters.matchAll(any)].map(({ 0: spelled, index }) => ({
				...known.get(spelled)!,
				start: starts[index]!,
				end: ends[index + spelled.length - 1]!,
			})),
		);
		let masked = '';
		let kept = 0;
		for (const { label, inRun, start, end } of found.sort((a, b) => a.start - b.start)) {
			if (start < kept) {
				kept = Math.max(kept, end);
				continue;
			}
			masked += `${text.slice(kept, inRun ? runStart(text, start, kept) : start)}[${label}]`;
			kept = inRun ? runEnd(text, end) : end;
		}
		return masked + text.slice(kept);
	};
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** The lanes of a credential, each of which then knows the keys of all. */
export function withMask(lanes: readonly LaneAddress[]): readonly LaneAddress[] {
	const mask = maskOf(lanes);
	return lanes.map((lane) => ({ ...lane, mask }));
}

const RUN = /[\w+/=-]/;

function runStart(text: string, from: number, least: number): number {
	let start = from;
	while (start > least && RUN.test(text[start - 1]!)) start -= 1;
	return start;
}

function runEnd(text: string, from: number): number {
	let end = from;
	while (end < text.length && RUN.test(text[end]!)) end += 1;
	return end;
}

function needlesOf({ key, label }: Pick<LaneAddress, 'key' | 'label'>): readonly Needle[] {
	const bytes = Buffer.from(key);
	// Where in a group of three bytes the key begins decides how it is spelled; letters it shares with others are left out.
	const runs = [0, 1, 2].flatMap((before) => {
		const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
		const whole = Math.floor((shifted.length * 8) / 6);
		return (['base64', 'base64url'] as const).map((alphabet) =>
			shifted.toString(alphabet).slice(Math.ceil((before * 8) / 6), whole),
		);
	});
	const needle = (spelled: string, inRun: boolean): Needle => ({
		letters: plainOf(spelled).letters,
		label,
		inRun,
	});
	return [needle(key, false), ...[bytes.toString('hex'), ...runs].map((run) => needle(run, true))];
}

const LONGEST_LINE = 300;
const LONGEST_CAPTION = 64 * 1024;
/** No more of a text is considered, so that a hostile one costs nothing. */
const CONSIDERED = 16 * 1024;
/** A key that was cut off at that limit may leave so many plain letters: a long one in base64, or in entities. */
const CUT_OFF = 1024;

/** Makes one short line of what the other side said: no keys, no markup, no characters that cannot be seen. */
export type Tell = (said: string, longest?: number) => string;

export function tellFor(mask: Mask): Tell {
	return (said, longest = LONGEST_LINE) =>
		cut(cleaned(mask(considered(said, CONSIDERED))), longest);
}

/** Masks a text of several lines and shortens it. */
export function captionFor(mask: Mask, text: string): string {
	return cut(mask(considered(text, LONGEST_CAPTION + CUT_OFF)), LONGEST_CAPTION);
}

/** The start of a text, without its end, where a key may have been cut through. */
function considered(text: string, most: number): string {
	if (text.length <= most) return text;
	const start = text.slice(0, most);
	const { starts } = plainOf(start);
	return start.slice(0, starts[starts.length - CUT_OFF] ?? 0);
}

function cleaned(text: string): string {
	return text
		.replace(/<[^<>]*>/g, ' ')
		.replace(/[\s\u0085]+/g, ' ')
		.replace(UNSEEN_RUNS, '')
		.replace(/ +/g, ' ')
		.trim();
}

/** Shortens a text without halving a character. */
function cut(text: string, longest: number): string {
	if (text.length <= longest) return text;
	return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
