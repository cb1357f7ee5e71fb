import { readPicture, RequestInvalid, type Reference } from 'gemini-t2i/pool';
import type { IBinaryData, IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';

/** A file of the input item that the prompt speaks of. Its bytes are loaded when its turn comes. */
export interface ReferenceField {
	readonly name: string;
	/** As declared; the bytes will tell. */
	readonly mimeType: string;
	readonly file: IBinaryData;
}

/** What many downloads are declared as. */
const UNKNOWN_TYPE = 'application/octet-stream';

/** @throws RequestInvalid where a field is missing or holds no image */
export function referenceFieldsOf(
	context: IExecuteFunctions,
	item: number,
	wanted: unknown,
): readonly ReferenceField[] {
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
		return { name, mimeType, file };
	});
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

/** Stands for the bytes while a request is checked. */
export const placeholder = ({ mimeType }: ReferenceField): Reference => ({
	data: Buffer.alloc(0),
	mimeType,
});

export const load = async (
	context: IExecuteFunctions,
	item: number,
	fields: readonly ReferenceField[],
): Promise<readonly Reference[]> =>
	await Promise.all(
		fields.map(async ({ name, mimeType: declared }) => {
			const data = await context.helpers.getBinaryDataBuffer(item, name);
			if (data.length === 0) throw new RequestInvalid(`The file in the field "${name}" is empty.`);
			const mimeType = readPicture(data)?.mimeType ?? declared;
			if (mimeType !== UNKNOWN_TYPE) return { data, mimeType };
			throw new RequestInvalid(`The file in the field "${name}" is no image.`);
		}),
	);
