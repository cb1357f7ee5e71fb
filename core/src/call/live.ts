import { ask, openClient } from './ask';
import { createCalls } from './calls';
import { classifyReply } from './classify';
import { findError } from './errorBody';
import { maskFor, tellFor } from './secrets';
import { field, list, words } from '../json';
import type { Reply } from './reply';
import type { Clock, Host } from '../effects';
import type { LaneAddress } from '../lane';
import type { OutcomeKind } from '../outcome';

/** Who asks lanes for their models, and how long each of them may take. */
export interface Asking extends Host, Pick<Clock, 'now' | 'wallClock'> {
	/** Milliseconds for each answer. */
	readonly patienceMs: number;
}

/** One page of an endpoint's own models, or why there is none. */
export interface ModelPage {
	readonly models: readonly unknown[];
	/** `''` after the last page. */
	readonly nextPageToken: string;
	readonly status: number | null;
	readonly fault: { readonly kind: OutcomeKind; readonly said: string } | null;
}

/** Asks a lane for one page of models: a call that is free of charge. */
export type AskForModels = (
	address: LaneAddress,
	page: { readonly pageSize: number; readonly pageToken?: string },
) => Promise<ModelPage>;

/** Lends a way to ask, and ends what is being asked when the host's signal is aborted. */
export async function withAsking<T>(
	host: Asking,
	use: (askForModels: AskForModels) => Promise<T>,
): Promise<T> {
	const { signal, patienceMs } = host;
	const calls = createCalls(host);
	const stop = () => calls.abort(signal.reason);
	signal.addEventListener('abort', stop, { once: true });
	try {
		return await use(async (address, page) => {
			const made = await calls.make(patienceMs, (own) =>
				askOnce(address, { ...host, signal: own }, page),
			);
			return made.result;
		});
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

async function askOnce(
	address: LaneAddress,
	via: Asking,
	page: Parameters<AskForModels>[1],
): Promise<ModelPage> {
	const tell = tellFor(address);
	const { reply, fault } = await ask(via, tell, (fetch) =>
		openClient(address).models.list({ config: { ...page, httpOptions: { fetch } } }),
	);
	const none = { models: [], nextPageToken: '', status: reply?.status ?? null };
	if (fault !== null) return { ...none, fault: { kind: fault.kind, said: fault.message } };
	if (isListOfModels(reply)) {
		const mask = maskFor(address);
		return {
			models: list(reply.json, 'models').map((model) => masked(model, mask)),
			nextPageToken: words(reply.json, 'nextPageToken'),
			status: reply.status,
			fault: null,
		};
	}
	const outcome = classifyReply(reply, { tell, wallClock: () => via.wallClock() });
	// Whatever says "yes" to anything has not shown that it speaks the Gemini API.
	if (outcome.kind === 'noImage') return { ...none, fault: { kind: 'wrongUrl', said: '' } };
	const said = 'message' in outcome ? outcome.message : '';
	return { ...none, fault: { kind: outcome.kind, said } };
}

function isListOfModels({ status, end, json }: Reply): boolean {
	const isSuccess = status >= 200 && status < 300 && end === 'whole';
	return isSuccess && Array.isArray(field(json, 'models')) && findError(json) === null;
}

/** What people are shown of a model. */
function masked(model: unknown, mask: (text: string) => string): unknown {
	const shown = ['name', 'displayName', 'description'].map((name) => [
		name,
		mask(words(model, name)),
	]);
	return {
		...Object.fromEntries(shown),
		supportedGenerationMethods: field(model, 'supportedGenerationMethods'),
	};
}
