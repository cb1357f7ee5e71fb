/** The few parts of n8n's workflow JSON that are used here. */
export interface WorkflowNode {
	readonly name: string;
	readonly type: string;
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
	readonly [setting: string]: unknown;
}

export interface Workflow {
	readonly name: string;
	readonly nodes: readonly WorkflowNode[];
	readonly connections: Readonly<Record<string, unknown>>;
	readonly settings?: Readonly<Record<string, unknown>>;
	readonly pinData?: Readonly<Record<string, unknown>>;
}

export const trigger: WorkflowNode = {
	name: 'Start',
	type: 'n8n-nodes-base.manualTrigger',
	parameters: {},
};

/**
 * A workflow whose nodes stand in one row, each feeding the next.
 *
 * @param items what the first node hands out (as data pinned to it)
 */
export function chain(
	name: string,
	nodes: readonly WorkflowNode[],
	items?: ReadonlyArray<Readonly<Record<string, unknown>>>,
): Workflow {
	const next = (i: number) => nodes[i + 1]?.name;
	return {
		name,
		nodes: nodes.map((node, i) => ({
			id: `node-${i}`,
			typeVersion: 1,
			position: [i * 220, 0],
			...node,
		})),
		connections: Object.fromEntries(
			nodes
				.slice(0, -1)
				.map((node, i) => [node.name, { main: [[{ node: next(i), type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
		pinData: items ? { [nodes[0]!.name]: items.map((json) => ({ json })) } : {},
	};
}
