import { readPicture, RequestInvalid, type Reference } from 'gemini-t2i';
import type { IBinaryData, IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';

/** A file of the input item that the prompt speaks of. Its bytes are loaded when its turn comes. */
export interface ReferenceField {
	readonly name: string;
	readonly file: IBinaryData;
}

/** What many downloads are declared as. The bytes will tell. */
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
		if (!file.mimeType.startsWith('image/') && file.mimeType !== UNKNOWN_TYPE) {
			throw new RequestInvalid(
				`The input field "${name}" holds ${file.mimeType}, and an image is needed. Name another field under Input Data Field Name(s).`,
			);
		}
		return { name, file };
	});
}

function find(context: IExecuteFunctions, item: number, name: string): IBinaryData | null {
	const file = filesOf(context, item)[name];
	if (file !== undefined) return file;
	try {
		// Where a workflow keeps its files within the columns, the name is a path that n8n resolves.
		return context.helpers.assertBinaryData(item, name);
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
export const placeholder = ({ file }: ReferenceField): Reference => ({
	data: Buffer.alloc(0),
	mimeType: file.mimeType,
});

export const load = async (
	context: IExecuteFunctions,
	item: number,
	fields: readonly ReferenceField[],
): Promise<readonly Reference[]> =>
	await Promise.all(
		fields.map(async ({ name, file }) => {
			const data = await context.helpers.getBinaryDataBuffer(item, name);
			const mimeType = readPicture(data)?.mimeType ?? file.mimeType;
			if (mimeType !== UNKNOWN_TYPE) return { data, mimeType };
			throw new RequestInvalid(`The file in the field "${name}" is no image.`);
		}),
	);
