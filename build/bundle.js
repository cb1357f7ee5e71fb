const { writeFile } = require('node:fs/promises');
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

/** What is imported at run time stays a file of its own beside the one that imports it. */
const loadedLater = {
	name: 'loaded later',
	setup: ({ onResolve }) =>
		onResolve({ filter: /^\./ }, ({ kind, path }) =>
			kind === 'dynamic-import' ? { path: `${path}.js`, external: true } : undefined,
		),
};

/**
 * What n8n loads. n8n verifies only packages without runtime dependencies, so everything but n8n's own package is
 * bundled, and n8n Cloud forbids timers, `globalThis`, `process` and the console, which the SDK and `limiter` mention:
 * they get stand-ins.
 */
function bundleNode(options) {
	return build({
		...shared,
		// The Node of n8n 1.70; `tsconfig.node18.json` keeps newer parts of the language's library out.
		target: 'node18.20',
		entryPoints: {
			'nodes/GeminiT2I/GeminiT2I.node': 'nodes/GeminiT2I/GeminiT2I.node.ts',
			'nodes/GeminiT2I/running': 'nodes/GeminiT2I/running.ts',
			'credentials/GeminiT2IApi.credentials': 'credentials/GeminiT2IApi.credentials.ts',
		},
		outdir: 'dist',
		format: 'cjs',
		external: ['n8n-workflow'],
		inject: ['build/timers.ts', 'build/surroundings.ts'],
		drop: ['console'],
		plugins: [loadedLater],
		supported: { 'dynamic-import': false },
		...options,
	});
}

/** The command line, with all it needs. What is bundled asks for Node's own modules by `require`. */
function bundleCommandLine(options) {
	return build({
		...shared,
		entryPoints: { cli: 'core/cli/main.ts' },
		outdir: 'core/dist',
		format: 'esm',
		banner: {
			js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
		},
		...options,
	});
}

/** What others import: names and the file that tells them. */
const TIERS = { index: 'core/src/index.ts', pool: 'core/src/index.pool.ts' };

/**
 * Core for others: the SDK and `p-limit` ship ES modules only and the SDK asks for Node 22, so all is bundled, and the
 * package needs no other. However it is loaded, a process has one core and so one registry of pools: both tiers take
 * what they tell from one CommonJS file, for `import` and for `require`.
 */
async function bundleCore() {
	const everything = Object.values(TIERS).map((file) => `export * from './${file}';`);
	const [core, cli, ...tiers] = await Promise.all([
		build({
			...shared,
			outdir: 'core/dist',
			stdin: { contents: everything.join('\n'), resolveDir: '.', sourcefile: 'core.ts' },
			entryNames: 'core',
			format: 'cjs',
			outExtension: { '.js': '.cjs' },
		}),
		bundleCommandLine(),
		...Object.values(TIERS).map((file) =>
			build({ ...shared, entryPoints: [file], format: 'esm', outdir: 'core/dist', write: false }),
		),
	]);
	await Promise.all(
		Object.keys(TIERS).flatMap((tier, index) => {
			const [{ exports: names }] = Object.values(tiers[index].metafile.outputs);
			const list = `{\n${names.map((name) => `\t${name},\n`).join('')}}`;
			return [
				writeFile(`core/dist/${tier}.js`, `export ${list} from './core.cjs';\n`),
				writeFile(
					`core/dist/${tier}.cjs`,
					`const ${list} = require('./core.cjs');\nmodule.exports = ${list};\n`,
				),
			];
		}),
	);
	return [core, cli];
}

module.exports = { bundleCommandLine, bundleCore, bundleNode, TIERS };
