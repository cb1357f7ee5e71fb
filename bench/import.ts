/**
 * What loading the built node costs n8n at its start, beside the SDK's two entries alone: fresh processes that have
 * n8n-workflow loaded already, as n8n has. Reports medians, and ratios to the SDK's main entry.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROUNDS = 15;

const dist = (file: string) => `require(${JSON.stringify(path.join(__dirname, '../dist', file))});`;
const NODE = dist('nodes/GeminiT2I/GeminiT2I.node.js');

/** What n8n does at its start, what the first execution adds, and the SDK alone; its web entry is an ES module. */
const LOADED: Readonly<Record<string, string>> = {
	'node and credential': `${NODE} ${dist('credentials/GeminiT2IApi.credentials.js')}`,
	'first execution, besides': dist('nodes/GeminiT2I/running.js'),
	'@google/genai': "require('@google/genai');",
	'@google/genai/web': "await import('@google/genai/web');",
};

/** @returns milliseconds the loading took in a process of its own */
function loadingTime(statements: string): number {
	const script = `
		require('n8n-workflow');
		(async () => {
			const began = performance.now();
			${statements}
			console.log(performance.now() - began);
		})();
	`;
	return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

const median = (values: readonly number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function main() {
	const times = Object.keys(LOADED).map((name) => ({ name, ms: [] as number[] }));
	// Taking turns, so that a busy moment of the machine meets all of them.
	for (let round = 0; round < ROUNDS; round++) {
		for (const { name, ms } of times) ms.push(loadingTime(LOADED[name]!));
	}
	const base = median(times.find(({ name }) => name === '@google/genai')!.ms);
	console.log(`Loading time, median of ${ROUNDS} fresh processes`);
	for (const { name, ms } of times) {
		const middle = median(ms);
		console.log(
			`${name.padEnd(26)}${middle.toFixed(1).padStart(8)} ms${(middle / base).toFixed(2).padStart(8)} x`,
		);
	}
}

main();
