import { type Answer, complaint, fixture, refusal } from './answer';
import { type BatchOptions, type EmulatedJob, isOpen, makeJobs } from './batchJobs';
import type { Reply } from './faults';
import type { LoggedRequest } from './log';
import type { EmulatedModel } from './models';
import { replyToWords } from './words';

/** Draws one request of a batch as a call of its own would be answered. */
type Draw = (model: EmulatedModel, body: any, reply: Reply) => Promise<Answer>;

/** Google's own: an inline batch is smaller. */
const MOST_BYTES = 20 * 1024 * 1024;

const usual = (body: unknown, images: readonly Buffer[] = []): Answer => ({
	status: 200,
	body,
	headers: {},
	images,
});

/**
 * Google's Batch API: create, list (in pages, without outputs), get (where each image stands twice), cancel, delete.
 * Words in a prompt work here too: one that is answered with an error leaves that error in its place.
 */
export function makeBatchApi(
	models: readonly EmulatedModel[],
	draw: Draw,
	options: BatchOptions = {},
) {
	const jobs = makeJobs(options);
	const drawn = new Map<string, Promise<readonly Member[]>>();
	const projectOf = (key: string) => options.projects?.[key] ?? 'project';

	function create({ model: id, key, body }: LoggedRequest): Answer {
		const model = models.find((each) => each.id === id);
		if (!model) return refusal(404, 'NOT_FOUND', `models/${id} is not found.`);
		if (!model.methods.includes('batchGenerateContent')) {
			const message = `Model ${id} does not support batchGenerateContent.`;
			return refusal(400, 'INVALID_ARGUMENT', message);
		}
		if (JSON.stringify(body).length > MOST_BYTES) {
			const message = `Request payload size exceeds the limit: ${MOST_BYTES} bytes.`;
			return refusal(400, 'INVALID_ARGUMENT', message);
		}
		const requests = body?.batch?.inputConfig?.requests?.requests;
		const foreign = (requests ?? []).findIndex((each: any) => !each?.request?.contents?.length);
		if (!requests?.length || foreign >= 0) {
			const message = `Invalid value at 'batch.input_config.requests.requests[${foreign}]'`;
			return refusal(400, 'INVALID_ARGUMENT', message);
		}
		const project = projectOf(key);
		if (jobs.of(project).filter(isOpen).length >= (options.mostOpen ?? 100)) {
			const message = 'Your project has too many batches that are not finished.';
			return refusal(429, 'RESOURCE_EXHAUSTED', message);
		}
		const { displayName = '' } = body.batch;
		return usual(described(jobs.create({ displayName, model: id, project, requests })));
	}

	function list(request: LoggedRequest): Answer {
		const query = new URL(request.path, 'http://emulator').searchParams;
		const all = jobs.of(projectOf(request.key));
		const start = Number(query.get('pageToken') ?? 0);
		const end = start + Number(query.get('pageSize') ?? 50);
		return usual({
			operations: all.slice(start, end).map((job) => described(job)),
			...(end < all.length && { nextPageToken: String(end) }),
		});
	}

	async function get(job: EmulatedJob): Promise<Answer> {
		const { requests, state } = job;
		if (state !== 'BATCH_STATE_SUCCEEDED') return usual(described(job));
		if (requests.length > (options.mostImagesToGet ?? Infinity)) {
			return refusal(503, 'UNAVAILABLE', 'The service is currently unavailable.');
		}
		if (!drawn.has(job.name)) drawn.set(job.name, Promise.all(requests.map(makeMember(job.model))));
		const members = await drawn.get(job.name)!;
		const inlinedResponses = { inlinedResponses: members.map(({ json }) => json) };
		return usual(
			described(job, { inlinedResponses }),
			members.flatMap(({ images }) => images),
		);
	}

	interface Member {
		readonly json: object;
		readonly images: readonly Buffer[];
	}
	const makeMember =
		(id: string) =>
		async ({ request, metadata }: any): Promise<Member> => {
			const { status, body, images } = await answerTo(id, request);
			if (status === 200) return { json: { response: body, metadata }, images };
			return { json: { error: { ...body.error, code: RPC[status] ?? 13 }, metadata }, images };
		};
	async function answerTo(id: string, body: any): Promise<Answer & { body: any }> {
		const prompt = body.contents
			.at(-1)
			.parts.flatMap((part: any) => part.text ?? [])
			.join('\n');
		const reply = replyToWords(prompt, false) ?? {};
		const model = models.find((each) => each.id === id)!;
		if (reply.fixture) {
			const { body: text, ...answer } = fixture(reply.fixture);
			return { ...answer, body: JSON.parse(String(text)) };
		}
		if (reply.status !== undefined) return { ...usual(reply.body), status: reply.status };
		return complaint(model, body) ?? (await draw(model, body, reply));
	}

	return {
		batches: jobs.batches,
		async answerTo(request: LoggedRequest): Promise<Answer> {
			if (request.action === 'batchCreate') return create(request);
			if (request.action === 'batchList') return list(request);
			const job = jobs.find(request.batch);
			if (job === null) return refusal(404, 'NOT_FOUND', `${request.batch} is not found.`);
			if (job.project !== projectOf(request.key)) {
				const message = `You do not have permission to access ${job.name}, or it may not exist.`;
				return refusal(403, 'PERMISSION_DENIED', message);
			}
			if (request.action === 'batchGet') return await get(job);
			if (request.action === 'batchDelete') jobs.batches.forget(job.name);
			else if (isOpen(job)) jobs.batches.end(job.name, 'BATCH_STATE_CANCELLED');
			return usual({});
		},
	};
}

/** google.rpc.Code, by which the errors within a batch are numbered. */
const RPC: Readonly<Record<number, number>> = { 400: 3, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14 };

/** A job as Google shows it. What came of it stands there twice. */
function described(job: EmulatedJob, output?: object) {
	const { name, displayName, model, createdAt, state, error, requests } = job;
	const count = String(requests.length);
	const time = new Date(createdAt).toISOString();
	const type = 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch';
	return {
		name,
		metadata: {
			'@type': type,
			model: `models/${model}`,
			displayName,
			...(output && { output }),
			createTime: time,
			...(!isOpen(job) && { endTime: time }),
			updateTime: time,
			batchStats: {
				requestCount: count,
				...(isOpen(job) && { pendingRequestCount: count }),
				...(state === 'BATCH_STATE_SUCCEEDED' && { successfulRequestCount: count }),
			},
			state,
			name,
		},
		...(!isOpen(job) && { done: true }),
		...(error && { error }),
		...(output && { response: { '@type': `${type}Output`, ...output } }),
	};
}
