/** A text in plain small letters: without white space and what cannot be seen, its escapes resolved. */
export interface Plain {
	readonly letters: string;
	/** For each letter, where its spelling begins in the text. */
	readonly starts: readonly number[];
	/** For each letter, where its spelling ends. */
	readonly ends: readonly number[];
}

/** How a text may be spelled. With `tags`, markup between two letters is looked over. */
interface Reading {
	readonly tags: boolean;
}

/** Escapes within escapes: JSON in a URL in HTML. */
const MOST_LAYERS = 4;

/** Reads a text as a person would, whatever it passed through: JSON, URLs, HTML. Linear. */
export const plainOf = (text: string): Plain => layersOf(text, { tags: true }).at(-1)!;

/** All that a person may read in a text, by undoing one layer of escapes after another, with its tags and without. */
export const readingsOf = (text: string): readonly Plain[] => [
	...layersOf(text, { tags: false }),
	...layersOf(text, { tags: true }),
];

function layersOf(text: string, reading: Reading): readonly Plain[] {
	const layers = [resolved(text, reading)];
	while (layers.length < MOST_LAYERS) {
		const { letters, starts, ends } = layers.at(-1)!;
		const next = resolved(letters, reading);
		if (next.letters.length === letters.length) break;
		layers.push({
			letters: next.letters,
			starts: next.starts.map((at) => starts[at]!),
			ends: next.ends.map((at) => ends[at - 1]!),
		});
	}
	return layers;
}

/** Controls, direction marks, and what takes no room: they can hide or turn the words around them. */
const UNSEEN =
	'\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Cs}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u3164\\ufe00-\\ufe0f\\uffa0';
export const UNSEEN_RUNS = new RegExp(`[${UNSEEN}]+`, 'gu');
const SKIPPED = new RegExp(`[\\s${UNSEEN}]`, 'u');

const PERCENT = /%[0-7][0-9a-f]|(?:%[89a-f][0-9a-f])+/iy;
const ENTITY =
	/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|sol|plus|equals|lowbar|hyphen));?/iy;
const ESCAPE = /\\{1,64}(?:u([0-9a-f]{4})|x([0-9a-f]{2})|[nrtbfv0]|)/iy;
const TAG = /<[/!a-z][^<>]{0,1000}>/iy;
const NAMED: Readonly<Record<string, string>> = {
	...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" },
	...{ sol: '/', plus: '+', equals: '=', lowbar: '_', hyphen: '-' },
};

const ofCode = (code: number) => (code <= 0x10ffff ? String.fromCodePoint(code) : '');

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
	pattern.lastIndex = at;
	return pattern.exec(text);
}

/** What stands at a place where a spelling of its own begins, and how long it is; null where none does. */
function spelledAt(text: string, at: number, { tags }: Reading): [string, number] | null {
	switch (text[at]) {
		case '%': {
			const found = match(PERCENT, text, at);
			return (
				found && [Buffer.from(found[0].replaceAll('%', ''), 'hex').toString(), found[0].length]
			);
		}
		case '&': {
			const found = match(ENTITY, text, at);
			if (found === null) return null;
			const [whole, decimal, hex, name] = found;
			const code = parseInt(decimal ?? hex ?? '', decimal ? 10 : 16);
			return [name ? NAMED[name.toLowerCase()]! : ofCode(code), whole.length];
		}
		case '\\': {
			const found = match(ESCAPE, text, at);
			return found && [ofCode(parseInt(found[1] ?? found[2] ?? '20', 16)), found[0].length];
		}
		case '<': {
			const found = tags ? match(TAG, text, at) : null;
			return found && ['', found[0].length];
		}
		default:
			return null;
	}
}

/** Letters that stand for themselves, by their codes; most of most texts. */
const PLAIN = Array.from({ length: 128 }, (_, code) => {
	const letter = String.fromCharCode(code);
	return /[!-~]/.test(letter) && !/[%&\\<]/.test(letter) ? letter.toLowerCase() : '';
});

function resolved(text: string, reading: Reading): Plain {
	let letters = '';
	const starts: number[] = [];
	const ends: number[] = [];
	for (let at = 0; at < text.length;) {
		const itself = PLAIN[text.charCodeAt(at)];
		if (itself) {
			letters += itself;
			starts.push(at);
			at += 1;
			ends.push(at);
			continue;
		}
		const [spelled, length] = spelledAt(text, at, reading) ?? letterAt(text, at);
		const plain = plainLetters(spelled);
		letters += plain;
		// By units, not by characters: places are counted in them.
		for (let unit = 0; unit < plain.length; unit += 1) {
			starts.push(at);
			ends.push(at + length);
		}
		at += length;
	}
	return { letters, starts, ends };
}

function letterAt(text: string, at: number): [string, number] {
	const letter = text.charCodeAt(at) < 0x80 ? text[at]! : ofCode(text.codePointAt(at)!);
	return [letter, letter.length];
}

function plainLetters(spelled: string): string {
	if (/^[!-~]$/.test(spelled)) return spelled.toLowerCase();
	let plain = '';
	for (const letter of spelled.normalize('NFKC').toLowerCase()) {
		if (!SKIPPED.test(letter)) plain += letter;
	}
	return plain;
}
