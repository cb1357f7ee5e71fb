import type { INodeProperties } from 'n8n-workflow';
import { whenGenerating } from './operationField';

export const modelField: INodeProperties = {
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
