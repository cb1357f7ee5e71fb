import { parseArguments } from './arguments';
import { runCommand } from './command';
import { readEnvironment } from './environment';
import { OutputInvalid } from './output';
import { UsageInvalid } from './input';

/** A run was stopped from outside: what is made is kept. */
class Interrupted extends Error {
	override readonly name = 'Interrupted';
}

const { stdout, stderr, argv, env } = process;
const stop = new AbortController();

/** The first Ctrl-C stops the run in good order, the second at once. */
const interrupt = (): void => {
	if (stop.signal.aborted) process.exit(1);
	stderr.write('\nStopping: calls are broken off, images that have arrived are written.\n');
	stop.abort(new Interrupted('The run was stopped.'));
};

const main = async (): Promise<number> => {
	const options = parseArguments(argv.slice(2), (text) => stdout.write(text));
	if (options === null) return 0;
	const code = await runCommand(options, readEnvironment(env), { stdout, stderr, stop });
	const reason: unknown = stop.signal.reason;
	if (!stop.signal.aborted || reason instanceof Interrupted) return code;
	if (!(reason instanceof OutputInvalid)) throw reason;
	stderr.write(`${reason.message}\n`);
	return 1;
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
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
