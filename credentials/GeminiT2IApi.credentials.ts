import type { Icon, ICredentialType, INodeProperties, INodePropertyCollection } from 'n8n-workflow';

/** Order of use: a beginner needs the first field only. */
const endpointFields: INodeProperties[] = [
	{
		displayName: 'API Keys',
		name: 'apiKeys',
		type: 'string',
		typeOptions: { password: true, rows: 3 },
		default: '',
		placeholder: 'AIza...',
		description:
			'Your Gemini API key. With several keys, enter one per line: they take turns, and when one is rejected or used up, the others go on.',
		hint: 'Get one at <a href="https://aistudio.google.com/apikey" target="_blank">aistudio.google.com/apikey</a>',
	},
	{
		displayName: 'Base URL',
		name: 'baseUrl',
		type: 'string',
		default: '',
		placeholder: 'https://gemini.example.com',
		description: 'Address of a proxy that speaks the Gemini API. Leave empty for Google itself.',
	},
	{
		displayName: 'Requests per Minute',
		name: 'rateLimit',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: 0,
		description:
			'How many images may be started in any minute. The node keeps to it and waits when needed. 0 means no limit of its own: it then slows down when Google asks for it.',
	},
	{
		displayName: 'Share of Images',
		name: 'weight',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 1,
		description:
			'An endpoint with 2 gets twice as many images as one with 1. With 0 it stands by and is used only when no other endpoint can serve.',
	},
	{
		displayName: 'API Version',
		name: 'apiVersion',
		type: 'options',
		default: 'auto',
		options: [
			{
				name: 'Automatic',
				value: 'auto',
				description: 'What the Base URL ends with, otherwise v1beta',
			},
			{ name: 'V1', value: 'v1' },
			{ name: 'V1alpha', value: 'v1alpha' },
			{ name: 'V1beta', value: 'v1beta' },
		],
		description: 'Change it only when the operator of your proxy says so',
	},
];

const SLOTS = 10;

/**
 * Named slots, not rows: n8n restores hidden secrets of rows by their index, so that deleting one row would send its
 * key to another endpoint. Slots are restored by name.
 */
const slots: INodePropertyCollection[] = Array.from({ length: SLOTS }, (_, index) => ({
	displayName: `Endpoint ${index + 1}`,
	name: `endpoint${index + 1}`,
	values: endpointFields,
}));

export class GeminiT2IApi implements ICredentialType {
	name = 'geminiT2IApi';

	displayName = 'Gemini T2I API';

	icon: Icon = {
		light: 'file:../nodes/GeminiT2I/geminiT2I.svg',
		dark: 'file:../nodes/GeminiT2I/geminiT2I.dark.svg',
	};

	documentationUrl = 'https://github.com/n8n-nodes-gemini-t2i/n8n-nodes-gemini-t2i#readme';

	properties: INodeProperties[] = [
		{
			displayName: 'Endpoints',
			name: 'endpoints',
			type: 'fixedCollection',
			placeholder: 'Add Endpoint',
			// Open from the start: with one Google key the user pastes it and is done.
			default: {
				endpoint1: { apiKeys: '', baseUrl: '', rateLimit: 0, weight: 1, apiVersion: 'auto' },
			},
			options: slots,
			description:
				'Paste your key into Endpoint 1 and save. Add further endpoints for proxies or for keys with other limits.',
		},
		{
			displayName: 'Limit Applies To',
			name: 'rateLimitScope',
			type: 'options',
			default: 'endpoint',
			options: [
				{
					name: 'Each Endpoint',
					value: 'endpoint',
					description: 'All keys of an endpoint share its Requests per Minute',
				},
				{
					name: 'Each Key',
					value: 'key',
					description: 'Every key has the Requests per Minute of its endpoint for itself',
				},
			],
			description:
				'What Requests per Minute counts. Google counts per project: keys of one project share a limit, keys of different projects do not.',
		},
		{
			displayName: 'Images at Once',
			name: 'maxConcurrentRequests',
			type: 'number',
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 16,
			description:
				'How many images are made at the same time, by all workflows that use this credential together',
		},
		{
			displayName: 'n8n Workers',
			name: 'processes',
			type: 'number',
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 1,
			description:
				'In queue mode: how many n8n processes make images with this credential at the same moment. Its limits are divided among them. One nightly workflow runs on one worker, so that 1 is right for it. An expression may tell: <code>{{ $workflow.name === "Nightly" ? 1 : 4 }}</code>.',
		},
	];
}
