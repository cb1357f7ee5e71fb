import type { INodeProperties } from 'n8n-workflow';
import { whenAtOnce, whenGenerating } from './generating';

/** By display name, as n8n sorts them. */
export const optionFields: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	displayOptions: whenGenerating,
	options: [
		{
			displayName: 'Additional Request Fields (JSON)',
			name: 'additionalFields',
			type: 'json',
			default: '{}',
			placeholder: 'e.g. { "generationConfig": { "temperature": 0.5 } }',
			description:
				'Anything else the Gemini API understands: it is merged into the request as it stands. For temperature, thinking, safety settings and whatever comes next.',
		},
		{
			displayName: 'Google Search',
			name: 'googleSearch',
			type: 'boolean',
			default: false,
			description:
				'Whether to let the model look things up on Google before it draws, for example current events. May cost extra.',
		},
		{
			displayName: 'Images at Once',
			name: 'concurrency',
			type: 'number',
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 16,
			displayOptions: whenAtOnce,
			description:
				'How many images this node makes at the same time. The maximum set in the credential also holds.',
		},
		{
			displayName: 'Include Other Input Fields',
			name: 'includeInputFields',
			type: 'boolean',
			default: true,
			description:
				'Whether to pass the columns and files of the input on with the image. Where names meet, the result wins.',
		},
		{
			displayName: 'Include Text',
			name: 'includeText',
			type: 'boolean',
			default: false,
			description:
				'Whether to also ask the model for text, such as a caption or an alt text. Say in the prompt which one you want.',
		},
		{
			displayName: 'Maximum Cost (USD)',
			name: 'maxCost',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description:
				'No image is started that could take the whole execution above this sum, by the prices this node knows. 0 means no limit.',
		},
		{
			displayName: 'Put Output in Field',
			name: 'binaryPropertyName',
			type: 'string',
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the output field to put the image in',
			description: 'Most nodes that save or send files look for a field called data',
		},
		{
			displayName: 'Retries per Image',
			name: 'maxRetries',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 0,
			description:
				'How often to try again when an image could not be made. Waiting for limits and changing to another key or endpoint happen anyway and do not count.',
		},
		{
			displayName: 'Retry Delay (Seconds)',
			name: 'retryDelay',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 1,
			description: 'How long to wait before the first retry. The wait doubles each time, up to 60.',
		},
		{
			displayName: 'Service Tier',
			name: 'serviceTier',
			type: 'options',
			default: 'standard',
			displayOptions: whenAtOnce,
			options: [
				{
					name: 'Flex',
					value: 'flex',
					description: 'Half price, but an image may take 15 minutes. Only for Nano Banana Pro.',
				},
				{ name: 'Standard', value: 'standard' },
			],
			description:
				'How soon Google makes the image. While Google is busy, flex is turned away and waited for; it never becomes the full price by itself.',
		},
		{
			displayName: 'Split Into Items',
			name: 'output',
			type: 'options',
			default: 'itemPerImage',
			options: [
				{
					name: 'One Item per Image',
					value: 'itemPerImage',
					description: 'Suits nodes that save or send one file at a time',
				},
				{
					name: 'One Item per Prompt',
					value: 'itemPerPrompt',
					description: 'All images of a prompt in one item, as data, data_1, data_2',
				},
			],
			description: 'What to do with several images of one prompt',
		},
		{
			displayName: 'Stop Starting After (Minutes)',
			name: 'stopStartingAfter',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description:
				"After this time no further image is started; those in progress are finished and passed on. Set it below the workflow's own time limit, which would discard them. 0 means no limit.",
		},
		{
			displayName: 'System Instruction',
			name: 'systemInstruction',
			type: 'string',
			typeOptions: { rows: 3 },
			default: '',
			placeholder: 'e.g. Always draw in flat colours, without text',
			description: 'A rule that applies to every image, in addition to the prompt',
		},
		{
			displayName: 'Thinking',
			name: 'thinkingLevel',
			type: 'options',
			default: 'auto',
			options: [
				{ name: 'Automatic', value: 'auto', description: 'The model chooses' },
				{ name: 'High', value: 'high', description: 'For pictures with many parts, or with text' },
				{ name: 'Medium', value: 'medium' },
				{ name: 'Minimal', value: 'minimal', description: 'Quickest and cheapest' },
			],
			description:
				'How much the model thinks before it draws. Thoughts are paid for. Not every model has every level.',
		},
		{
			displayName: 'Timeout (Seconds)',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 300,
			displayOptions: whenAtOnce,
			description: 'How long to wait for one image to arrive completely',
		},
	],
};
