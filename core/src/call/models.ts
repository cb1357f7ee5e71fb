import { field, list, words } from '../json';
import type { LaneAddress } from '../lane';
import { CATALOGUE, factsOf, type ModelFacts } from '../models/catalogue';
import { withAsking, type AskForModels, type Asking } from './live';

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
		for (const address of addresses) {
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
		.toSorted((one, other) => place(one) - place(other) || one.id.localeCompare(other.id));
}
