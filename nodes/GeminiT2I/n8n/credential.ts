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
export async function readSettings(context: IExecuteFunctions): Promise<PoolSettings> {
	const credential = await context
		.getCredentials(CREDENTIAL)
		// n8n stumbles over a credential saved without any endpoint.
		.catch((reason) => (reason instanceof TypeError ? {} : Promise.reject(reason)));
	return poolSettingsOf(credential);
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
