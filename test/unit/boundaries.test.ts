import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { circlesOfLevels, readImports, type ImportGraph } from '../support/importGraph';

const ROOT = path.resolve(__dirname, '../..');
const FOLDERS = ['core/src', 'core/cli', 'nodes', 'credentials'];

describe('one staircase a folder', () => {
	let graph: ImportGraph;
	beforeAll(async () => {
		graph = await readImports(ROOT, FOLDERS);
	});

	test('the whole tree is seen', () => {
		for (const folder of FOLDERS)
			expect(graph.files.filter((file) => file.startsWith(`${folder}/`))).not.toEqual([]);
		expect(graph.arrows).toContainEqual([
			expect.stringMatching(/^nodes\//),
			expect.stringMatching(/^core\/src\/index/),
		]);
	});

	test('no circle among files, and no boundary is crossed', () => {
		expect(graph.trespasses).toEqual([]);
	});

	test('no circle among what stands in one folder', () => {
		expect(circlesOfLevels(graph.arrows)).toEqual([]);
	});
});

describe('seen in a small tree', () => {
	const files: Record<string, string> = {
		'tsconfig.json':
			'{"compilerOptions": {"paths": {"gemini-t2i/pool": ["./core/src/index.pool.ts"]}}}',
		'core/src/index.pool.ts': "export { a } from './a';",
		'core/src/a.ts': "import type { B } from './b';\nexport const a: B = 1;",
		'core/src/b.ts': "export type { C as B } from './c';",
		'core/src/c.ts': "import type { a } from './a';\nexport type C = typeof a;",
		'core/src/later.ts': "export const later = () => import('./sooner');",
		'core/src/sooner.ts': "export const sooner = require('./later');",
		'core/src/up/one.ts': "export { two } from '../down/two';",
		'core/src/up/leaf.ts': 'export type Leaf = 1;',
		'core/src/down/two.ts': 'export const two = 2;',
		'core/src/down/three.ts': "import type { Leaf } from '../up/leaf';\nexport type Three = Leaf;",
		'core/src/side/deep/part.ts': "export { common } from '../../common';",
		'core/src/side/other.ts': 'export const other = 1;',
		'core/src/common.ts': "export type Common = typeof import('./side/other');",
		'core/src/host.ts': "import type { INode } from 'n8n-workflow';\nexport type Host = INode;",
		'core/src/shell.ts': "export * from '../cli/main';",
		'core/src/disk.ts': "import { readFileSync } from 'node:fs';\nexport { readFileSync };",
		'core/src/hash.ts': "import { createHash } from 'node:crypto';\nexport { createHash };",
		'core/src/system.ts': "import { setTimeout } from 'node:timers';\nexport { setTimeout };",
		'core/cli/main.ts': "import { n8n } from '@n8n/di';\nexport { n8n };",
		'nodes/a.ts': "import { a } from 'gemini-t2i/pool';\nexport { a };",
		'nodes/past.ts': "import { c } from '../core/src/c';\nexport { c };",
		'credentials/path.ts':
			"import type { a } from '../core/src/index.pool';\nexport type A = typeof a;",
	};
	let folder: string;
	let graph: ImportGraph;
	beforeAll(async () => {
		folder = mkdtempSync(path.join(tmpdir(), 'gemini-t2i-imports-'));
		for (const [name, text] of Object.entries(files)) {
			const file = path.join(folder, name);
			mkdirSync(path.dirname(file), { recursive: true });
			writeFileSync(file, text);
		}
		graph = await readImports(folder, FOLDERS);
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test('each import that breaks a rule, and no other', () => {
		expect([...graph.trespasses].sort()).toEqual([
			'core/cli/main.ts -> @n8n/di: core knows nothing of n8n',
			'core/src/a.ts -> core/src/b.ts: no circle',
			'core/src/disk.ts -> fs: core asks Node for nothing but hashes and bytes',
			'core/src/host.ts -> n8n-workflow: core knows nothing of n8n',
			'core/src/later.ts -> core/src/sooner.ts: no circle',
			'core/src/shell.ts -> core/cli/main.ts: core does not know its command line',
			'credentials/path.ts -> core/src/index.pool.ts: the node knows core only by its name',
			'nodes/past.ts -> core/src/c.ts: the node knows core only by its index',
			'nodes/past.ts -> core/src/c.ts: the node knows core only by its name',
		]);
	});

	test('each circle of a level, and no other', () => {
		expect(circlesOfLevels(graph.arrows).map((circle) => circle.split(' (')[0])).toEqual([
			'core/src/a.ts -> core/src/b.ts -> core/src/c.ts -> core/src/a.ts',
			'core/src/common.ts -> core/src/side/ -> core/src/common.ts',
			'core/src/down/ -> core/src/up/ -> core/src/down/',
			'core/src/later.ts -> core/src/sooner.ts -> core/src/later.ts',
		]);
	});
});
