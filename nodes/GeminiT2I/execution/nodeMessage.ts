import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

interface Details {
	readonly itemIndex?: number;
	readonly description?: string;
}

/** A message in n8n's own form that says exactly what it was given. */
export function nodeMessage(
	context: Pick<IExecuteFunctions, 'getNode'>,
	message: string,
	details: Details = {},
): NodeOperationError {
	const shown = new NodeOperationError(context.getNode(), message, details);
	// n8n swaps any message that holds the letters of a system code, were it but the "eperm" in "papermaker".
	shown.message = message;
	return shown;
}

export const wordsOf = (reason: unknown): string =>
	reason instanceof Error ? reason.message : String(reason);
