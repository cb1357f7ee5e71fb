import { field, list, words } from '../call/reply';
import { checkLanes, type CheckedLane } from '../check';
import type { Clock } from '../effects';
import type { LaneAddress, Via } from '../lane';
import { CATALOGUE, factsOf, type ModelFacts } from './catalogue';
import { askForModels } from './live';

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

/** The models of the first lane that answers, or how each lane answered. */
export type ListedModels =
	| { readonly models: readonly ListedModel[]; readonly lanes: null }
	| { readonly models: null; readonly lanes: readonly CheckedLane[] };

/** Google's own maximum, so that one page is the rule. */
const PAGE_SIZE = 1000;
/** A proxy that always names a next page must not be followed for ever. */
const MOST_PAGES = 20;

/** Asks lane after lane for all its models, image-capable ones first, in the catalogue's order. */
export async function listModels(
	addresses: readonly LaneAddress[],
	via: Via & Pick<Clock, 'now' | 'wallClock'>,
): Promise<ListedModels> {
	for (const address of addresses) {
		const models = await allPages(address, via);
		if (models !== null) return { models: rank(models.map(describe)), lanes: null };
	}
	return { models: null, lanes: await checkLanes(addresses, via) };
}

async function allPages(
	address: LaneAddress,
	via: Via & Pick<Clock, 'wallClock'>,
): Promise<readonly unknown[] | null> {
	const models: unknown[] = [];
	let pageToken = '';
	for (let page = 0; page < MOST_PAGES; page += 1) {
		const more = pageToken === '' ? {} : { pageToken };
		const answer = await askForModels(address, via, { pageSize: PAGE_SIZE, ...more });
		if (answer.fault !== null) return null;
		models.push(...answer.models);
		pageToken = answer.nextPageToken;
		if (pageToken === '') break;
	}
	return models;
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
		.toSorted((one, other) => place(one) - place(other) || one.id.localeCompare(other.id));
}
