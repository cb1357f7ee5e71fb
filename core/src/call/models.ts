import { ask, openClient } from './ask';
import { createCalls } from './calls';
import { classifyReply } from './classify';
import { complains } from './complaint';
import { maskOf, tellFor, withMask, type Tell } from './secrets';
import { field, list, words } from '../json';
import type { Reply } from './body';
import type { Clock, Host } from '../effects';
import type { LaneAddress } from '../lane';
import type { FaultDetail, FaultKind } from '../outcome';
import { CATALOGUE, factsOf, type ModelFacts } from '../models/catalogue';

/** One model that an endpoint offers, with what the catalogue knows of it. */
export interface ListedModel {
	/** Without `models/`. */
	readonly id: string;
	readonly displayName: string;
	/** The endpoint's own description; `''` where it has none. */
	readonly description: string;
	/** Whether it is known, or looks like, a model that answers with images. */
	readonly imageCapable: boolean;
	/** Null where the catalogue does not know it. */
	readonly facts: ModelFacts | null;
}

/** Google's own maximum, so that one page is the rule. */
const PAGE_SIZE = 1000;
/** A proxy that always names a next page must not be followed for ever. */
const MOST_PAGES = 20;

/**
 * Asks lane after lane for all its models, image-capable ones first, in the catalogue's order. Null where no lane has a
 * list to show.
 */
export function listModels(
	addresses: readonly LaneAddress[],
	host: Asking,
): Promise<readonly ListedModel[] | null> {
	return withAsking(host, async (askForModels) => {
		for (const address of withMask(addresses)) {
			const models = await allPages(address, askForModels);
			if (models.length > 0) return rank(models.map(describe));
		}
		return null;
	});
}

async function allPages(
	address: LaneAddress,
	askForModels: AskForModels,
): Promise<readonly unknown[]> {
	const pages: (readonly unknown[])[] = [];
	let pageToken = '';
	for (let page = 0; page < MOST_PAGES; page += 1) {
		const more = pageToken === '' ? {} : { pageToken };
		const answer = await askForModels(address, { pageSize: PAGE_SIZE, ...more });
		if (answer.fault !== null) return [];
		pages.push(answer.models);
		pageToken = answer.nextPageToken;
		if (pageToken === '') break;
	}
	return pages.flat();
}

function describe(model: unknown): ListedModel {
	const id = words(model, 'name').replace(/^models\//, '');
	const facts = factsOf(id);
	const displayName = words(model, 'displayName') || facts?.name || id;
	const description = words(model, 'description');
	const looksIt =
		/image|banana/i.test(`${id} ${displayName}`) ||
		/image (generation|editing)|(generat|creat)\w* images/i.test(description);
	const imageCapable = facts !== null || (looksIt && generates(model));
	return { id, displayName, description, imageCapable, facts };
}

/** Imagen and its kin answer to another method. Proxies often leave the methods out. */
function generates(model: unknown): boolean {
	const methods = list(model, 'supportedGenerationMethods');
	return (
		field(model, 'supportedGenerationMethods') === undefined || methods.includes('generateContent')
	);
}

function rank(models: readonly ListedModel[]): readonly ListedModel[] {
	const place = ({ facts, imageCapable }: ListedModel) => {
		if (facts !== null) return CATALOGUE.indexOf(facts);
		return imageCapable ? CATALOGUE.length : CATALOGUE.length + 1;
	};
	return models
		.filter(({ id }) => id !== '')
		.sort((one, other) => place(one) - place(other) || one.id.localeCompare(other.id));
}

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
	readonly fault: {
		readonly kind: FaultKind;
		readonly detail: FaultDetail | null;
		readonly said: string;
	} | null;
}

/** Asks a lane for one page of models: a call that is free of charge. */
type AskForModels = (
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

/** None is asked for, so none is taken. */
const NO_IMAGE = 0;

async function askOnce(
	address: LaneAddress,
	via: Asking,
	page: Parameters<AskForModels>[1],
): Promise<ModelPage> {
	const mask = address.mask ?? maskOf([address]);
	const tell = tellFor(mask);
	const { reply, fault } = await ask(
		via,
		tell,
		(fetch) => openClient(address).models.list({ config: { ...page, httpOptions: { fetch } } }),
		NO_IMAGE,
	);
	const none = { models: [], nextPageToken: '', status: reply?.status ?? null };
	if (fault !== null) return { ...none, fault: { ...fault, said: fault.message } };
	if (isListOfModels(reply)) {
		return {
			models: list(reply.json, 'models').map((model) => shown(model, tell)),
			nextPageToken: words(reply.json, 'nextPageToken'),
			status: reply.status,
			fault: null,
		};
	}
	const outcome = classifyReply(reply, { tell, wallClock: () => via.wallClock() });
	// Whatever says "yes" to anything has not shown that it speaks the Gemini API.
	const isFault = 'message' in outcome && outcome.kind !== 'noImage';
	if (!isFault) return { ...none, fault: { kind: 'wrongUrl', detail: null, said: '' } };
	return { ...none, fault: { ...outcome, said: outcome.message } };
}

function isListOfModels({ status, end, json }: Reply): boolean {
	const isSuccess = status >= 200 && status < 300 && end === 'whole';
	return isSuccess && Array.isArray(field(json, 'models')) && !complains(json);
}

const LONGEST_WORDS = 1000;

/** What people are shown of a model. */
function shown(model: unknown, tell: Tell): unknown {
	const told = ['name', 'displayName', 'description'].map((name) => [
		name,
		tell(words(model, name), LONGEST_WORDS),
	]);
	return {
		...Object.fromEntries(told),
		supportedGenerationMethods: field(model, 'supportedGenerationMethods'),
	};
}
