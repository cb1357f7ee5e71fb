import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exampleFiles, nodeType, readExample } from '../support/exampleFiles';
import { type Workflow } from '../support/n8n/workflow';

describe('every example', () => {
	test.each(exampleFiles())('%s: notes that explain, On Error preset', (file) => {
		const { nodes } = readExample(file);
		expect(nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote')).toBe(true);
		const drawing = nodes.filter(({ type }) => type === nodeType);
		expect(drawing.map(({ onError }) => onError)).toEqual(drawing.map(() => 'continueErrorOutput'));
		expect(JSON.stringify(nodes)).not.toContain('credentials');
	});

	test('is run in a real n8n, and told of in the documents', () => {
		const root = path.resolve(__dirname, '../..');
		const tests = readdirSync(path.join(root, 'test/e2e'))
			.filter((file) => file.endsWith('.test.ts'))
			.map((file) => readFileSync(path.join(root, 'test/e2e', file), 'utf8'))
			.join('\n');
		const told = readFileSync(path.join(root, 'docs/examples.md'), 'utf8');
		for (const file of exampleFiles()) {
			if (!file.includes('.google-sheets.')) expect(tests).toContain(`'${file}'`);
			expect(told).toContain(`../examples/${file}`);
		}
	});

	const sheets = exampleFiles().filter((file) => file.includes('.google-sheets.'));
	test.each(sheets)('%s differs from its twin in the sheet nodes only', (file) => {
		const twin = readExample(file.replace('.google-sheets', ''));
		const sheet = readExample(file);
		expect(sheet.connections).toEqual(twin.connections);
		const parts = ({ nodes }: Workflow) =>
			nodes.map(({ name, type, parameters, onError }) => {
				if (type === 'n8n-nodes-base.stickyNote') return [type];
				const isTable = /\.(dataTable|googleSheets)$/.test(type);
				return isTable ? ['table', name] : [type, name, parameters, onError];
			});
		expect(parts(sheet)).toEqual(parts(twin));
		const columns = (nodes: Workflow['nodes']) =>
			nodes.flatMap(({ parameters }) => {
				const { value } = (parameters.columns ?? {}) as { value?: Record<string, unknown> };
				return value ? [Object.keys(value).filter((column) => column !== 'sku')] : [];
			});
		expect(columns(sheet.nodes)).toEqual(columns(twin.nodes));
	});
});
