import {
	addressesOf,
	CATALOGUE,
	checkBatches,
	checkLanes,
	listModels,
	standingOf,
	type Asking,
	type CheckedLane,
	type ListedModel,
	type ModelFacts,
	type PoolSettings,
} from 'gemini-t2i/pool';
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { CREDENTIAL, openPool, poolSettingsOf, readSettings, reopenLanes } from './n8n/credential';
import {
	askingBy,
	canceled,
	cancelSignal,
	CHECK_PATIENCE_MS,
	NAMES,
	nodeMessage,
	onErrorOf,
	wordsOf,
} from './n8n/host';

/** One item per lane: which key at which endpoint answers, and what to do about the others. No image is made. */
export async function checkEndpoints(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const signal = cancelSignal(context);
	const lanes = await lanesOf(context, signal);
	if (signal.aborted) throw canceled(context);
	return [lanes.map((lane) => ({ json: { ...lane }, pairedItem: { item: 0 } }))];
}

function batchSentence(hasBatches: boolean | null): string {
	if (hasBatches === null) return '';
	return hasBatches
		? 'It can also make images in batch.'
		: 'This endpoint has no Batch API: it makes no images in batch.';
}

/** Settings that cannot work are a finding too: n8n would pass the inputs of a node that throws to its first output. */
async function lanesOf(
	context: IExecuteFunctions,
	signal: AbortSignal,
): Promise<readonly CheckedLane[]> {
	try {
		const settings = await readSettings(context);
		const asking = askingBy(context, signal, CHECK_PATIENCE_MS);
		const { addresses, working, checked } = await checkAll(settings, asking);
		const standing = openPool(context, settings).status();
		// A lane that has kept one waiting for an answer is not waited for twice.
		const batches = await checkBatches(working, asking);
		return checked.map((lane, index) => {
			if (!lane.ok) return lane;
			const hasBatches = batches[working.indexOf(addresses[index]!)]!;
			const sentences = [lane.message, standingOf(standing[index]!), batchSentence(hasBatches)];
			return { ...lane, message: sentences.filter(Boolean).join(' ') };
		});
	} catch (reason) {
		const message = wordsOf(reason);
		if (onErrorOf(context) === 'stop') throw nodeMessage(context, message);
		return [{ lane: '', endpoint: '', ok: false, status: null, message, latencyMs: 0 }];
	}
}

/** Asks every lane; one that answers is used again, whatever it rested for. */
async function checkAll({ endpoints }: PoolSettings, asking: Asking) {
	const addresses = endpoints.flatMap(addressesOf);
	const checked = await checkLanes(addresses, asking, NAMES);
	const working = addresses.filter((_, index) => checked[index]!.ok);
	reopenLanes(working);
	return { addresses, working, checked };
}

const GOOGLE = 'generativelanguage.googleapis.com';
/** A list of models costs nothing, so that it tells nothing of billing. */
const BILLING =
	'Images also need billing set up for the key’s project, which this test cannot see.';

/** The Test button: asks every lane, and names each one that does not answer and why. */
export async function geminiT2IApiTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const settings = poolSettingsOf(credential.data ?? {});
		const asking = askingBy(this, new AbortController().signal, CHECK_PATIENCE_MS);
		const { addresses, checked } = await checkAll(settings, asking);
		const silent = checked.filter(({ ok }) => !ok);
		if (silent.length > 0) {
			const message = silent.map(({ lane, message: why }) => `${lane}: ${why}`).join(' ');
			return { status: 'Error', message };
		}
		const keys =
			checked.length === 1 ? 'The API key works.' : `All ${checked.length} API keys work.`;
		const isGoogle = addresses.some(({ baseUrl }) => new URL(baseUrl).host === GOOGLE);
		return { status: 'OK', message: isGoogle ? `${keys} ${BILLING}` : keys };
	} catch (reason) {
		return { status: 'Error', message: wordsOf(reason) };
	}
}

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
