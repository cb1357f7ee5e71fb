type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Reads a field that Google spells in camelCase and some proxies in snake_case. */
export function field(from: unknown, name: string): unknown {
	if (!isObject(from)) return undefined;
	return from[name] ?? from[snakeOf(name)];
}

/** Few names are asked for, often. */
const SNAKES = new Map<string, string>();
function snakeOf(name: string): string {
	const known = SNAKES.get(name);
	if (known !== undefined) return known;
	const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
	SNAKES.set(name, snake);
	return snake;
}

/** A list field's members; a missing or foreign one has none. */
export function list(from: unknown, name: string): readonly unknown[] {
	const value = field(from, name);
	return Array.isArray(value) ? value : [];
}

/** A text out of which pictures were taken while it arrived: `pictures[n]` stood between `pieces[n]` and the next. */
export class Spliced {
	constructor(
		readonly pieces: readonly string[],
		readonly pictures: readonly Buffer[],
	) {}
}

/** A text field, `''` where it is missing or something else. */
export function words(from: unknown, name: string): string {
	const value = field(from, name);
	if (value instanceof Spliced) return value.pieces.join('');
	return typeof value === 'string' ? value : '';
}

/** A number field, null where it is missing or something else. */
export function count(from: unknown, name: string): number | null {
	const value = field(from, name);
	return typeof value === 'number' ? value : null;
}
