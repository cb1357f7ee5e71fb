/** The ratios of the first image models. Source: Google's image generation guide, November 2026. */
export const TEN_RATIOS = [
	'1:1',
	'2:3',
	'3:2',
	'3:4',
	'4:3',
	'4:5',
	'5:4',
	'9:16',
	'16:9',
	'21:9',
] as const;

/** All ratios any model has, for pickers. */
export const ASPECT_RATIOS = [...TEN_RATIOS, '1:4', '4:1', '1:8', '8:1'] as const;

/** The ratio nearest to width : height, by log distance, so that tall and wide err alike. Sizes in any unit, above 0. */
export function closestRatio(width: number, height: number, ratios: readonly string[]): string {
	const wanted = Math.log(width / height);
	const distance = (ratio: string) => Math.abs(logOf(ratio) - wanted);
	return ratios.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}

function logOf(ratio: string): number {
	const [width = 1, height = 1] = ratio.split(':').map(Number);
	return Math.log(width / height);
}

/** What forms and tables make of `16:9`: `16x9`, `16/9`, `16:9 (Widescreen)`, and times of day. */
const SPELLINGS: readonly RegExp[] = [
	/^(\d+)\s*(?:[:：∶x×/]|to|by)\s*(\d+)(?:\s*\(.*\))?$/i,
	/^(\d+):(\d\d):00(?:\.0+)?$/,
	/^(?:1899-12-3\d|1900-01-0\d)[t ](\d\d):(\d\d):00/i,
];
const HALF_DAY = /^(\d+):(\d\d)(?::00)?\s*([ap])\.?m\.?$/i;
/** What a table keeps of a time of day. */
const PART_OF_DAY = /^0?\.\d{4,}$/;

/** A ratio as `16:9`, where that is what is meant; otherwise the text without white space. */
export function readRatio(given: string): string {
	const text = given.trim();
	const half = HALF_DAY.exec(text);
	if (half !== null) {
		const isPm = half[3]!.toLowerCase() === 'p';
		return `${(Number(half[1]) % 12) + (isPm ? 12 : 0)}:${Number(half[2])}`;
	}
	if (PART_OF_DAY.test(text)) {
		const minutes = Math.round(Number(text) * 24 * 60);
		return `${Math.floor(minutes / 60)}:${minutes % 60}`;
	}
	const found = SPELLINGS.map((spelling) => spelling.exec(text)).find((match) => match !== null);
	if (found) return `${Number(found[1])}:${Number(found[2])}`;
	const plain = text.replace(/\s/g, '');
	return plain.toLowerCase() === 'auto' ? 'auto' : plain;
}
