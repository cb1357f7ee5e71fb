import type { IExecuteFunctions } from 'n8n-workflow';

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
