import type { INodeProperties } from 'n8n-workflow';
import { whenGenerating } from './generating';

const whenSized = { show: { ...whenGenerating.show, aspectRatio: ['fromSize'] } };

/** The multiplication sign stays small: n8n's title case would make it a capital. */
const CLOSEST = 'Closest to Width x Height';

/** What the image shall be. */
export const imageFields: INodeProperties[] = [
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		// Not required: n8n would refuse the whole workflow without a word about items; the node names the item.
		default: '',
		displayOptions: whenGenerating,
		placeholder: 'e.g. A red bicycle in front of a white wall, morning light',
		description:
			'What the image shall show. Drag a column of your input here to make one image per row.',
	},
	{
		displayName: 'Aspect Ratio',
		name: 'aspectRatio',
		type: 'options',
		default: 'auto',
		displayOptions: whenGenerating,
		description: 'Shape of the image. Not every model can do every ratio.',
		options: [
			{ name: '1:1 (Square)', value: '1:1' },
			{ name: '1:4 (Tall Banner)', value: '1:4' },
			{ name: '1:8 (Very Tall Banner)', value: '1:8' },
			{ name: '16:9 (Widescreen)', value: '16:9' },
			{ name: '2:3 (Portrait Photo)', value: '2:3' },
			{ name: '21:9 (Cinema)', value: '21:9' },
			{ name: '3:2 (Landscape Photo)', value: '3:2' },
			{ name: '3:4 (Portrait)', value: '3:4' },
			{ name: '4:1 (Wide Banner)', value: '4:1' },
			{ name: '4:3 (Landscape)', value: '4:3' },
			{ name: '4:5 (Social Portrait)', value: '4:5' },
			{ name: '5:4 (Social Landscape)', value: '5:4' },
			{ name: '8:1 (Very Wide Banner)', value: '8:1' },
			{ name: '9:16 (Phone)', value: '9:16' },
			{
				name: 'Automatic',
				value: 'auto',
				description: 'The model chooses; with input images it follows their shape',
			},
			{
				name: CLOSEST,
				value: 'fromSize',
				description: 'The nearest ratio the model can do',
			},
		],
	},
	{
		displayName: 'Width',
		name: 'width',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1024,
		displayOptions: whenSized,
		description:
			'Only its proportion to the height counts; the size in pixels follows the resolution',
	},
	{
		displayName: 'Height',
		name: 'height',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1024,
		displayOptions: whenSized,
		description:
			'Only its proportion to the width counts; the size in pixels follows the resolution',
	},
	{
		displayName: 'Resolution',
		name: 'imageSize',
		type: 'options',
		default: 'auto',
		displayOptions: whenGenerating,
		description: 'How large the image is. More pixels cost more.',
		options: [
			{ name: '1K', value: '1K', description: 'About 1024 pixels on a side' },
			{ name: '2K', value: '2K', description: 'About 2048 pixels on a side' },
			{ name: '4K', value: '4K', description: 'About 4096 pixels on a side' },
			{ name: '512', value: '512', description: 'About 512 pixels on a side' },
			{ name: 'Automatic', value: 'auto', description: 'The usual size of the model' },
		],
	},
	{
		displayName: 'Number of Images',
		name: 'numberOfImages',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 1,
		displayOptions: whenGenerating,
		description: 'How many images to make for each item. Each one is paid for.',
	},
	{
		displayName: 'Input Data Field Name(s)',
		name: 'referenceImages',
		type: 'string',
		default: '',
		displayOptions: whenGenerating,
		placeholder: 'e.g. data, logo',
		hint: 'The name of the input field(s) with the images to work from, separated by commas',
		description:
			'Images of the input item that the prompt may speak of: to change them, to combine them, or as a pattern. Leave empty to work from the prompt alone.',
	},
];
