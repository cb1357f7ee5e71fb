import { type N8nClient } from './client';

interface Uploaded {
	readonly id: string;
	readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
}

/** Imports CSV as a data table of n8n's own, as a user does; n8n guesses the types of its columns. */
export async function importTable(n8n: N8nClient, name: string, csv: string) {
	const { id: project } = await n8n.call<{ id: string }>('GET', '/rest/projects/personal');
	const tables = `/rest/projects/${project}/data-tables`;
	const file = await upload(n8n, csv);
	const columns = file.columns.map((column) => ({
		name: column.name,
		type: column.type,
		csvColumnName: column.name,
	}));
	const { id } = await n8n.call<{ id: string }>('POST', tables, {
		name,
		columns,
		fileId: file.id,
		hasHeaders: true,
	});
	return {
		url: `${n8n.url}/projects/${project}/datatables/${id}`,
		async rows() {
			const { data } = await n8n.call<{ data: Array<Record<string, unknown>> }>(
				'GET',
				`${tables}/${id}/rows?sortBy=id:asc&take=100`,
			);
			return data;
		},
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

/** Names of the data tables there are. */
export async function tableNames(n8n: N8nClient): Promise<string[]> {
	const { data } = await n8n.call<{ data: Array<{ name: string }> }>(
		'GET',
		'/rest/data-tables-global?take=100',
	);
	return data.map(({ name }) => name);
}
