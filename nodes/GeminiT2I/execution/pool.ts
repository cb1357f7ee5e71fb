import { createRegistry, type Pool, type PoolSettings, systemClock } from 'gemini-t2i';
import type { IExecuteFunctions } from 'n8n-workflow';
import { CREDENTIAL } from './credential';

/** The pools of this n8n process: executions that use one credential share its limits and what it has learnt. */
const registry = createRegistry(systemClock);

export function openPool(context: IExecuteFunctions, settings: PoolSettings): Pool {
	const credential = context.getNode().credentials?.[CREDENTIAL];
	return registry.open(credential?.id ?? credential?.name ?? '', settings);
}
