import type { INodeProperties } from 'n8n-workflow';
import { errorOutputNotice, whenGenerating } from './generating';
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
	],
};

export const properties: INodeProperties[] = [
	operationField,
	modelField,
	...imageFields,
	...outputFields,
	errorOutputNotice,
	optionFields,
];
