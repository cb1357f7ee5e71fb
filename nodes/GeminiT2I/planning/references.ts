import { readPicture, RequestInvalid, type Reference } from 'gemini-t2i/pool';
import type { IBinaryData, IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from '../n8n/errors';

/** A file of the input item that the prompt speaks of. */
interface InputImage extends Reference {
	/** Field and file: with them a request tells which images it works from. */
	readonly from: readonly [name: string, file: string];
}

/** What many downloads are declared as. */
const UNKNOWN_TYPE = 'application/octet-stream';

/** @throws RequestInvalid where a field is missing or holds no image */
export function referencesOf(
	context: IExecuteFunctions,
	item: number,
	wanted: unknown,
): readonly InputImage[] {
	const names = (Array.isArray(wanted) ? wanted : [wanted])
		.flatMap((value) => String(value ?? '').split(','))
		.map((name) => name.trim())
		.filter((name) => name !== '');
	return names.map((name) => {
		const file = find(context, item, name);
		if (file === null) throw new RequestInvalid(missing(context, item, name));
		const mimeType = file.mimeType ?? UNKNOWN_TYPE;
		if (!mimeType.startsWith('image/') && mimeType !== UNKNOWN_TYPE) {
			throw new RequestInvalid(
				`The input field "${name}" holds ${mimeType}, and an image is needed. Name another field under Input Data Field Name(s).`,
			);
		}
		return {
			mimeType,
			from: [name, file.id ?? file.data],
			load: () => bytesOf(context, item, name, mimeType),
		};
	});
}

/** For an item that was handed in already: its images are needed no more, unless a part of it was not. */
export function referencesIfThere(...asked: Parameters<typeof referencesOf>): readonly Reference[] {
	try {
		return referencesOf(...asked);
	} catch (reason) {
		return [{ mimeType: UNKNOWN_TYPE, load: () => Promise.reject(reason) }];
	}
}

function find(context: IExecuteFunctions, item: number, name: string): IBinaryData | null {
	const files = filesOf(context, item);
	if (Object.hasOwn(files, name)) return files[name]!;
	try {
		// Where a workflow keeps its files within the columns, the name is a path that n8n resolves.
		const found: unknown = context.helpers.assertBinaryData(item, name);
		return typeof found === 'object' ? (found as IBinaryData) : null;
	} catch {
		return null;
	}
}

function missing(context: IExecuteFunctions, item: number, name: string): string {
	const there = Object.keys(filesOf(context, item));
	const advice =
		there.length > 0
			? `Its files are in: ${there.join(', ')}.`
			: 'It has no files: read or download the image in a node before this one.';
	return `The item has no file in the field "${name}". ${advice}`;
}

const filesOf = (context: IExecuteFunctions, item: number): IBinaryKeyData =>
	context.getInputData()[item]?.binary ?? {};

async function bytesOf(context: IExecuteFunctions, item: number, name: string, declared: string) {
	const bytes = await context.helpers.getBinaryDataBuffer(item, name).catch((reason) => {
		throw new RequestInvalid(`The file in the field "${name}" is gone (${wordsOf(reason)}).`);
	});
	if (bytes.length === 0) throw new RequestInvalid(`The file in the field "${name}" is empty.`);
	if (declared !== UNKNOWN_TYPE || readPicture(bytes) !== null) return bytes;
	throw new RequestInvalid(`The file in the field "${name}" is no image.`);
}
