import {
	DEFAULT_MODEL,
	RequestInvalid,
	resolveRequest,
	type ImageRequest,
	type PoolSettings,
} from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { stemOf } from './fileNames';
import {
	booleanOf,
	jsonObjectOf,
	optionsOf,
	positiveWhole,
	textOf,
	type Options,
} from './parameters';
import { referencesIfThere, referencesOf } from './references';

/** What one input item asks for, checked. */
export interface ItemPlan {
	readonly item: number;
	/** Of its credential. */
	readonly settings: PoolSettings;
	readonly request: ImageRequest;
	/** Images to make, each by a call of its own. */
	readonly count: number;
	/** Null where the user gave none that is usable. */
	readonly stem: string | null;
	readonly layout: Layout;
	/** Where it is in a batch, as an earlier pass told; `''` where it is in none. */
	readonly ticket: string;
	/** Pays once more for what was handed in before. */
	readonly submitAgain: boolean;
}

/** How an item's results are handed on. */
export interface Layout {
	readonly binaryPropertyName: string;
	readonly includeInputFields: boolean;
}

/** More than anyone means to ask of one prompt: a column mixed up with another one. */
const MOST_IMAGES = 1000;

/** @throws RequestInvalid or SettingsInvalid with what to change, or n8n's own where an expression cannot be resolved */
export async function planItem(
	context: IExecuteFunctions,
	item: number,
	settings: PoolSettings,
): Promise<ItemPlan> {
	const read = (name: string, fallback?: unknown) => context.getNodeParameter(name, item, fallback);
	const options = optionsOf(context, item);
	const ticket = ticketOf(context, item);
	const aspectRatio = ratioOf(textOf(read('aspectRatio', 'auto'), 'Aspect Ratio'));
	return {
		item,
		settings,
		request: resolveRequest({
			model:
				textOf(
					context.getNodeParameter('model', item, '', { extractValue: true }),
					'Model',
				).trim() || DEFAULT_MODEL,
			prompt: textOf(read('prompt', ''), 'Prompt'),
			aspectRatio,
			...(aspectRatio === 'fromSize' && {
				width: positiveWhole(read('width', 1024), 'Width', 1024),
				height: positiveWhole(read('height', 1024), 'Height', 1024),
			}),
			imageSize: textOf(read('imageSize', 'auto'), 'Resolution'),
			referenceImages:
				ticket === ''
					? await referencesOf(context, item, read('referenceImages', ''))
					: await referencesIfThere(context, item, read('referenceImages', '')),
			includeText: booleanOf(options.includeText, false),
			systemInstruction: textOf(options.systemInstruction, 'System Instruction'),
			googleSearch: booleanOf(options.googleSearch, false),
			thinkingLevel: textOf(options.thinkingLevel, 'Thinking'),
			serviceTier: isInBatch(context) ? '' : textOf(options.serviceTier, 'Service Tier'),
			additionalFields: jsonObjectOf(options.additionalFields, 'Additional Request Fields (JSON)'),
		}),
		count: countOf(read('numberOfImages', 1)),
		stem: stemOf(textOf(read('fileName', ''), 'File Name')),
		layout: layoutOf(options),
		ticket,
		submitAgain: isInBatch(context) && booleanOf(read('submitAgain', false), false),
	};
}

/** The choices that are no ratio, by the names of the form too. */
function ratioOf(text: string): string {
	const wanted = text.trim().toLowerCase();
	if (wanted === 'automatic') return 'auto';
	return ['fromsize', 'closest to width x height'].includes(wanted) ? 'fromSize' : text;
}

/** A batch is a tier of its own. */
const isInBatch = (context: IExecuteFunctions): boolean =>
	context.getNodeParameter('operation', 0) === 'generateBatch';

/** As it stands in the item, whatever else of it can be read. */
export const ticketOf = (context: IExecuteFunctions, item: number): string =>
	isInBatch(context) ? textOf(context.getNodeParameter('batch', item, ''), 'Batch').trim() : '';

/** Also for an item that could not be planned: its columns and files are passed on all the same. */
export const layoutOf = (options: Options): Layout => ({
	binaryPropertyName: textOf(options.binaryPropertyName, 'Put Output in Field').trim() || 'data',
	includeInputFields: booleanOf(options.includeInputFields, true),
});

function countOf(value: unknown): number {
	const count = positiveWhole(value, 'Number of Images', 1);
	if (count <= MOST_IMAGES) return count;
	throw new RequestInvalid(
		`Number of Images is ${count}, and ${MOST_IMAGES} is the most for one item. Check that the right column is used; for more, put this node into Loop Over Items.`,
	);
}
