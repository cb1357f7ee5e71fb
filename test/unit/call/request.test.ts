import { connectGemini } from '../../../core/src/call/gemini';
import { resolveRequest, type RequestInput } from '../../../core/src/models/resolve';
import { systemHost } from '../../../core/src/system';
import { type Emulator, startEmulator } from '../../support/emulator/emulator';

const HEIC = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({ imageSizePx: 16 });
});
afterAll(() => emulator.close());

/** What reaches the server for a request. */
async function sent(input: Partial<RequestInput>) {
	const address = {
		label: 'L',
		endpoint: 'E',
		baseUrl: `${emulator.url}/gemini`,
		apiVersion: 'v1',
	};
	const client = connectGemini({ ...address, key: 'k' }, { wallClock: Date.now });
	const request = resolveRequest({ model: 'gemini-nano-banana-2.1', prompt: 'a cat', ...input });
	const { kind } = await client.call(request, systemHost(new AbortController().signal));
	return { kind, ...emulator.requests.at(-1)! };
}

describe('a request', () => {
	it('goes to the base URL, under the version that was given', async () => {
		expect((await sent({})).path).toBe('/gemini/v1/models/gemini-nano-banana-2.1:generateContent');
		expect((await sent({ model: 'my-proxy/pro' })).path).toBe(
			'/gemini/v1/models/my-proxy/pro:generateContent',
		);
	});

	it.each<[string, Partial<RequestInput>, object]>([
		[
			'ratio and size',
			{ aspectRatio: '16:9', imageSize: '2K' },
			{ generationConfig: { imageConfig: { aspectRatio: '16:9', imageSize: '2K' } } },
		],
		[
			'text',
			{ includeText: true },
			{ generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } },
		],
		[
			'an instruction',
			{ systemInstruction: 'In ink.' },
			{ systemInstruction: { parts: [{ text: 'In ink.' }] } },
		],
		['search', { googleSearch: true }, { tools: [{ googleSearch: {} }] }],
		[
			'a thinking level',
			{ thinkingLevel: 'high' },
			{ generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } },
		],
		[
			'reference images before the prompt',
			{
				referenceImages: [{ mimeType: 'image/jpeg', load: async () => Buffer.from(PNG, 'base64') }],
			},
			{
				contents: [
					{
						role: 'user',
						parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }, { text: 'a cat' }],
					},
				],
			},
		],
		[
			'a photo of a phone by what it is',
			{ referenceImages: [{ mimeType: 'image/png', load: async () => HEIC }] },
			{
				contents: [
					{
						role: 'user',
						parts: [
							{ inlineData: { mimeType: 'image/heic', data: HEIC.toString('base64') } },
							{ text: 'a cat' },
						],
					},
				],
			},
		],
		[
			'additional fields, merged as they are',
			{
				aspectRatio: '1:1',
				additionalFields: {
					generationConfig: {
						temperature: 0.5,
						seed: 7,
						imageConfig: { outputMimeType: 'image/jpeg' },
						thinkingConfig: { thinkingLevel: 'HIGH' },
					},
					safetySettings: [{ category: 'X', threshold: 'Y' }],
					somethingNew: { in: [2027] },
				},
			},
			{
				generationConfig: {
					responseModalities: ['IMAGE'],
					temperature: 0.5,
					seed: 7,
					imageConfig: { aspectRatio: '1:1', outputMimeType: 'image/jpeg' },
					thinkingConfig: { thinkingLevel: 'HIGH' },
				},
				safetySettings: [{ category: 'X', threshold: 'Y' }],
				somethingNew: { in: [2027] },
			},
		],
	])('carries %s', async (_name, input, body) => {
		expect((await sent(input)).body).toMatchObject(body);
	});

	it('is one call, even where the SDK would go on by itself', async () => {
		const before = emulator.requests.length;
		emulator.faults.add({
			times: 1,
			reply: {
				status: 200,
				body: {
					candidates: [
						{ finishReason: 'CONTINUATION', continuationToken: 'x', content: { parts: [] } },
					],
				},
			},
		});
		expect((await sent({})).kind).toBe('noImage');
		expect(emulator.requests.length).toBe(before + 1);
	});

	it('keeps Google Search beside tools of the user', async () => {
		const additionalFields = { tools: [{ urlContext: {} }] };
		const { body } = await sent({ googleSearch: true, additionalFields });
		expect(body.tools).toEqual([{ googleSearch: {} }, { urlContext: {} }]);
	});

	it('that the SDK will not send is a bad request, and no call', async () => {
		const before = emulator.requests.length;
		const client = connectGemini(
			{ label: 'L', endpoint: 'E', baseUrl: emulator.url, apiVersion: 'v1', key: 'k' },
			{ wallClock: Date.now },
		);
		const request = { ...resolveRequest({ model: 'a', prompt: 'a cat' }), model: 'a?b' };
		const outcome = await client.call(request, systemHost(new AbortController().signal));
		expect(outcome).toMatchObject({ kind: 'badRequest', status: null });
		expect(emulator.requests.length).toBe(before);
	});
});
