import {
	addressesOf,
	CATALOGUE,
	listModels,
	type ListedModel,
	type ModelFacts,
} from 'gemini-t2i/pool';
import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { askingBy } from '../n8n/host';
import { CREDENTIAL, poolSettingsOf } from '../n8n/credential';

/** An endpoint that keeps a person waiting longer is passed over, and after all of them the built-in list is shown. */
const PATIENCE_MS = 4_000;
const LONGEST_WAIT_MS = 12_000;

/** The endpoint's models, image-capable first; where it cannot be asked, those this node knows. */
export async function searchModels(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const models = (await offered(this)) ?? CATALOGUE.map(known);
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const results = models.map(entryOf).filter(({ name, value, description }) => {
		const text = `${name} ${value} ${description}`.toLowerCase();
		return words.every((word) => text.includes(word));
	});
	return { results };
}

async function offered(context: ILoadOptionsFunctions): Promise<readonly ListedModel[] | null> {
	try {
		const settings = poolSettingsOf(await context.getCredentials(CREDENTIAL));
		const asking = askingBy(context, AbortSignal.timeout(LONGEST_WAIT_MS), PATIENCE_MS);
		return await listModels(settings.endpoints.flatMap(addressesOf), asking);
	} catch {
		// No credential chosen yet, or one that cannot work: running the node will say so.
		return null;
	}
}

const known = (facts: ModelFacts): ListedModel => ({
	id: facts.id,
	displayName: facts.name,
	description: '',
	imageCapable: true,
	facts,
});

const entryOf = ({ id, displayName, description, imageCapable, facts }: ListedModel) =>
	({
		// n8n shows no descriptions in this list, so what must be known before choosing stands in the name.
		name: `${displayName}${warningOf(imageCapable, facts)}`,
		value: id,
		description: facts === null ? ownWords(description, imageCapable) : told(facts),
	}) satisfies INodeListSearchItems;

function warningOf(imageCapable: boolean, facts: ModelFacts | null): string {
	if (!imageCapable) return ' (not known to make images)';
	if (facts === null || facts.life === 'current') return '';
	return facts.life === 'deprecated' ? ' (deprecated)' : ' (shut down at Google)';
}

const ownWords = (description: string, imageCapable: boolean): string =>
	imageCapable ? description || 'Makes images' : `Not known to make images. ${description}`.trim();

function told({ id, priceUsd, life, lifeSince, replacement }: ModelFacts): string {
	const price = `${id}: about $${priceUsd.default} an image`;
	if (life === 'current') return price;
	const state = life === 'deprecated' ? 'deprecated' : 'shut down';
	const advice = replacement === null ? '' : `; use ${replacement} instead`;
	return `${price}, ${state} since ${lifeSince}${advice}`;
}
