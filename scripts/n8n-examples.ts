import path from 'node:path';
import { adaptExample, exampleFiles, productsCsv } from '../test/support/exampleFiles';
import { type N8nClient } from '../test/support/n8n/client';
import { importTable, type Table, tableNamed } from '../test/support/n8n/dataTable';
import { type Workflow } from '../test/support/n8n/workflow';

const credentialType = 'geminiT2IApi';
const credentialName = 'Gemini T2I demo';
const table = 'Products';

export const BATCH_EXAMPLE = 'nightly-products-in-batch.json';

/** Where the emulator draws, a batch is done in seconds; its example has rows of its own, one of which is declined. */
const batchTable = 'Products in Batch';
const batchCsv = () => productsCsv().replace('evening light', 'evening light [refuse]');

function emulatedBatch(credential: Saved, folder: string): Workflow {
	const workflow = adaptExample(BATCH_EXAMPLE, {
		credential,
		folder,
		changes: [
			['"Products"', JSON.stringify(batchTable)],
			['"={{ Math.min(60, 5 * 2 ** $runIndex) }}","unit":"minutes"', '2,"unit":"seconds"'],
		],
	});
	// Another name: with a key of Google's, the usual one is to be imported.
	return { ...workflow, name: `${workflow.name}, emulated` };
}

interface Saved {
	readonly id: string;
	readonly name: string;
	readonly isArchived?: boolean;
}

/**
 * Saves the credential, the examples and the tables they read. What the user has changed since an earlier start stays,
 * but for the credential, whose address is new each time, and the rows of an emulated batch, which begins anew.
 *
 * @param own.folder where the examples save their files; those of the batch in `batch` below it
 * @param own.first the example that the overview lists on top
 * @returns the id of each example by its file, and the table of the emulated batch
 */
export async function importExamples(
	client: N8nClient,
	own: {
		readonly endpoint: object;
		readonly folder: string;
		readonly first: string;
		readonly isEmulated: boolean;
	},
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly batch: Table | null }> {
	const credentials = await client.call<Saved[]>('GET', '/rest/credentials');
	const known = credentials.find(({ name }) => name === credentialName);
	const credential = await client.saveCredential(
		credentialName,
		credentialType,
		{ endpoints: { endpoint1: own.endpoint } },
		known?.id,
	);
	if (!(await tableNamed(client, table))) await importTable(client, table, productsCsv());
	if (own.isEmulated) await (await tableNamed(client, batchTable))?.remove();
	const batch = own.isEmulated ? await importTable(client, batchTable, batchCsv()) : null;

	const workflows = await client.call<Saved[]>('GET', '/rest/workflows');
	const ids = new Map<string, string>();
	// The first one last: the overview lists the latest on top.
	const others = exampleFiles().filter(
		(file) => file !== own.first && !file.includes('google-sheets'),
	);
	for (const file of [...others, own.first]) {
		const workflow =
			file === BATCH_EXAMPLE && own.isEmulated
				? emulatedBatch(credential, path.join(own.folder, 'batch'))
				: adaptExample(file, { credential, folder: own.folder });
		const earlier = workflows.find(({ name, isArchived }) => name === workflow.name && !isArchived);
		ids.set(file, (earlier ?? (await client.saveWorkflow(workflow))).id);
	}
	return { ids, batch };
}
