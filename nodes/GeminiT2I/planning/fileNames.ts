import sanitize from 'sanitize-filename';

/** File systems hold 255 bytes; a number and an ending are still to come. */
const LONGEST_STEM = 200;

const ENDING = /\.(?:png|jpe?g|webp|gif)$/i;
/** Dots in front hide a file, and Windows drops dots and spaces at the end. */
const DOTTED_ENDS = /^[.\s]+|[.\s]+$/g;
/** They make a name read differently from what it is: direction marks, joiners, fillers, halves of characters. */
const INVISIBLE =
	/[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/gu;
const LINE_ENDS = /[\u2028\u2029]/g;
/** What Windows takes for a device and the library does not know of. */
const DEVICE = /^(?:com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$|con|prn|aux|nul)\s*(?:\.|$)/i;

/**
 * What a user or a column wants a file to be called, as a stem that is safe on any file system; null where nothing
 * usable is left. An ending is taken off: it follows the bytes.
 */
export function stemOf(wanted: string): string | null {
	const visible = wanted.normalize('NFC').replace(INVISIBLE, '').replace(LINE_ENDS, '-');
	const bare = cut(
		visible
			.replace(/\p{Zs}/gu, ' ')
			.trim()
			.replace(ENDING, ''),
	);
	const safe = sanitize(bare.replace(DOTTED_ENDS, ''), { replacement: '-' }).replace(
		DOTTED_ENDS,
		'',
	);
	return /[\p{L}\p{N}\p{S}]/u.test(safe) && !DEVICE.test(safe) ? safe : null;
}

/** Whole characters only. */
function cut(text: string): string {
	let bytes = 0;
	let end = 0;
	for (const character of text) {
		bytes += Buffer.byteLength(character);
		if (bytes > LONGEST_STEM) break;
		end += character.length;
	}
	return text.slice(0, end);
}

/** Gives out stems, each one once, since a later node would overwrite one file with the next. */
export interface FileNames {
	/** `stem`, or `stem-2` where it is taken; `stem-1`, `stem-2` and so on where one of several is asked for. */
	take(stem: string, isOneOfSeveral: boolean): string;
	/** Takes a stem back that nothing is called by after all. */
	release(stem: string): void;
	/** What has been given out, in lower case: many file systems see no difference. */
	readonly taken: ReadonlySet<string>;
}

export function createFileNames(isTakenElsewhere: (stem: string) => boolean): FileNames {
	const taken = new Set<string>();
	const next = new Map<string, number>();
	const isFree = (stem: string) => !taken.has(stem) && !isTakenElsewhere(stem);
	return {
		taken,
		release: (stem) => void taken.delete(stem.toLowerCase()),
		take(stem, isOneOfSeveral) {
			const key = stem.toLowerCase();
			let name = stem;
			if (isOneOfSeveral || !isFree(key)) {
				let number = next.get(key) ?? (isOneOfSeveral ? 1 : 2);
				while (!isFree(`${key}-${number}`)) number += 1;
				next.set(key, number + 1);
				name = `${stem}-${number}`;
			}
			taken.add(name.toLowerCase());
			return name;
		},
	};
}
