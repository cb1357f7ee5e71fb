import type { INodeProperties } from 'n8n-workflow';
import { whenGenerating } from './operationField';

/** How the result is handed on. */
export const outputFields: INodeProperties[] = [
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
