import type { NotMade } from 'gemini-t2i/pool';
import type {
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import type { Finished } from '../drawing/drawRun';
import { inSteps, isToolCall, nodeMessage } from '../n8n/host';
import { isPicture, roundedUsd, tellAll, type Picture, type Told } from './generation';
import type { Planned } from '../planning/planRun';
import type { Layout } from '../planning/planItem';

/** The results as n8n items: in input order, then by image. */
export async function outputItems(
	context: IExecuteFunctions,
	{ plan, results, onError }: Finished,
): Promise<INodeExecutionData[]> {
	const { items, options } = plan;
	const inputs = context.getInputData();
	const isTool = isToolCall(context);
	const handedOn = await inSteps(context, items.length, (place) => {
		const planned = items[place]!;
		const { item, layout } = planned;
		// n8n passes on whatever a Code node made, also an item without columns.
		const input = { ...inputs[item]!, json: inputs[item]!.json ?? {} };
		const make = (generation: IDataObject, images: IBinaryKeyData): INodeExecutionData => {
			const json = isTool ? compact(generation) : { ...columnsOf(input, layout), generation };
			// The first file is what many a node takes: n8n's Respond to Webhook sends it.
			const binary = { ...images, ...filesOf(input, layout), ...images };
			const hasFiles = Object.keys(binary).length > 0;
			return { json, ...(hasFiles && { binary }), pairedItem: { item } };
		};
		const one = (told: Told): INodeExecutionData => {
			if (isPicture(told)) {
				return make(told.generation, { [layout.binaryPropertyName]: told.image.binary });
			}
			const gap = make(told.generation, {});
			return onError === 'errorOutput' ? toErrorOutput(context, gap, input, told.failure) : gap;
		};

		const told = tellAll(planned, results[place]!, options.simplify);
		if (!options.isItemPerPrompt) return told.map(one);
		const pictures = told.filter(isPicture);
		const together =
			pictures.length === 0 ? [] : [make(asOne(pictures), namedFrom(pictures, layout))];
		return [...together, ...told.filter((each) => !isPicture(each)).map(one)];
	});
	return handedOn.flat();
}

/** An item that is to come back: with all its columns and files, whatever else is left out. */
export function passedOn(
	context: IExecuteFunctions,
	{ item }: Planned,
	generation: IDataObject,
): INodeExecutionData {
	const input = context.getInputData()[item]!;
	const whole = { binaryPropertyName: '', includeInputFields: true };
	const json = { ...columnsOf({ ...input, json: input.json ?? {} }, whole), generation };
	return { json, ...(input.binary && { binary: input.binary }), pairedItem: { item } };
}

/** All images of one prompt, told by the first one and the sum they cost. */
function asOne(pictures: readonly Picture[]): IDataObject {
	const images = pictures.map(({ generation }) => generation);
	const costs = images.map(({ estimatedCostUsd }) => estimatedCostUsd as number | null);
	const sum = costs.reduce((one, other) => (one === null || other === null ? null : one + other));
	return { ...images[0], estimatedCostUsd: sum === null ? null : roundedUsd(sum), images };
}

/** `data`, `data_1`, `data_2`. */
const namedFrom = (
	pictures: readonly Picture[],
	{ binaryPropertyName: name }: Planned['layout'],
): IBinaryKeyData =>
	Object.fromEntries(
		pictures.map(({ image }, place) => [place === 0 ? name : `${name}_${place}`, image.binary]),
	);

/**
 * What an output item takes over from its input item. A column `error` is renamed: n8n would take it for a failed
 * run and, with Retry On Fail, run the node again.
 */
function columnsOf(input: INodeExecutionData, layout: Layout): IDataObject {
	if (!layout.includeInputFields) return {};
	const entries = Object.entries(input.json);
	return Object.fromEntries(
		entries.map(([name, value]) => [name === 'error' ? 'inputError' : name, value]),
	);
}

const filesOf = (input: INodeExecutionData, layout: Layout): IBinaryKeyData =>
	layout.includeInputFields ? { ...input.binary } : {};

/**
 * Sends an item to the error output. n8n routes by `error` and lets it go when it copies the item; an enumerable one
 * would replace all that the item tells. n8n also puts the input's columns under the item's, so that a column
 * `error` would come back if the item said nothing about it.
 */
function toErrorOutput(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	input: INodeExecutionData,
	{ message }: NotMade,
): INodeExecutionData {
	const json = 'error' in input.json ? { ...item.json, error: undefined } : item.json;
	const value = nodeMessage(context, message);
	// n8n before 1.121 takes it away by assigning to it.
	const hidden = { value, enumerable: false, writable: true, configurable: true };
	return Object.defineProperty({ ...item, json }, 'error', hidden);
}

/** What an AI agent reads: facts without empty ones, which would only cost tokens. */
const compact = (generation: IDataObject): IDataObject =>
	Object.fromEntries(
		Object.entries(generation).filter(([, value]) => value !== null && value !== ''),
	);
