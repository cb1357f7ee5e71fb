/**
 * Runs the node in the engine of one n8n version, in a process of its own: `node coreOf.cjs JOB`, where JOB is JSON with
 * `package` (the unpacked node), `folder` (for n8n's files), `credential` and `steps`; NODE_PATH leads to n8n-core and
 * n8n-workflow. Prints what came of each step, as JSON, and of a step with `times` what memory was in use after each of
 * its executions, which are told apart by `{time}` (needs `--expose-gc`). Plain CommonJS: the oldest n8n runs on Node 18.
 */
const { createRequire } = require('node:module');
// From there, and not from this project, whose n8n is the newest.
const load = createRequire(`${process.env.NODE_PATH}/of-this-version.js`);
load('reflect-metadata');
const job = JSON.parse(process.argv[2]);
Object.assign(process.env, {
	N8N_USER_FOLDER: job.folder,
	N8N_ENCRYPTION_KEY: 'only-for-tests',
	N8N_LOG_LEVEL: 'silent',
});
const core = load('n8n-core');
const library = load('n8n-workflow');
const { Container } = inCore('@n8n/di') ?? inCore('typedi');

function inCore(name) {
	try {
		return createRequire(load.resolve('n8n-core'))(name);
	} catch {
		return undefined;
	}
}

class Credentials extends library.ICredentialsHelper {
	getParentTypes = () => [];
	isCredentialUsableByNode = () => true;
	authenticate = async (_credential, _type, request) => request;
	preAuthentication = async () => undefined;
	getDecrypted = async () => structuredClone(job.credential);
	getCredentialsProperties = () => [];
}

const plain = (name, more) => ({
	description: {
		...{ displayName: name, name, group: ['transform'], version: 1, description: '' },
		...{ defaults: {}, inputs: ['main'], outputs: ['main'], properties: [] },
	},
	...more,
});
const place = (name, type, more) => ({
	...{ id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} },
	...more,
});

let executions = 0;

/** `Start -> Gemini T2I -> Main, Failed`, as n8n runs it. */
function execute(node, { items, settings, parameters, cancelAfterMs }) {
	const types = {
		start: plain('start', { execute: async () => [structuredClone(items)] }),
		gemini: node,
		end: plain('end', {
			async execute() {
				return [this.getInputData()];
			},
		}),
	};
	const to = (name) => [{ node: name, type: 'main', index: 0 }];
	const record = {
		...{ id: 'w1', name: 'w', active: false, settings: { executionOrder: 'v1' } },
		...{ createdAt: new Date(), updatedAt: new Date() },
		nodes: [
			place('Start', 'start'),
			place('Gemini T2I', 'gemini', {
				parameters: { prompt: '={{ $json.prompt }}', ...parameters },
				credentials: { geminiT2IApi: { id: 'c1', name: 'Gemini' } },
				...settings,
			}),
			place('Main', 'end'),
			place('Failed', 'end'),
		],
		connections: {
			Start: { main: [to('Gemini T2I')] },
			'Gemini T2I': { main: [to('Main'), to('Failed')] },
		},
	};
	const workflow = new library.Workflow({
		...record,
		nodeTypes: {
			getByName: (type) => types[type],
			getByNameAndVersion: (type) => types[type],
			getKnownTypes: () => ({}),
		},
	});
	const executionId = `e${++executions}`;
	const engine = new core.WorkflowExecute(
		{
			executionId,
			hooks: core.ExecutionLifecycleHooks
				? new core.ExecutionLifecycleHooks('manual', executionId, record)
				: new library.WorkflowHooks({}, 'manual', executionId, record),
			credentialsHelper: new Credentials(),
			currentNodeExecutionIndex: 0,
			...Object.fromEntries(
				['formWaiting', 'instance', 'webhook', 'webhookWaiting', 'webhookTest'].map((name) => [
					`${name}BaseUrl`,
					'http://127.0.0.1/',
				]),
			),
			restApiUrl: 'http://127.0.0.1/rest',
			variables: {},
			secretsHelpers: {},
			externalSecretsProxy: {},
			logAiEvent() {},
			setExecutionStatus() {},
			sendDataToUI() {},
		},
		'manual',
	);
	const start = workflow.getNode('Start');
	const running =
		engine.run.length > 1
			? engine.run(workflow, start)
			: engine.run({ workflow, startNode: start });
	if (cancelAfterMs) setTimeout(() => running.cancel(), cancelAfterMs);
	return running;
}

const itemsOf = (data, name) => data.runData[name]?.at(-1)?.data?.main?.[0] ?? [];

/** What a test asks of an item: its columns, and how many bytes its file has. */
async function told({ json, binary, error }, files) {
	const file = binary?.data && (await files.getAsBuffer(binary.data));
	const { generation, ...columns } = json;
	return { columns, status: generation?.status, bytes: file?.length ?? 0, error };
}

async function executed(node, step, files) {
	const run = await execute(node, step).catch((cause) => ({ cause }));
	if (run.cause) return { message: run.cause.message };
	const { resultData } = run.data;
	return {
		message: resultData.error?.message ?? '',
		main: await Promise.all(itemsOf(resultData, 'Main').map((item) => told(item, files))),
		failed: await Promise.all(itemsOf(resultData, 'Failed').map((item) => told(item, files))),
	};
}

/** Megabytes that nothing but what is still in use holds. */
async function memoryInUse() {
	const used = async () => {
		// What waits for the end of a turn holds on to its own until then.
		await new Promise((resolve) => setTimeout(resolve, 50));
		global.gc();
		const { heapUsed, external } = process.memoryUsage();
		return (heapUsed + external) / 1e6;
	};
	// One collection is not enough for what only a finalizer lets go: on until nothing more comes free.
	let [before, now] = [Infinity, await used()];
	while (now < before - 1) [before, now] = [now, await used()];
	return now;
}

/** n8n's own context of the Test button: a class in newer versions, a function in older ones. */
const testContext = () =>
	core.CredentialTestContext
		? new core.CredentialTestContext({})
		: core.NodeExecuteFunctions.getCredentialTestFunctions();

async function main() {
	const loader = new core.PackageDirectoryLoader(job.package);
	await loader.loadAll();
	// Older versions write the package's name before the node's.
	const [{ type: node }] = Object.values(loader.nodeTypes);
	const files = Container.get(core.BinaryDataService);
	await files.init({ mode: 'default', availableModes: ['default'], localStoragePath: job.folder });
	const results = {};
	for (const [name, step] of Object.entries(job.steps)) {
		const usedMb = [];
		for (let time = 0; time < (step.times ?? 1); time += 1) {
			const each = JSON.parse(JSON.stringify(step).replaceAll('{time}', time));
			results[name] = await executed(node, each, files);
			if (step.times) usedMb.push(await memoryInUse());
		}
		Object.assign(results[name], { usedMb });
	}
	results.credentialTest = await node.methods.credentialTest.geminiT2IApiTest.call(testContext(), {
		...{ id: 'c1', name: 'Gemini', type: 'geminiT2IApi' },
		data: job.credential,
	});
	process.stdout.write(
		JSON.stringify({ engine: load('n8n-core/package.json').version, results }),
		() => process.exit(0),
	);
}

main().catch((cause) => {
	console.error(cause);
	process.exit(1);
});
