import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { properties } from './description/properties';
import { longListHint } from './description/generating';

/** Written out: n8n before 1.83 has no names for the kinds of connections. */
const MAIN = 'main';

export class GeminiT2I implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gemini T2I',
		name: 'geminiT2I',
		icon: { light: 'file:geminiT2I.svg', dark: 'file:geminiT2I.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] === "checkEndpoints" ? "check API keys" : $parameter["model"] }}',
		description: "Make images from text with Google's Gemini image models",
		defaults: { name: 'Gemini T2I' },
		usableAsTool: true,
		inputs: [MAIN],
		outputs: [MAIN],
		credentials: [{ name: 'geminiT2IApi', required: true, testedBy: 'geminiT2IApiTest' }],
		hints: [longListHint],
		properties,
	};

	methods = {
		credentialTest: {
			async geminiT2IApiTest(this: ICredentialTestFunctions, credential: ICredentialsDecrypted) {
				return await (await import('./running')).geminiT2IApiTest.call(this, credential);
			},
		},
		listSearch: {
			async searchModels(this: ILoadOptionsFunctions, filter?: string) {
				return await (await import('./running')).searchModels.call(this, filter);
			},
		},
	};

	async execute(this: IExecuteFunctions) {
		const { checkEndpoints, generate } = await import('./running');
		const operation = this.getNodeParameter('operation', 0);
		return operation === 'checkEndpoints' ? await checkEndpoints(this) : await generate(this);
	}
}
