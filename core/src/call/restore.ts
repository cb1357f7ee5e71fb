import { isObject } from '../json';

/**
 * Puts the images back where the scan left their numbers: the value at every `inlineData.data` and `inline_data.data`
 * that is a string. No other text can stand there, so nothing in the reply can be mistaken for a number.
 */
export function restoreImages(json: unknown, images: readonly Buffer[]): unknown {
	// Not recursive: the depth is the reply's choice.
	const left: unknown[] = [json];
	while (left.length > 0) {
		const value = left.pop();
		if (Array.isArray(value)) {
			for (const member of value) left.push(member);
		} else if (isObject(value)) {
			restoreAt(value, 'inlineData', images);
			restoreAt(value, 'inline_data', images);
			for (const member of Object.values(value)) left.push(member);
		}
	}
	return json;
}

function restoreAt(
	parent: Readonly<Record<string, unknown>>,
	key: string,
	images: readonly Buffer[],
) {
	const inline = Object.hasOwn(parent, key) ? parent[key] : null;
	if (!isObject(inline) || !Object.hasOwn(inline, 'data')) return;
	const { data } = inline;
	if (typeof data === 'string') Object.assign(inline, { data: images[Number(data)] });
}
