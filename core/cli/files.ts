import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

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

export const isRunning = (pid: number): boolean => {
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
