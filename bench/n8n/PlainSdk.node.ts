import { GoogleGenAI } from '@google/genai';
import type { IExecuteFunctions, INodeType, INodeTypeDescription } from 'n8n-workflow';
import pLimit from 'p-limit';

/** What one writes in an afternoon: the SDK as its own examples use it, sixteen at a time. */
export class PlainSdk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Plain SDK',
		name: 'plainSdk',
		group: ['transform'],
		version: 1,
		description: "Google's SDK without anything around it",
		defaults: { name: 'Plain SDK' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [
			{ displayName: 'Base URL', name: 'baseUrl', type: 'string', default: '' },
			{ displayName: 'Prompt', name: 'prompt', type: 'string', default: '' },
		],
	};

	async execute(this: IExecuteFunctions) {
		const client = new GoogleGenAI({
			apiKey: 'bench-key',
			apiVersion: 'v1beta',
			httpOptions: { baseUrl: this.getNodeParameter('baseUrl', 0) as string },
		});
		const limit = pLimit(16);
		const draw = async (item: number) => {
			const reply = await client.models.generateContent({
				model: 'gemini-nano-banana-2.1',
				contents: this.getNodeParameter('prompt', item) as string,
			});
			const parts = reply.candidates?.[0]?.content?.parts ?? [];
			const image = parts.find(({ inlineData }) => inlineData)?.inlineData;
			const bytes = Buffer.from(image?.data ?? '', 'base64');
			const name = `image-${item}.png`;
			const data = await this.helpers.prepareBinaryData(bytes, name, image?.mimeType);
			return { json: {}, binary: { data }, pairedItem: { item } };
		};
		const items = this.getInputData();
		return [await Promise.all(items.map((_, item) => limit(() => draw(item))))];
	}
}
