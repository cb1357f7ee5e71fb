import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
	IBinaryData,
	ICredentialDataDecryptedObject,
	ICredentialsExpressionResolveValues,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	IRun,
	IRunExecutionData,
	ITaskData,
} from 'n8n-workflow';
import { pack } from './n8n/install';

const project = path.resolve(__dirname, '../..');
const userFolder = mkdtempSync(path.join(tmpdir(), 'gemini-t2i-n8n-'));
// Read when n8n-core is loaded, so it is loaded below this line.
Object.assign(process.env, {
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'only-for-tests',
	N8N_LOG_LEVEL: 'silent',
	N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
});
const core = require('n8n-core') as typeof import('n8n-core');
const workflowLibrary = require('n8n-workflow') as typeof import('n8n-workflow');
// n8n-core's own copy: another one knows nothing of its services.
const { Container } = require(
	require.resolve('@n8n/di', { paths: [path.dirname(require.resolve('n8n-core'))] }),
) as typeof import('@n8n/di');

/** One execution of a workflow `Start -> Gemini T2I`, as n8n records it. */
export interface Execution {
	readonly status: IRun['status'];
	/** Why it ended badly. */
	readonly error: (Error & { description?: string; context?: IDataObject }) | undefined;
	/** The node's runs, in order. */
	readonly runs: readonly ITaskData[];
	/** What the node handed on in its last run: to the main output, and to the error output. */
	readonly main: readonly INodeExecutionData[];
	readonly failed: readonly INodeExecutionData[];
	/** The same by output: in batch the second one is what is not ready yet, and the third the error output. */
	readonly outputs: readonly (readonly INodeExecutionData[])[];
	readonly hints: readonly string[];
	/** Everything n8n would write down, to look for what must not be in it. */
	readonly text: string;
}

export interface Running {
	readonly promise: Promise<Execution>;
	cancel(): void;
}

export interface Job {
	/** Columns of each item, or whole items with files. With `loops`, one list for each run of the node. */
	readonly items: readonly INodeExecutionData[] | readonly (readonly INodeExecutionData[])[];
	readonly parameters?: IDataObject;
	readonly credential: ICredentialDataDecryptedObject;
	/** In place of `credential`: what an expression in it gives for a row. */
	readonly credentialOf?: (columns: IDataObject) => ICredentialDataDecryptedObject;
	/** `onError`, `retryOnFail` and the like, as n8n's Settings tab stores them. */
	readonly settings?: Partial<INode>;
	readonly executionId?: string;
	/** Runs of one workflow take over what another has left; all are of one, unless they say which. */
	readonly workflowId?: string;
	/** Of the execution that calls this one as its sub-workflow. */
	readonly calledBy?: string;
	/** The list of this number waits in a node between; what happens meanwhile. n8n then goes on with another engine. */
	readonly pause?: { readonly list: number; readonly asleep: () => Promise<void> };
	/** `combined`: the workflow keeps its files within the columns. */
	readonly binaryMode?: 'separate' | 'combined';
}

/** The packed node inside n8n's own loader and engine; all that is missing is the server around them. */
export interface Bench {
	start(job: Job): Running;
	run(job: Job): Promise<Execution>;
	/** Runs the node as the tool of an agent that calls it with each of `calls` in turn, and returns what it answers. */
	runAsTool(job: Omit<Job, 'items'>, calls: readonly IDataObject[]): Promise<readonly unknown[]>;
	/** What the credential's Test button is told. */
	testCredential(data: ICredentialDataDecryptedObject): Promise<INodeCredentialTestResult>;
	/** What the list of models shows for a filter. */
	searchModels(
		credential: ICredentialDataDecryptedObject,
		filter?: string,
	): Promise<INodeListSearchResult>;
	readonly node: INodeType;
	/** n8n's own storage, for a test to get in its way. */
	readonly files: import('n8n-core').BinaryDataService;
	bytesOf(file: IBinaryData): Promise<Buffer>;
	close(): void;
}

let executions = 0;

