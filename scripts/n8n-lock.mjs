// A lock file that names its owner's process, so that a lock left by a killed process holds nobody up.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 1_000;

/**
 * Waits for the lock and takes it.
 *
 * @param {string} file
 * @param {(owner: number) => void} whenWaiting called once when another living process holds it
 * @returns {Promise<() => void>} releases the lock
 */
export async function takeLock(file, whenWaiting) {
	const mine = `${file}.${process.pid}`;
	writeFileSync(mine, String(process.pid));
	try {
		for (let told = false; !tryLink(mine, file);) {
			const owner = ownerOf(file);
			if (owner !== undefined && !isAlive(owner)) {
				rmSync(file, { force: true });
				continue;
			}
			if (!told && owner !== undefined) whenWaiting(owner);
			told ||= owner !== undefined;
			await sleep(POLL_MS);
		}
	} finally {
		rmSync(mine, { force: true });
	}
	const release = () => {
		process.removeListener('exit', release);
		rmSync(file, { force: true });
	};
	process.once('exit', release);
	return release;
}

/** A hard link appears with its content in it: no one ever reads a lock file without an owner. */
function tryLink(from, to) {
	try {
		linkSync(from, to);
		return true;
	} catch (cause) {
		if (cause.code === 'EEXIST') return false;
		throw cause;
	}
}

function ownerOf(file) {
	try {
		return Number(readFileSync(file, 'utf8'));
	} catch {
		return undefined; // released between our look and our reading
	}
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (cause) {
		return cause.code === 'EPERM';
	}
}
