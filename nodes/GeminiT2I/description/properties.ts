import type { INodeProperties } from 'n8n-workflow';
import { batchNotice, errorOutputNotice, whenGenerating, whenInBatch } from './generating';
import { imageFields } from './imageFields';
import { optionFields } from './optionFields';

const modelField: INodeProperties = {
	displayName: 'Model',
	name: 'model',
	type: 'resourceLocator',
	default: {
		mode: 'list',
		value: 'gemini-nano-banana-2.1',
		cachedResultName: 'Nano Banana 2.1',
	},
	// Not required: n8n's editor empties the field when the credential is changed, and empty means the default.
	displayOptions: whenGenerating,
	description:
		'The model that draws. The list shows what your endpoint offers, image models first.',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Nano Banana 2.1',
			typeOptions: { searchListMethod: 'searchModels', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. gemini-nano-banana-2.1',
			hint: 'Proxies may have names of their own; any name is sent as it is.',
		},
	],
};

/** How the result is handed on. */
const outputFields: INodeProperties[] = [
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		displayOptions: whenGenerating,
		placeholder: 'e.g. {{ $json.title }}',
		description:
			'Name of the image file, without an ending such as .png, which the node adds. Characters that file systems refuse are replaced. Leave empty for a name that no other run uses.',
	},
	{
		displayName: 'Simplify',
		name: 'simplify',
		type: 'boolean',
		default: true,
		displayOptions: whenGenerating,
		description: 'Whether to return a simplified version of the response instead of the raw data',
	},
];

/** Where an item is that was handed in. */
const batchFields: INodeProperties[] = [
	{
		displayName: 'Batch',
		name: 'batch',
		type: 'string',
		default: '={{ $json.generation?.batch }}',
		displayOptions: whenInBatch,
		description:
			'What this node wrote about the item when it handed it in, such as batches/abc#1f2e-1. An item with it is looked up, one without it is handed in. If you keep it in a table, map that column.',
	},
	{
		displayName: 'Submit Again',
		name: 'submitAgain',
		type: 'boolean',
		default: false,
		displayOptions: whenInBatch,
		description:
			'Whether to pay once more for items that were handed in before, for example to get other images of the same prompts',
	},
];

const operationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'generate',
	options: [
		{
			name: 'Check API Keys',
			value: 'checkEndpoints',
			action: 'Check API keys',
			description: 'Ask every endpoint with each of its keys whether it answers. No image is made.',
		},
		{
			name: 'Generate Image',
			value: 'generate',
			action: 'Generate image',
			description: 'Make one or more images for every item',
		},
		{
			name: 'Generate Image in Batch',
			value: 'generateBatch',
			action: 'Generate image in batch',
			description: 'Make images at half price, within a day',
			displayOptions: { hide: { '@tool': [true] } },
		},
	],
};

export const properties: INodeProperties[] = [
	operationField,
	modelField,
	...imageFields,
	...outputFields,
	...batchFields,
	errorOutputNotice,
	batchNotice,
	optionFields,
];