export async function openBench(): Promise<Bench> {
	if (!existsSync(path.join(project, 'dist'))) throw new Error('Run `npm run build` first.');
	// Within the project, so that the package finds n8n-workflow as it does in n8n.
	const home = path.join(project, 'node_modules/.cache/in-process', String(process.pid));
	mkdirSync(home, { recursive: true });
	execFileSync('tar', ['-xzf', await pack(project, home), '-C', home, '--strip-components=1']);
	const loader = new core.PackageDirectoryLoader(home);
	await loader.loadAll();
	const node = loader.nodeTypes.geminiT2I!.type as INodeType;
	const files = Container.get(core.BinaryDataService);
	await files.init();

	const start = (job: Job): Running => {
		const isLoop = Array.isArray(job.items[0]);
		const lists = (isLoop ? job.items : [job.items]) as readonly INodeExecutionData[][];
		const workflow = workflowOf(node, job, lists);
		const executionId = job.executionId ?? `e${++executions}`;
		const run = (data: IRunExecutionData) =>
			new core.WorkflowExecute(
				surroundings(workflow, job, executionId),
				'manual',
				data,
			).processRunExecutionData(workflow);
		const engine = run(fromStart(workflow, job));
		const awake = async (first: IRun): Promise<IRun> => {
			if (first.status !== 'waiting') return first;
			await job.pause!.asleep();
			// n8n reads it from its database.
			return await run(structuredClone(first.data));
		};
		return {
			promise: Promise.resolve(engine).then(awake).then(executionOf),
			cancel: () => engine.cancel(),
		};
	};
	return {
		node,
		start,
		run: (job) => start(job).promise,
		runAsTool: (job, calls) => callAsTool(node, job, calls),
		testCredential: (data) => {
			const context = new core.CredentialTestContext({} as never);
			const decrypted = { id: 'c1', name: 'Gemini', type: 'geminiT2IApi', data };
			return node.methods!.credentialTest!.geminiT2IApiTest!.call(context, decrypted) as never;
		},
		searchModels: async (credential, filter) => {
			const job = { credential };
			const workflow = makeWorkflow({ gemini: node }, [geminiNode('gemini', job)], {});
			const context = new core.LoadOptionsContext(
				workflow,
				workflow.getNode('Gemini T2I')!,
				surroundings(workflow, job, 'none'),
				'',
			);
			return await node.methods!.listSearch!.searchModels!.call(context, filter);
		},
		files,
		bytesOf: (file) => files.getAsBuffer(file),
		close() {
			rmSync(home, { recursive: true, force: true });
			rmSync(userFolder, { recursive: true, force: true });
		},
	};
}

/** Hands out each list at an output of its own, so that the next node runs once for each. */
const startNode = (lists: readonly (readonly INodeExecutionData[])[]): INodeType => ({
	description: {
		...emptyDescription('start'),
		group: ['trigger'],
		inputs: [],
		outputs: lists.map(() => 'main' as const),
	},
	execute: async () => structuredClone(lists) as INodeExecutionData[][],
});

const emptyDescription = (name: string) => ({
	displayName: name,
	name,
	group: ['transform' as const],
	version: 1,
	description: '',
	defaults: {},
	inputs: ['main' as const],
	outputs: ['main' as const],
	properties: [],
});

function fromStart(workflow: Workflow, { calledBy }: Job): IRunExecutionData {
	const data = { main: [[{ json: {} }]] };
	const node = workflow.getNode('Start')!;
	return workflowLibrary.createRunExecutionData({
		executionData: { nodeExecutionStack: [{ node, data, source: null }] },
		...(calledBy !== undefined && {
			parentExecution: { executionId: calledBy, workflowId: 'caller' },
		}),
	});
}

type NodeTypes = Readonly<Record<string, INodeType>>;

function makeWorkflow(
	types: NodeTypes,
	nodes: INode[],
	connections: object,
	{ binaryMode = 'separate', workflowId = 'w1' }: Partial<Job> = {},
) {
	return new workflowLibrary.Workflow({
		id: workflowId,
		name: 'In process',
		nodes,
		connections: connections as never,
		active: false,
		settings: { executionOrder: 'v1', binaryMode },
		nodeTypes: {
			getByName: (type: string) => types[type]!,
			getByNameAndVersion: (type: string) => types[type]!,
			getKnownTypes: () => ({}),
		},
	});
}

const place = (name: string, type: string, more: Partial<INode> = {}): INode => ({
	id: name,
	name,
	type,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	...more,
});

const geminiNode = (type: string, { parameters = {}, settings }: Omit<Job, 'items'>): INode =>
	place('Gemini T2I', type, {
		parameters: parameters as INode['parameters'],
		credentials: { geminiT2IApi: { id: 'c1', name: 'Gemini' } },
		...settings,
	});

function workflowOf(node: INodeType, job: Job, lists: readonly (readonly INodeExecutionData[])[]) {
	const types = {
		start: startNode(lists),
		gemini: node,
		end: { description: emptyDescription('end'), execute: pass },
		pause: { description: emptyDescription('pause'), execute: pauseBriefly },
	};
	const to = (name: string) => [{ node: name, type: 'main', index: 0 }];
	return makeWorkflow(
		types,
		[
			place('Start', 'start'),
			geminiNode('gemini', job),
			place('Main', 'end'),
			place('Failed', 'end'),
			place('Pause', 'pause'),
		],
		{
			Start: {
				main: lists.map((_, list) => to(list === job.pause?.list ? 'Pause' : 'Gemini T2I')),
			},
			Pause: { main: [to('Gemini T2I')] },
			'Gemini T2I': { main: [to('Main'), to('Failed')] },
		},
		job,
	);
}

