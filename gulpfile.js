const { mkdir, rm, writeFile } = require('node:fs/promises');
const { generateDtsBundle } = require('dts-bundle-generator');
const { dest, parallel, series, src } = require('gulp');
const { bundleCore, bundleNode, TIERS } = require('./build/bundle');
const { thirdPartyLicences } = require('./build/licences');

async function node() {
	const { metafile } = await bundleNode();
	await writeFile('dist/THIRD_PARTY_LICENSES.txt', await thirdPartyLicences([metafile]));
}

function assets() {
	// Without `encoding: false` gulp corrupts binary files.
	return src(['{nodes,credentials}/**/*.{svg,png}', 'nodes/**/*.node.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

async function core() {
	const bundles = await bundleCore();
	const licences = await thirdPartyLicences(bundles.map(({ metafile }) => metafile));
	await writeFile('core/dist/THIRD_PARTY_LICENSES.txt', licences);
}

async function coreTypes() {
	const types = generateDtsBundle(
		Object.values(TIERS).map((filePath) => ({
			filePath,
			output: { noBanner: true, exportReferencedTypes: false },
		})),
		{ preferredConfigPath: 'tsconfig.json' },
	);
	await mkdir('core/dist', { recursive: true });
	await Promise.all(
		Object.keys(TIERS).flatMap((tier, index) =>
			['d.ts', 'd.cts'].map((kind) => writeFile(`core/dist/${tier}.${kind}`, types[index])),
		),
	);
}

const clean = (folder) =>
	Object.assign(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }), {
		displayName: `clean ${folder}`,
	});

/** What n8n loads: all that the demo and the end-to-end tests need, without core's slow type declarations. */
const buildNode = series(clean('dist'), parallel(node, assets));

module.exports = {
	build: parallel(buildNode, series(clean('core/dist'), parallel(core, coreTypes))),
	buildNode,
};
