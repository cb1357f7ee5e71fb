import { systemClock, type Asking, type Names } from 'gemini-t2i/pool';
import { NodeOperationError, sleep, type IExecuteFunctions } from 'n8n-workflow';
import { n8nFetch, type CallingContext } from './fetch';

/** What the forms of n8n call things. */
export const NAMES: Partial<Names> = {
	processes: 'n8n Workers',
	addEndpoint: 'Add Endpoint 1 and paste an API key into it.',
	checkInput: 'Check the node before this one.',
	timeout: 'Timeout (Seconds)',
	maxCost: 'Maximum Cost',
	stopStartingAfter: 'the time set in Stop Starting After',
	ticket: 'Batch',
	submitAgain: 'Submit Again',
};

/** Fires when the user stops the execution and when the workflow's time limit is over. */
export const cancelSignal = (context: IExecuteFunctions): AbortSignal =>
	context.getExecutionCancelSignal() ?? new AbortController().signal;

/** The word "canceled" is how n8n tells a stopped execution from a failed one. */
export const canceled = (context: IExecuteFunctions): NodeOperationError =>
	new NodeOperationError(
		context.getNode(),
		'The execution was canceled: it was stopped, or the time limit of the workflow was over',
		{ description: 'No further image was started, and calls in progress were ended.' },
	);

/** Older versions of n8n's `sleep` know no signal. Rejects with the signal's reason. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	if (signal === undefined) return await sleep(ms);
	signal.throwIfAborted();
	const { promise, reject } = aborted(signal);
	try {
		await Promise.race([sleep(ms, signal), promise]);
	} finally {
		signal.removeEventListener('abort', reject);
	}
}

function aborted(signal: AbortSignal) {
	let reject = () => {};
	const promise = new Promise<never>((_, settle) => {
		reject = () => settle(signal.reason);
		signal.addEventListener('abort', reject, { once: true });
	});
	return { promise, reject };
}

/** So many rows take some milliseconds. */
const STEP = 20;

/** Makes one thing after the other, in steps between which n8n can do its other work. `look` sees each step. */
export async function inSteps<T>(
	context: IExecuteFunctions,
	count: number,
	make: (index: number) => Promise<T> | T,
	look: (made: readonly T[]) => void = () => undefined,
): Promise<T[]> {
	const all: T[] = [];
	for (let from = 0; from < count; from += STEP) {
		if (from > 0) await pause(0);
		if (cancelSignal(context).aborted) throw canceled(context);
		const indexes = Array.from({ length: Math.min(STEP, count - from) }, (_, step) => from + step);
		const made = await Promise.all(indexes.map(make));
		look(made);
		all.push(...made);
	}
	return all;
}

/** For a check of a key, milliseconds: longer than any healthy endpoint needs. */
export const CHECK_PATIENCE_MS = 20_000;

/** What n8n lends to whoever asks endpoints for their models. */
export const askingBy = (
	context: CallingContext,
	signal: AbortSignal,
	patienceMs: number,
): Asking => ({ ...systemClock, fetch: n8nFetch(context), sleep: pause, signal, patienceMs });

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