async function pass(this: { getInputData(): INodeExecutionData[] }) {
	return [this.getInputData()];
}

/** As the Wait node does it for longer waits. */
async function pauseBriefly(this: IExecuteFunctions) {
	await this.putExecutionToWait(new Date(Date.now() + 1000));
	return [this.getInputData()];
}

type Workflow = InstanceType<typeof workflowLibrary.Workflow>;

function surroundings(workflow: Workflow, job: Omit<Job, 'items'>, executionId: string): never {
	const { id, name, nodes, connectionsBySourceNode } = workflow;
	const record = { id, name, nodes: Object.values(nodes), connections: connectionsBySourceNode };
	return {
		executionId,
		hooks: new core.ExecutionLifecycleHooks('manual', executionId, record as never),
		credentialsHelper: new Credentials(job),
		currentNodeExecutionIndex: 0,
		restApiUrl: 'http://127.0.0.1/rest',
		instanceBaseUrl: 'http://127.0.0.1/',
		formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
		webhookBaseUrl: 'http://127.0.0.1/webhook',
		webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
		webhookTestBaseUrl: 'http://127.0.0.1/webhook-test',
		variables: {},
		setExecutionStatus: () => undefined,
		sendDataToUI: () => undefined,
		logAiEvent: () => undefined,
	} as never;
}

class Credentials extends workflowLibrary.ICredentialsHelper {
	constructor(private readonly job: Pick<Job, 'credential' | 'credentialOf'>) {
		super();
	}
	getParentTypes() {
		return [];
	}
	isCredentialUsableByNode() {
		return true;
	}
	async getDecrypted(...asked: readonly unknown[]) {
		const { credential, credentialOf } = this.job;
		const row = asked[6] as ICredentialsExpressionResolveValues | undefined;
		const columns = row?.connectionInputData?.[row.itemIndex]?.json;
		return structuredClone(columns && credentialOf ? credentialOf(columns) : credential);
	}
	async authenticate(): Promise<never> {
		throw new Error('The node authenticates itself');
	}
	async runPreAuthentication() {
		return undefined;
	}
	async preAuthentication() {
		return undefined;
	}
	async getCredentials(): Promise<never> {
		throw new Error('Not needed');
	}
	async updateCredentials() {}
	async updateCredentialsOauthTokenData() {}
	getCredentialsProperties() {
		return [];
	}
}

function executionOf(run: IRun): Execution {
	const { resultData } = run.data;
	const runs = resultData.runData['Gemini T2I'] ?? [];
	const last = runs.at(-1);
	return {
		status: run.status,
		error: resultData.error as Execution['error'],
		runs,
		main: last?.data?.main?.[0] ?? [],
		failed: last?.data?.main?.[1] ?? [],
		outputs: (last?.data?.main ?? []).map((items) => items ?? []),
		hints: runs.flatMap(({ hints }) => (hints ?? []).map(({ message }) => message)),
		text: JSON.stringify(run.data, withErrors()),
	};
}

/** Also what JSON would leave out of an `Error`; each object once, since n8n's record has cycles. */
function withErrors() {
	const seen = new Set<unknown>();
	return (_: string, value: unknown) => {
		if (typeof value !== 'object' || value === null) return value;
		if (seen.has(value)) return undefined;
		seen.add(value);
		if (!(value instanceof Error)) return value;
		const { message, stack, cause } = value;
		return { ...value, message, stack, cause };
	};
}

async function callAsTool(
	node: INodeType,
	job: Omit<Job, 'items'>,
	calls: readonly IDataObject[],
): Promise<readonly unknown[]> {
	const answers: unknown[] = [];
	const agent = {
		description: { ...emptyDescription('agent'), inputs: ['main', 'ai_tool'] as never },
		async execute(this: { getInputConnectionData(type: string, item: number): Promise<unknown> }) {
			const tools = (await this.getInputConnectionData('ai_tool', 0)) as {
				invoke(call: IDataObject): Promise<string>;
			}[];
			for (const call of calls) answers.push(JSON.parse(await tools[0]!.invoke(call)));
			return [[{ json: {} }]];
		},
	} as unknown as INodeType;
	// What n8n makes of a node with `usableAsTool`.
	const tool: INodeType = Object.assign(Object.create(node) as INodeType, {
		description: { ...node.description, inputs: [], outputs: ['ai_tool'] },
	});
	const workflow = makeWorkflow(
		{ start: startNode([[{ json: {} }]]), agent, tool },
		[place('Start', 'start'), place('Agent', 'agent'), geminiNode('tool', job)],
		{
			Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			'Gemini T2I': { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
	);
	const engine = new core.WorkflowExecute(
		surroundings(workflow, job, `e${++executions}`),
		'manual',
	);
	const run = await engine.run({ workflow, startNode: workflow.getNode('Start')! });
	if (run.data.resultData.error) throw run.data.resultData.error;
	return answers;
}
