/**
 * The emulator alone: `npm run emulator -- --port 8788 --latency 1000`. Words in brackets in a prompt make things go
 * wrong (see `words.ts`): `a cat [refuse]`, `a cat [429] [once]`.
 */
import { parseArgs } from 'node:util';
import { FIXTURE_NAMES } from './answer';
import { startEmulator } from './emulator';
import { BRACKET_WORDS } from './words';

const { values } = parseArgs({
	options: {
		port: { type: 'string', default: '8788' },
		host: { type: 'string', default: '127.0.0.1' },
		latency: { type: 'string', default: '0' },
	},
});

async function main() {
	const emulator = await startEmulator({
		port: Number(values.port),
		host: values.host,
		latencyMs: Number(values.latency),
		onEnded: ({ method, path, status, prompt, mono, ended }) =>
			console.log(
				[
					status ?? '---',
					`${Math.round(ended! - mono)} ms`,
					method,
					path.split('?')[0],
					prompt,
				].join('  '),
			),
	});
	console.log(`Gemini API emulator: ${emulator.url}`);
	console.log('Put that into the credential as Base URL, with any API key. Ctrl-C ends it.');
	console.log(`In a prompt: ${BRACKET_WORDS.map((word) => `[${word}]`).join(' ')}`);
	console.log(
		`and each fixture: ${FIXTURE_NAMES.map((name) => `[${name.replace(/\.\w+$/, '')}]`).join(' ')}`,
	);
}

void main();
