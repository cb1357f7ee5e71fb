/**
 * Which imports there may be, type-only ones included. `test/unit/boundaries.test.ts` asks; to ask by hand:
 * `npm run imports`.
 */
const node = '^(nodes|credentials)/';

const rules = {
	'no circle': { from: {}, to: { circular: true } },
	'core knows nothing of n8n': { from: { path: '^core/' }, to: { path: '(^|/)@?n8n' } },
	'core does not know its command line': {
		from: { path: '^core/src/' },
		to: { path: '^core/cli/' },
	},
	'core asks Node for nothing but hashes and bytes': {
		from: { path: '^core/src/', pathNot: '^core/src/system\\.ts$' },
		to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
	},
	'the node knows core only by its index': {
		from: { path: node },
		to: { path: '^core/', pathNot: '^core/src/index\\.pool\\.ts$' },
	},
	'the node knows core only by its name': {
		from: { path: node },
		to: { path: '^core/', dependencyTypesNot: ['aliased-tsconfig-paths'] },
	},
};

module.exports = {
	forbidden: Object.entries(rules).map(([name, rule]) => ({ name, severity: 'error', ...rule })),
	options: {
		doNotFollow: { path: 'node_modules' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
	},
};
