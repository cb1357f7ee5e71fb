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
	// In n8n's own form, which its editor then does not add again; it does not always, and mails of it never do.
	const named =
		details.itemIndex === undefined ? message : `${message} [item ${details.itemIndex}]`;
	const shown = new NodeOperationError(context.getNode(), named, details);
	// n8n swaps any message that holds the letters of a system code, were it but the "eperm" in "papermaker".
	shown.message = named;
	return shown;
}

export const wordsOf = (reason: unknown): string =>
	reason instanceof Error ? reason.message : String(reason);

/** What the user chose in the node's Settings. */
export type OnError = 'stop' | 'continue' | 'errorOutput';

/** Whether an AI agent called the node; n8n has two ways of doing that. */
export const isToolCall = (context: IExecuteFunctions): boolean =>
	context.isToolExecution?.() === true || context.getNode().rewireOutputLogTo === 'ai_tool';

/** Like n8n, a tool answers its agent instead of ending the run, unless the user chose to stop. */
export function onErrorOf(context: IExecuteFunctions): OnError {
	const { onError } = context.getNode();
	if (onError === 'continueErrorOutput') return 'errorOutput';
	const continues = context.continueOnFail() || (isToolCall(context) && onError !== 'stopWorkflow');
	return continues ? 'continue' : 'stop';
}
