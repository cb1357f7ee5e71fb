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

/** A batch is not ready at once: what is still to come has an output of its own. */
const OUTPUTS =
	`={{ $parameter["operation"] === "generateBatch" ? [{ type: "main", displayName: "Images" }, { type: "main", displayName: "Not Ready Yet" }] : ["main"] }}` as const;

export class GeminiT2I implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gemini T2I',
		name: 'geminiT2I',
		icon: { light: 'file:geminiT2I.svg', dark: 'file:geminiT2I.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] === "checkEndpoints" ? "check API keys" : $parameter["model"] + ($parameter["operation"] === "generateBatch" ? " in batch" : "") }}',
		description: "Make images from text with Google's Gemini image models",
		defaults: { name: 'Gemini T2I' },
		usableAsTool: true,
		inputs: [MAIN],
		outputs: OUTPUTS,
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
		const { checkEndpoints, generate, generateBatch } = await import('./running');
		const operation = this.getNodeParameter('operation', 0);
		if (operation === 'checkEndpoints') return await checkEndpoints(this);
		return operation === 'generateBatch' ? await generateBatch(this) : await generate(this);
	}
}
