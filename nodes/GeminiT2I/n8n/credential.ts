import {
	createRegistry,
	parsePoolSettings,
	systemClock,
	type EndpointInput,
	type Pool,
	type PoolSettings,
} from 'gemini-t2i/pool';
import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import { NAMES } from './host';

export const CREDENTIAL = 'geminiT2IApi';

/**
 * The settings of the credential that the node was given.
 * @throws SettingsInvalid with a sentence that names the slot, or n8n's own
 */
export async function readSettings(context: IExecuteFunctions, item = 0): Promise<PoolSettings> {
	return poolSettingsOf(await readCredential(context, item));
}

const readCredential = async (context: IExecuteFunctions, item: number) =>
	await context
		.getCredentials(CREDENTIAL, item)
		// n8n stumbles over a credential saved without any endpoint.
		.catch((reason) => (reason instanceof TypeError ? {} : Promise.reject(reason)));

/**
 * Reads the credential as each item sees it: an expression in it may give every row a key of its own. Rows with the
 * same content get the very same settings.
 */
export function settingsReader(context: IExecuteFunctions) {
	const known = new Map<string, PoolSettings>();
	return async (item: number): Promise<PoolSettings> => {
		const credential = await readCredential(context, item);
		const content = JSON.stringify(credential);
		const settings = known.get(content) ?? poolSettingsOf(credential);
		known.set(content, settings);
		return settings;
	};
}

const SLOT = /^endpoint(\d+)$/;

/**
 * The credential's named slots as the endpoints they stand for. A slot that was not added does not exist.
 * @throws SettingsInvalid with a sentence that names the slot
 */
export function poolSettingsOf(credential: ICredentialDataDecryptedObject): PoolSettings {
	const slots = (credential.endpoints ?? {}) as Readonly<Record<string, Partial<EndpointInput>>>;
	const endpoints = Object.entries(slots)
		.flatMap(([slot, fields]) => {
			const number = SLOT.exec(slot)?.[1];
			return number === undefined ? [] : [{ number: Number(number), fields }];
		})
		.sort((one, other) => one.number - other.number)
		.map(({ number, fields }) => ({ ...fields, name: `Endpoint ${number}` }));
	return parsePoolSettings({ ...credential, endpoints }, NAMES);
}

/** The pools of this n8n process: executions that use one credential share its limits and what it has learnt. */
const registry = createRegistry(systemClock);

/** What these lanes had been left alone for, a person may have mended: they have just answered. */
export const reopenLanes = registry.reopen;

export function openPool(context: IExecuteFunctions, settings: PoolSettings): Pool {
	const credential = context.getNode().credentials?.[CREDENTIAL];
	return registry.open(credential?.id ?? credential?.name ?? '', settings);
}
