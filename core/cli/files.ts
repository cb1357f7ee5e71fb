import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageInvalid } from './input';

/** `.000000.png.4711.partial`: hidden, and named after the process that writes it. */
const PARTIAL = /^\..+\.(\d+)\.partial$/;

const partialPath = (path: string): string =>
	join(dirname(path), `.${basename(path)}.${process.pid}.partial`);

/**
 * Under its name the file is whole or not there at all, whatever happens meanwhile: written beside it, forced to
 * the disk, then renamed. Rejects when the disk is full, which write-file-atomic 7.0.1 does not notice.
 */
export const writeAtomically = async (path: string, bytes: Buffer): Promise<void> => {
	const partial = partialPath(path);
	try {
		const file = await open(partial, 'w');
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(partial, path);
	} catch (reason) {
		await rm(partial, { force: true });
		throw reason;
	}
};

const isRunning = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch (reason) {
		return (reason as NodeJS.ErrnoException).code === 'EPERM';
	}
};

/** Removes what runs that were killed left half written. */
export const removePartials = async (folder: string): Promise<void> => {
	for (const name of await readdir(folder)) {
		const pid = PARTIAL.exec(name)?.[1];
		if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
	}
};

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
