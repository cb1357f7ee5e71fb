import type { IBinaryKeyData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Layout } from './plan';

/**
 * What an output item takes over from its input item. A column `error` is renamed: n8n would take it for a failed
 * run and, with Retry On Fail, run the node again.
 */
export function columnsOf(input: INodeExecutionData, layout: Layout): IDataObject {
	if (!layout.includeInputFields) return {};
	const entries = Object.entries(input.json);
	return Object.fromEntries(
		entries.map(([name, value]) => [name === 'error' ? 'inputError' : name, value]),
	);
}

export const filesOf = (input: INodeExecutionData, layout: Layout): IBinaryKeyData =>
	layout.includeInputFields ? { ...input.binary } : {};
