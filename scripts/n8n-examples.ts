import { adaptExample, exampleFiles, productsCsv } from '../test/support/exampleFiles';
import { type N8nClient } from '../test/support/n8n/client';
import { importTable, tableNames } from '../test/support/n8n/dataTable';

const credentialType = 'geminiT2IApi';
const credentialName = 'Gemini T2I demo';
const table = 'Products';

interface Saved {
	readonly id: string;
	readonly name: string;
	readonly isArchived?: boolean;
}

/**
 * Saves the credential, the examples and the table they read. What the user has changed since an earlier start stays,
 * but for the credential, whose address is new each time.
 *
 * @param folder where the examples save their files
 * @returns the id of the example to run
 */
export async function importExamples(
	client: N8nClient,
	{ endpoint, folder, first }: { endpoint: object; folder: string; first: string },
): Promise<string> {
	const credentials = await client.call<Saved[]>('GET', '/rest/credentials');
	const known = credentials.find(({ name }) => name === credentialName);
	const content = { endpoints: { endpoint1: endpoint } };
	const credential = await client.saveCredential(
		credentialName,
		credentialType,
		content,
		known?.id,
	);
	if (!(await tableNames(client)).includes(table)) await importTable(client, table, productsCsv());

	const workflows = await client.call<Saved[]>('GET', '/rest/workflows');
	let firstId = '';
	// The first one last: the overview lists the latest on top.
	const files = exampleFiles().filter((file) => file !== first && !file.includes('google-sheets'));
	for (const file of [...files, first]) {
		const workflow = adaptExample(file, { credential, folder });
		const earlier = workflows.find(({ name, isArchived }) => name === workflow.name && !isArchived);
		const { id } = earlier ?? (await client.saveWorkflow(workflow));
		firstId = id;
	}
	return firstId;
}
