import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

export const whenGenerating: IDisplayOptions = { show: { operation: ['generate'] } };

export const operationField: INodeProperties = {
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
