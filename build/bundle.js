const { existsSync } = require('node:fs');
const { build } = require('esbuild');

/** Readable by reviewers: never minified. */
const shared = {
	bundle: true,
	platform: 'node',
	target: 'node20.19',
	metafile: true,
	charset: 'utf8',
	logLevel: 'warning',
};

/**
 * What n8n loads. n8n verifies only packages without runtime dependencies, so everything but n8n's own package is
 * bundled, and n8n Cloud forbids timers, `globalThis`, `process` and the console, which the SDK and `limiter` mention:
 * they get stand-ins.
 */
function bundleNode(options) {
	return build({
		...shared,
		entryPoints: {
			'nodes/GeminiT2I/GeminiT2I.node': 'nodes/GeminiT2I/GeminiT2I.node.ts',
			'credentials/GeminiT2IApi.credentials': 'credentials/GeminiT2IApi.credentials.ts',
		},
		outdir: 'dist',
		format: 'cjs',
		external: ['n8n-workflow'],
		inject: ['build/timers.ts', 'build/surroundings.ts'],
		drop: ['console'],
		...options,
	});
}

/**
 * Core for others: the SDK and `p-limit` ship ES modules only and the SDK asks for Node 22, so both are bundled, and
 * core loads by `import` and by `require` on Node 20.19. What only the command line needs stays a dependency.
 */
async function bundleCore() {
	const { dependencies } = require('../core/package.json');
	const cli = 'core/cli/main.ts';
	const common = { ...shared, outdir: 'core/dist', external: Object.keys(dependencies) };
	const entryPoints = { index: 'core/src/index.ts' };
	return Promise.all([
		build({
			...common,
			entryPoints: { ...entryPoints, ...(existsSync(cli) && { cli }) },
			format: 'esm',
			splitting: true,
			chunkNames: 'shared-[hash]',
		}),
		build({ ...common, entryPoints, format: 'cjs', outExtension: { '.js': '.cjs' } }),
	]);
}

module.exports = { bundleCore, bundleNode };
