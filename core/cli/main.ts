import { fstatSync } from 'node:fs';
import { parseArguments } from './arguments';
import { runCommand } from './command';
import { readEnvironment } from './environment';
import { UsageInvalid } from './input';
import { OutputInvalid } from './output';
import { createStopping } from './stopping';

const { stdin, stdout, stderr, argv, env } = process;

/** Docker kills after 10 s. */
const PROGRAM_WAITS_SECONDS = 8;
let programWaitsMs = 1000 * PROGRAM_WAITS_SECONDS;

const stopping = createStopping({
	exit: () => process.exit(1),
	programWaitsMs: () => programWaitsMs,
});

const isPipe = (fd: number): boolean => {
	try {
		const stats = fstatSync(fd);
		return stats.isFIFO() || stats.isSocket();
	} catch {
		return false;
	}
};

const readStdin = async (): Promise<Buffer> => {
	const pieces: Buffer[] = [];
	for await (const piece of stdin) pieces.push(piece as Buffer);
	return Buffer.concat(pieces);
};

const main = async (): Promise<number> => {
	const options = parseArguments(argv.slice(2), (text) => stdout.write(text));
	if (options === null) return 0;
	programWaitsMs = 1000 * (options.stop_timeout ?? PROGRAM_WAITS_SECONDS);
	const out = Object.assign(stdout, { isPipe: isPipe(1) });
	return await runCommand(options, readEnvironment(env), {
		stdout: out,
		stderr,
		stopping,
		readStdin,
	});
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => stopping.press(signal));
}
// Whoever reads our output may leave early (`| head`): the images are still wanted.
for (const stream of [stdout, stderr]) stream.on('error', () => {});

try {
	process.exitCode = await main();
} catch (reason) {
	// Nothing was called yet, unless it was something that nobody has foreseen.
	const isForeseen = reason instanceof UsageInvalid || reason instanceof OutputInvalid;
	const { message } = reason as Error;
	stderr.write(isForeseen ? `${message}\n` : `Something unforeseen came between: ${message}\n`);
	process.exitCode = isForeseen ? 2 : 1;
}
