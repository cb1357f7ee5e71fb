import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** `.000000.png.4711.partial`: hidden, and of one process alone. */
const PARTIAL = /^\.(.+)\.\d+\.partial$/;

const partialPath = (path: string): string =>
	join(dirname(path), `.${basename(path)}.${process.pid}.partial`);

/**
 * Under its name the file is whole or not there at all, whatever happens meanwhile: written beside it, forced to
 * the disk, then renamed. Rejects when the disk is full, which write-file-atomic 7.0.1 does not notice. `announce`
 * is called once all bytes are safe, just before they get their name.
 */
export const writeAtomically = async (
	path: string,
	bytes: Buffer,
	announce: () => void,
): Promise<void> => {
	const partial = partialPath(path);
	try {
		const file = await open(partial, 'w');
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
		announce();
		await rename(partial, path);
	} catch (reason) {
		await rm(partial, { force: true });
		throw reason;
	}
};

/**
 * Brings to its end what runs that were killed left behind: an image that was whole, as `bytesOf` has it noted, gets
 * its name, since it was paid for; half of one goes. Only for a folder in which nobody else is at work.
 */
export const recoverPartials = async (
	folder: string,
	bytesOf: (name: string) => number | null,
): Promise<void> => {
	for (const name of await readdir(folder)) {
		const image = PARTIAL.exec(name)?.[1];
		if (image === undefined) continue;
		const { size } = await stat(join(folder, name));
		const isTaken = await stat(join(folder, image)).catch(() => null);
		if (isTaken === null && size === bytesOf(image)) {
			await rename(join(folder, name), join(folder, image));
		} else await rm(join(folder, name), { force: true });
	}
};
