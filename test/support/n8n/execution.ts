import { parse } from 'flatted';

export interface Item {
	readonly json: Record<string, unknown>;
	readonly binary?: Record<string, { readonly id?: string } & Record<string, unknown>>;
	readonly pairedItem?: unknown;
}

export interface Execution {
	readonly id: string;
	/** n8n's word: `success`, `error`, `canceled`, `crashed`, ... */
	readonly status: string;
	/** Why it ended badly, as the editor shows it: the message and the line below. */
	readonly error?: { readonly message: string; readonly description?: string };
	/** All of n8n's record as text, to look for what must not be in it. */
	readonly text: string;
	/** What a node handed on, over all its runs: output 0 is main, the error output follows. */
	items(node: string, output?: number): Item[];
	/** The node's own record of its first run: times, hints, its error. */
	run(node: string): Record<string, unknown> | undefined;
}

interface Task {
	readonly data?: { readonly main?: ReadonlyArray<readonly Item[] | null> };
	readonly [fact: string]: unknown;
}

/** n8n keeps the data of an execution as one `flatted` string. */
export function readExecution(record: {
	readonly id: string;
	readonly status: string;
	readonly data: string;
}): Execution {
	const { resultData } = parse(record.data) as {
		resultData: { error?: Execution['error']; runData?: Record<string, Task[]> };
	};
	const runs = (node: string) => resultData.runData?.[node] ?? [];
	return {
		id: record.id,
		status: record.status,
		error: resultData.error,
		text: record.data,
		items: (node, output = 0) =>
			runs(node).flatMap((task) => [...(task.data?.main?.[output] ?? [])]),
		run: (node) => runs(node)[0],
	};
}
