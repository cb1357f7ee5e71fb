const { readFile, readdir } = require('node:fs/promises');
const { join } = require('node:path');

/** The folder of the package a bundled file comes from; undefined for our own files. */
function packageFolder(file) {
	return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

async function licenceOf(folder) {
	const { name, version, license } = JSON.parse(
		await readFile(join(folder, 'package.json'), 'utf8'),
	);
	const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
	const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
	return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n');
}

/** The licence texts of every package that esbuild put into a bundle, from its metafiles. */
async function thirdPartyLicences(metafiles) {
	const bundled = metafiles
		.flatMap((metafile) => Object.values(metafile.outputs))
		.flatMap((output) => Object.entries(output.inputs))
		.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
	const folders = new Set(bundled.map(([file]) => packageFolder(file)).filter(Boolean));
	const licences = await Promise.all([...folders].sort().map(licenceOf));
	return licences.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}

module.exports = { thirdPartyLicences };
