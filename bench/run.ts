/**
 * Runs benches by name, or all that need no n8n: `npm run bench -- pool decode`. With `--write` what they print goes
 * into docs/benchmarks.md too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { writeSection } from './report';

/** Title in docs/benchmarks.md by file name. */
const BENCHES: Readonly<Record<string, string>> = {
	pool: 'The pool',
	decode: 'Decoding',
	extract: 'Extraction',
	import: 'Import time',
	batch: 'In batch',
};

async function run(name: string): Promise<string> {
	const tsx = path.join(path.dirname(require.resolve('tsx/package.json')), 'dist/cli.mjs');
	const child = spawn(process.execPath, [tsx, path.join(__dirname, `${name}.ts`)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let printed = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		printed += text;
		process.stdout.write(text);
	});
	const [code] = (await once(child, 'close')) as [number | null];
	if (code !== 0) throw new Error(`The bench ${name} ended with code ${code}.`);
	return printed;
}

async function main() {
	const words = process.argv.slice(2);
	const named = words.filter((word) => word !== '--write');
	for (const name of named.length > 0 ? named : Object.keys(BENCHES)) {
		const title = BENCHES[name];
		if (!title) {
			throw new Error(`There is no bench ${name}. There are: ${Object.keys(BENCHES).join(', ')}`);
		}
		const printed = await run(name);
		if (!words.includes('--write')) continue;
		writeSection(title, `npm run bench -- ${name}`, `\`\`\`text\n${printed.trim()}\n\`\`\``);
	}
}

void main();
