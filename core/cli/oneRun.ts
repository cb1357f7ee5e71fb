import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from './files';
import { UsageInvalid } from './input';

const PID_FILE = '.gemini-t2i.pid';

/**
 * Keeps a directory to this run: two would draw the same images, and each pay for them. Resolves with how to let go.
 * Rejects with `UsageInvalid` while another run is at work there; what a killed one has left is no hindrance.
 */
export const keepToOneRun = async (directory: string): Promise<() => Promise<void>> => {
	const path = join(directory, PID_FILE);
	const take = () => writeFile(path, String(process.pid), { flag: 'wx' });
	await take().catch(async () => {
		const pid = Number(await readFile(path, 'utf8').catch(() => ''));
		if (pid > 0 && pid !== process.pid && isRunning(pid)) {
			throw new UsageInvalid(
				`Another run (process ${pid}) is at work in ${directory}. Wait for it, or choose another --output_dir. If there is none, delete ${path}.`,
			);
		}
		await rm(path, { force: true });
		await take();
	});
	return () => rm(path, { force: true });
};
