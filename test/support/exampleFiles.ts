import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Workflow } from './n8n/workflow';

const folder = path.resolve(__dirname, '../../examples');

/** The workflows to import. */
export const exampleFiles = () => readdirSync(folder).filter((file) => file.endsWith('.json'));

export const readExample = (file: string) =>
	JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Workflow;

export const nodeType = 'n8n-nodes-gemini-t2i.geminiT2I';

const credentialType = 'geminiT2IApi';

/** Where the examples save files: a folder that n8n in Docker may write to. */
const dockerFiles = '/home/node/.n8n-files';

/** Texts of an example and what a user puts in their place: addresses, names, limits. */
export type Changes = ReadonlyArray<readonly [from: string, to: string]>;

/** What a user does with an example: choose the credential, and put their own folder and addresses in. */
export function adaptExample(
	file: string,
	own: {
		readonly credential: { readonly id: string; readonly name: string };
		readonly folder: string;
		readonly changes?: Changes;
	},
): Workflow {
	const folderInJson = JSON.stringify(own.folder).slice(1, -1);
	let text = JSON.stringify(readExample(file));
	for (const [from, to] of [[dockerFiles, folderInJson] as const, ...(own.changes ?? [])]) {
		text = text.replaceAll(from, to);
	}
	const workflow = JSON.parse(text) as Workflow;
	const credentials = { [credentialType]: { id: own.credential.id, name: own.credential.name } };
	const nodes = workflow.nodes.map((node) =>
		node.type === nodeType ? { ...node, credentials } : node,
	);
	return { ...workflow, nodes };
}

export const productsCsv = () => readFileSync(path.join(folder, 'products.csv'), 'utf8');

/** The rows of `products.csv`, whose cells are quoted only where they hold a comma. */
export function productRows(): Array<Record<string, string>> {
	const [head, ...lines] = productsCsv()
		.trim()
		.split('\n')
		.map((line) => [...line.matchAll(/("[^"]*"|[^",]*)(,|$)/g)].map(([, cell]) => cell!));
	return lines.map((cells) =>
		Object.fromEntries(head!.filter(Boolean).map((name, at) => [name, unquoted(cells[at]!)])),
	);
}

const unquoted = (cell: string) => cell.replace(/^"|"$/g, '');
