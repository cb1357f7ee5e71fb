import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { nodeMessage } from './nodeMessage';
import type { Failure } from './settled';

/**
 * Sends an item to the error output. n8n routes by `error` and lets it go when it copies the item; an enumerable one
 * would replace all that the item tells. n8n also puts the input's columns under the item's, so that a column
 * `error` would come back if the item said nothing about it.
 */
export function toErrorOutput(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	input: INodeExecutionData,
	{ message }: Failure,
): INodeExecutionData {
	const json = 'error' in input.json ? { ...item.json, error: undefined } : item.json;
	const value = nodeMessage(context, message);
	return Object.defineProperty({ ...item, json }, 'error', { value, enumerable: false });
}
