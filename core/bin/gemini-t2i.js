#!/usr/bin/env node
// Committed, unlike dist: npm links a bin only if its file exists at install.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli.js', import.meta.url);
if (existsSync(fileURLToPath(built))) {
	await import(built.href);
} else {
	console.error(
		'gemini-t2i is not built yet. Run "npm run build" in the repository, then try again.',
	);
	process.exitCode = 2;
}
