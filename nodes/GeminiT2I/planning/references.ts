import { inputTypeOf, RequestInvalid, type Reference } from 'gemini-t2i/pool';
import type { IBinaryData, IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';
import { wordsOf } from '../n8n/host';

/** A file that the prompt speaks of. */
interface InputImage extends Reference {
	/** Where it was found, and what n8n calls its file: with them a request tells which images it works from. */
	readonly from: readonly [place: string, file: string];
}

/** What is asked for: a file by its place, `The file in the field "photo"` and the like. */
interface Found {
	readonly place: string;
	readonly file: IBinaryData;
	load(): Promise<Buffer>;
}

const FIELD = 'Input Data Field Name(s)';
const MEGABYTE = 1024 * 1024;
/** Above it a call has no room for them. */
const LARGEST = { one: 20 * MEGABYTE, all: 50 * MEGABYTE };
/** What many downloads are declared as. */
const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * The images an item works from, checked by what n8n knows of their files and by their first bytes.
 * @throws RequestInvalid where one is missing, lost, too large or no image
 */
export async function referencesOf(
	context: IExecuteFunctions,
	item: number,
	wanted: unknown,
): Promise<readonly InputImage[]> {
	const found = findAll(context, item, wanted);
	const sizes = await Promise.all(found.map(async (each) => await checked(context, each)));
	const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
	if (all > LARGEST.all) {
		throw new RequestInvalid(
			`The input images of this item have ${inMegabytes(all)} together, and ${inMegabytes(LARGEST.all)} is the most. Make them smaller, or leave some out.`,
		);
	}
	return found.map(({ place, file, load }, index) => ({
		mimeType: sizes[index]!.mimeType,
		from: [place, file.id ?? file.data],
		load: async () => await loaded(place, load),
	}));
}

/** For an item that was handed in already: its images are needed no more, unless a part of it was not. */
export async function referencesIfThere(
	...asked: Parameters<typeof referencesOf>
): Promise<readonly Reference[]> {
	try {
		return await referencesOf(...asked);
	} catch (reason) {
		return [{ mimeType: UNKNOWN_TYPE, load: () => Promise.reject(reason) }];
	}
}

function findAll(context: IExecuteFunctions, item: number, wanted: unknown): readonly Found[] {
	if (wanted === undefined || wanted === null) {
		throw new RequestInvalid(
			`${FIELD} gives nothing for this item, though it asks for an image. Check its expression, or leave it empty to work from the prompt alone.`,
		);
	}
	if (Array.isArray(wanted)) return wanted.flatMap((each) => findAll(context, item, each));
	if (typeof wanted === 'object') return given(context, item, wanted);
	const text = String(wanted);
	if (fileOf(context, item, text.trim()) !== null) return [named(context, item, text.trim())];
	refuseContent(text);
	return text
		.split(/[,;\n]/)
		.map((name) => name.trim())
		.filter((name) => name !== '')
		.map((name) => named(context, item, name));
}

/** n8n leaves the bytes of its `$binary` out, and where it keeps no file of them, all that tells them. */
const isFile = (value: unknown): value is IBinaryData =>
	typeof value === 'object' && value !== null && 'mimeType' in value;

/** A file that an expression gave, of this item or of another node's; or several by their fields, as `$binary` is. */
function given(context: IExecuteFunctions, item: number, value: object): readonly Found[] {
	const files = isFile(value) ? [value] : Object.values(value);
	if (files.length > 0 && files.every(isFile)) {
		return files.map((file) => foreign(context, withBytes(file, filesOf(context, item))));
	}
	throw new RequestInvalid(
		`${FIELD} gives an object that is no file. Give the name of a field, or a file such as {{ $binary.photo }}.`,
	);
}

function withBytes(file: IBinaryData, own: IBinaryKeyData): IBinaryData {
	if (file.id !== undefined || file.data !== undefined) return file;
	const facts = Object.entries(file);
	const same = Object.values(own).filter((one) =>
		facts.every(([name, value]) => one[name as keyof IBinaryData] === value),
	);
	// Two that are told alike may show different things.
	if (new Set(same.map(({ data }) => data)).size === 1) return same[0]!;
	throw new RequestInvalid(
		`${FIELD} gives a file without its bytes. Give the name of its field instead.`,
	);
}

const foreign = ({ helpers }: IExecuteFunctions, file: IBinaryData): Found => ({
	place: `The file ${file.fileName ? `"${short(file.fileName)}"` : `in ${FIELD}`}`,
	file,
	load: async () =>
		file.id === undefined
			? Buffer.from(file.data, 'base64')
			: await helpers.binaryToBuffer(await helpers.getBinaryStream(file.id)),
});

function named(context: IExecuteFunctions, item: number, name: string): Found {
	const file = fileOf(context, item, name);
	if (file === null) {
		refuseContent(name);
		throw new RequestInvalid(missing(context, item, name));
	}
	return {
		place: `The file in the field "${short(name)}"`,
		file,
		load: async () => await context.helpers.getBinaryDataBuffer(item, name),
	};
}

function fileOf(context: IExecuteFunctions, item: number, name: string): IBinaryData | null {
	const files = filesOf(context, item);
	if (name === '') return null;
	if (Object.hasOwn(files, name)) return files[name]!;
	try {
		// Where a workflow keeps its files within the columns, the name is a path that n8n resolves.
		const found: unknown = context.helpers.assertBinaryData(item, name);
		return isFile(found) ? found : null;
	} catch {
		return null;
	}
}

/** The content or the address of an image, where its field should be named. */
const CONTENT: readonly (readonly [looks: RegExp, what: string])[] = [
	[/^\s*data:/i, 'a data URL'],
	[/^\s*(?:[a-z][a-z\d+.-]*:)?\/\//i, 'an address'],
	[/^\s*[A-Za-z0-9+/_-]{40,}={0,2}\s*$/, 'base64'],
];

function refuseContent(text: string): void {
	const what = CONTENT.find(([looks]) => looks.test(text.slice(0, 10_000)))?.[1];
	if (what === undefined) return;
	throw new RequestInvalid(
		`${FIELD} holds ${what} (${short(text.trim())}), and the name of a field with a file is needed. ${what === 'an address' ? 'Download it with an HTTP Request node' : 'Make a file of it with a Convert to File node'} before this one.`,
	);
}

function missing(context: IExecuteFunctions, item: number, name: string): string {
	const there = Object.keys(filesOf(context, item));
	const advice =
		there.length > 0
			? `Its files are in: ${there.map(short).join(', ')}.`
			: 'It has no files: read or download the image in a node before this one.';
	return `The item has no file in the field "${short(name)}". ${advice}`;
}

const filesOf = (context: IExecuteFunctions, item: number): IBinaryKeyData =>
	context.getInputData()[item]?.binary ?? {};

/** Type by the first bytes, and size. */
async function checked(context: IExecuteFunctions, { place, file }: Found) {
	const declared = file.mimeType ?? UNKNOWN_TYPE;
	const { bytes, head } = await glance(context, file).catch((reason) => {
		throw gone(place, reason);
	});
	if (bytes === 0) throw new RequestInvalid(`${place} is empty.`);
	if (bytes > LARGEST.one) {
		throw new RequestInvalid(
			`${place} has ${inMegabytes(bytes)}, and ${inMegabytes(LARGEST.one)} is the most. Make it smaller before this node.`,
		);
	}
	const mimeType = inputTypeOf(head);
	if (mimeType !== null) return { bytes, mimeType };
	if (declared === UNKNOWN_TYPE) throw new RequestInvalid(`${place} is no image. ${TAKEN}`);
	throw new RequestInvalid(
		declared.startsWith('image/')
			? `${place} is no image of a kind that can be used (${short(declared)}). ${TAKEN}`
			: `${place} holds ${short(declared)}, and an image is needed. ${TAKEN}`,
	);
}

const TAKEN = 'Gemini takes PNG, JPEG, WebP and HEIC.';

/** Enough to know a picture by. */
const HEAD_BYTES = 64;

async function glance({ helpers }: IExecuteFunctions, { id, data }: IBinaryData) {
	if (id === undefined) {
		const head = Buffer.from(data.slice(0, 2 * HEAD_BYTES), 'base64');
		return { bytes: Math.floor((data.length * 3) / 4), head };
	}
	const { fileSize } = await helpers.getBinaryMetadata(id);
	const stream = await helpers.getBinaryStream(id, HEAD_BYTES);
	for await (const chunk of stream) return { bytes: fileSize, head: Buffer.from(chunk) };
	return { bytes: 0, head: Buffer.alloc(0) };
}

async function loaded(place: string, load: () => Promise<Buffer>): Promise<Buffer> {
	const bytes = await load().catch((reason) => {
		throw gone(place, reason);
	});
	if (bytes.length > 0) return bytes;
	throw new RequestInvalid(`${place} is empty.`);
}

const gone = (place: string, reason: unknown): RequestInvalid =>
	new RequestInvalid(
		`${place} cannot be read (${short(wordsOf(reason))}). It may be gone from n8n's storage: run the node that made it again.`,
	);

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / MEGABYTE)} MB`;
