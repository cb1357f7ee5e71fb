/** What came back over HTTP, before anyone judges it. */
export interface Reply {
	readonly status: number;
	readonly headers: Pick<Headers, 'get'>;
	/** The body's JSON as far as it came, each image's base64 as a Buffer; undefined where the body is no JSON. */
	readonly json: unknown;
	/** The start of a body that is no JSON; `''` where it is, or where the body is empty. */
	readonly text: string;
	readonly end: ReplyEnd;
}

/** How the body ended: wholly, in the middle, because we aborted it, or because it was too long. */
export type ReplyEnd = 'whole' | 'brokenOff' | 'aborted' | 'overLimit';

type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Reads a field that Google spells in camelCase and some proxies in snake_case. */
export function field(from: unknown, name: string): unknown {
	if (!isObject(from)) return undefined;
	return from[name] ?? from[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

/** A list field's members; a missing or foreign one has none. */
export function list(from: unknown, name: string): readonly unknown[] {
	const value = field(from, name);
	return Array.isArray(value) ? value : [];
}

/** A text field, `''` where it is missing or something else. */
export function words(from: unknown, name: string): string {
	const value = field(from, name);
	return typeof value === 'string' ? value : '';
}

/** A number field, null where it is missing or something else. */
export function count(from: unknown, name: string): number | null {
	const value = field(from, name);
	return typeof value === 'number' ? value : null;
}
