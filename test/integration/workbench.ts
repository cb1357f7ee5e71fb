import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { startEmulator, type Emulator, type EmulatorOptions } from '../support/emulator/emulator';
import { openBench, type Bench, type Execution, type Job } from '../support/inProcess';

/** As long and as odd as a real one, so that a search for it finds it anywhere. */
export const KEY = 'AIzaSyOnlyForTests-0123456789_abcdefgh1';

export const generations = (items: readonly INodeExecutionData[]): readonly IDataObject[] =>
	items.map(({ json }) => json.generation as IDataObject);

export const rows = (...prompts: readonly string[]): INodeExecutionData[] =>
	prompts.map((prompt, index) => ({ json: { row: index + 1, prompt } }));

export interface Workbench {
	readonly bench: Bench;
	readonly emulator: Emulator;
	credential(more?: IDataObject): ICredentialDataDecryptedObject;
	/** Draws the column `prompt` of each item with the one key; no record of n8n may hold that key. */
	run(job: Partial<Job>): Promise<Execution>;
	job(job: Partial<Job>): Job;
	/** The prompts that reached the server so far, in order. */
	readonly asked: readonly string[];
}

/** The node in n8n's engine, and a server, for the tests of one file. */
export function useWorkbench(options: EmulatorOptions = {}): Workbench {
	let bench: Bench;
	let emulator: Emulator;
	// Loading n8n takes seconds, and more where many tests share two processors.
	jest.setTimeout(120_000);
	beforeAll(async () => {
		emulator = await startEmulator({ imageSizePx: 32, ...options });
		bench = await openBench();
	});
	let tests = 0;
	// What a test leaves in its workflow is not taken over by another.
	beforeEach(() => void (tests += 1));
	afterEach(() => {
		emulator.faults.clear();
		emulator.requests.length = 0;
	});
	afterAll(async () => {
		bench?.close();
		await emulator?.close();
	});
	const credential = (more: IDataObject = {}) => ({
		endpoints: { endpoint1: { apiKeys: KEY, baseUrl: emulator.url } },
		...more,
	});
	const job = (wanted: Partial<Job>): Job => ({
		items: rows('a cat'),
		credential: credential(),
		workflowId: `w${tests}`,
		...wanted,
		parameters: { prompt: '={{ $json.prompt }}', ...wanted.parameters },
	});
	return {
		get bench() {
			return bench;
		},
		get emulator() {
			return emulator;
		},
		credential,
		job,
		async run(wanted) {
			const execution = await bench.run(job(wanted));
			expect(execution.text).not.toContain(KEY);
			return execution;
		},
		get asked() {
			return emulator.requests
				.filter(({ action }) => action === 'generateContent')
				.map(({ prompt }) => prompt);
		},
	};
}
