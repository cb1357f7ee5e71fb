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
