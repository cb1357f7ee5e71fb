import { type Answer, complaint, fixture, generate, refusal } from './answer';
import { makeBatchApi } from './batchApi';
import type { BatchOptions } from './batchJobs';
import type { Reply } from './faults';
import { type LoggedRequest, promptOf } from './log';
import { describeModel, type EmulatedModel, modelPage, MODELS, proxyModel } from './models';

export interface ApiOptions {
	/** The keys it knows; any that is not empty where unset. */
	keys?: readonly string[];
	/** Pixels of the longest side at most, for speed; as large as asked where unset. */
	imageSizePx?: number;
	/** Model names beyond Google's, as proxies have them. */
	extraModels?: readonly string[];
	/** How batches go; false for an endpoint without them. */
	batch?: BatchOptions | false;
}

/** What each request is answered where nothing interferes; it remembers how often a picture was drawn. */
export function makeApi(options: ApiOptions) {
	const models = [...MODELS, ...(options.extraModels ?? []).map(proxyModel)];
	const pictures = new Map<string, number>();
	let count = 0;

	function pictureOf(model: EmulatedModel, body: any, reply: Reply): Promise<Answer> {
		const prompt = promptOf(body);
		const wish = JSON.stringify([prompt, body.generationConfig?.imageConfig ?? {}]);
		const index = pictures.get(wish) ?? 0;
		pictures.set(wish, index + (reply.images ?? 1));
		const longestSide = options.imageSizePx;
		return generate({ model, body, prompt, index, longestSide, reply, count: ++count });
	}

	const batchApi = makeBatchApi(models, pictureOf, options.batch || {});

	async function answerTo(request: LoggedRequest, reply: Reply): Promise<Answer> {
		if (reply.fixture) return fixture(reply.fixture);
		const headers: Record<string, string> = reply.redirect ? { location: reply.redirect } : {};
		const status = reply.status ?? (reply.redirect ? 307 : undefined);
		if (status !== undefined) return { status, body: reply.body ?? '', headers, images: [] };

		if (request.action === 'unknown')
			return refusal(404, 'NOT_FOUND', 'Requested entity was not found.');
		if (!request.key)
			return refusal(
				403,
				'PERMISSION_DENIED',
				"Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
			);
		if (options.keys && !options.keys.includes(request.key)) return fixture('bad-key.json');
		const query = new URL(request.path, 'http://emulator').searchParams;
		if (request.action.startsWith('batch')) {
			return options.batch === false
				? refusal(404, 'NOT_FOUND', 'Requested entity was not found.')
				: await batchApi.answerTo(request);
		}
		if (request.action === 'models') return usual(modelPage(models, query));
		const model = models.find(({ id }) => id === request.model);
		if (!model) return modelGone(request);
		if (request.action === 'model') return usual(describeModel(model));
		if (!model.methods.includes('generateContent')) return modelGone(request);
		return complaint(model, request.body) ?? (await pictureOf(model, request.body, reply));
	}
	return { answerTo, batches: batchApi.batches };
}

function usual(body: unknown): Answer {
	return { status: 200, body, headers: {}, images: [] };
}

function modelGone({ model, apiVersion }: LoggedRequest): Answer {
	return refusal(
		404,
		'NOT_FOUND',
		`models/${model} is not found for API version ${apiVersion}, or is not supported for generateContent. Call ListModels to see the list of available models.`,
	);
}
