/**
 * What loading the built node costs n8n at its start, beside the SDK's two entries alone: fresh processes that have
 * n8n-workflow loaded already, as n8n has. Reports medians, and ratios to the SDK's main entry.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROUNDS = 15;

/** By what is loaded. The SDK's web entry is an ES module: `import()` loads all three alike. */
const LOADED: Readonly<Record<string, string>> = {
	'this node (dist)': path.join(__dirname, '../dist/nodes/GeminiT2I/GeminiT2I.node.js'),
	'its credential (dist)': path.join(__dirname, '../dist/credentials/GeminiT2IApi.credentials.js'),
	'@google/genai': '@google/genai',
	'@google/genai/web': '@google/genai/web',
};

/** @returns milliseconds the import took in a process of its own */
function importTime(what: string): number {
	const script = `
		require('n8n-workflow');
		const began = performance.now();
		import(${JSON.stringify(what)}).then(() => console.log(performance.now() - began));
	`;
	return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

const median = (values: readonly number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function main() {
	const times = Object.keys(LOADED).map((name) => ({ name, ms: [] as number[] }));
	// Taking turns, so that a busy moment of the machine meets all of them.
	for (let round = 0; round < ROUNDS; round++) {
		for (const { name, ms } of times) ms.push(importTime(LOADED[name]!));
	}
	const base = median(times.find(({ name }) => name === '@google/genai')!.ms);
	console.log(`Import time, median of ${ROUNDS} fresh processes`);
	for (const { name, ms } of times) {
		const middle = median(ms);
		console.log(
			`${name.padEnd(24)}${middle.toFixed(1).padStart(8)} ms${(middle / base).toFixed(2).padStart(8)} x`,
		);
	}
}

main();
