import { type N8nClient } from './client';

interface Uploaded {
	readonly id: string;
	readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
}

export interface Table {
	readonly url: string;
	rows(): Promise<ReadonlyArray<Record<string, unknown>>>;
	remove(): Promise<unknown>;
}

/** Imports CSV as a data table of n8n's own, as a user does; n8n guesses the types of its columns. */
export async function importTable(n8n: N8nClient, name: string, csv: string): Promise<Table> {
	const project = await personalProject(n8n);
	const file = await upload(n8n, csv);
	const columns = file.columns.map((column) => ({
		name: column.name,
		type: column.type,
		csvColumnName: column.name,
	}));
	const { id } = await n8n.call<{ id: string }>('POST', `/rest/projects/${project}/data-tables`, {
		name,
		columns,
		fileId: file.id,
		hasHeaders: true,
	});
	return tableOf(n8n, project, id);
}

/** A table that is there already. */
export async function tableNamed(n8n: N8nClient, name: string): Promise<Table | null> {
	const { data } = await n8n.call<{ data: Array<{ id: string; name: string }> }>(
		'GET',
		'/rest/data-tables-global?take=100',
	);
	const found = data.find((each) => each.name === name);
	return found ? tableOf(n8n, await personalProject(n8n), found.id) : null;
}

const personalProject = async (n8n: N8nClient) =>
	(await n8n.call<{ id: string }>('GET', '/rest/projects/personal')).id;

function tableOf(n8n: N8nClient, project: string, id: string): Table {
	const place = `/rest/projects/${project}/data-tables/${id}`;
	return {
		url: `${n8n.url}/projects/${project}/datatables/${id}`,
		async rows() {
			const { data } = await n8n.call<{ data: Array<Record<string, unknown>> }>(
				'GET',
				`${place}/rows?sortBy=id:asc&take=100`,
			);
			return data;
		},
		remove: () => n8n.call('DELETE', place),
	};
}

async function upload(n8n: N8nClient, csv: string): Promise<Uploaded> {
	const { cookie, browserId } = n8n.session();
	const body = new FormData();
	body.set('file', new Blob([csv], { type: 'text/csv' }), 'table.csv');
	const response = await fetch(`${n8n.url}/rest/data-tables/uploads`, {
		method: 'POST',
		headers: { cookie, 'browser-id': browserId },
		body,
	});
	if (!response.ok) throw new Error(`n8n: the table ${response.status} ${await response.text()}`);
	return ((await response.json()) as { data: Uploaded }).data;
}
