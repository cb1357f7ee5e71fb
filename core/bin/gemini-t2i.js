#!/usr/bin/env node
// Committed, unlike dist: npm links a bin only if its file exists at install.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const built = new URL('../dist/cli.js', import.meta.url);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error(`gemini-t2i needs Node 20.19 or later; this is ${process.versions.node}.`);
	process.exitCode = 2;
} else if (existsSync(fileURLToPath(built))) {
	await import(built.href);
} else {
	console.error(
		'gemini-t2i is not built yet. Run "npm run build" in the repository, then try again.',
	);
	process.exitCode = 2;
}
