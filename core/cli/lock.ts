import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, lstat, open, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageInvalid } from './input';

/** Who holds a directory. */
interface Holder {
	/** Tells this hold from every other one. */
	readonly token: string;
	readonly host: string;
	/** Processes of one machine, and in one container of it, can see whether the other one lives. */
	readonly machine: string;
	readonly pid: number;
	/** When the process began, as its system counts; `''` where it does not tell. */
	readonly begun: string;
}

const LOCK = /^\.gemini-t2i(?:\.(node\d+of\d+))?\.lock$/;
const lockName = (share: string) => `.gemini-t2i${share === '' ? '' : `.${share}`}.lock`;

const BEAT_MS = 1000;
/** A holder that shows no sign of life for so long is dead: told by its beats alone, since clocks differ. */
const DEAD_MS = 8000;

const attempt = (read: () => string): string => {
	try {
		return read().trim();
	} catch {
		return '';
	}
};

/** Containers have process numbers of their own, and a computer that was started anew has too. */
const machine = (): string =>
	[
		hostname(),
		attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
		attempt(() => readlinkSync('/proc/self/ns/pid')),
	].join(' ');

/** The number of a process may be given to another one; the moment at which it began tells them apart. */
const begun = (pid: number): string => {
	const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
	// Behind the name, which may hold anything, the 20th field.
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
};

const isRunning = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch (reason) {
		return (reason as NodeJS.ErrnoException).code === 'EPERM';
	}
};

const codeOf = (reason: unknown): string | undefined => (reason as NodeJS.ErrnoException).code;

/** What stands in the place of a lock and can neither be read nor taken away keeps every run out. */
const inTheWay = (path: string, what: string, reason: unknown): UsageInvalid =>
	new UsageInvalid(
		`${path} cannot be ${what} (${codeOf(reason) ?? String(reason)}). If no other run is at work in ${dirname(path)}, remove it; else wait for that run, or choose another --output_dir.`,
	);

const isLink = async (path: string): Promise<boolean> =>
	lstat(path).then(
		(stats) => stats.isSymbolicLink(),
		() => false,
	);

const holderIn = (text: string): Partial<Holder> => {
	try {
		return JSON.parse(text || '{}') as Partial<Holder>;
	} catch {
		return {};
	}
};

/**
 * Opened anew each time: a network file system then asks its server. Null where there is no such lock. Rejects with
 * `UsageInvalid` where there is one that cannot be read.
 */
const look = async (path: string): Promise<{ holder: Partial<Holder>; beat: number } | null> => {
	try {
		await using file = await open(path);
		const { mtimeMs: beat } = await file.stat();
		return { holder: holderIn(await file.readFile('utf8')), beat };
	} catch (reason) {
		// A link that leads nowhere is there all the same.
		if (codeOf(reason) === 'ENOENT' && !(await isLink(path))) return null;
		throw inTheWay(path, 'read', reason);
	}
};

/** Waits until a lock has shown a sign of life (its holder), or is gone or dead (null). */
const findHolder = async (path: string): Promise<Partial<Holder> | null> => {
	const first = await look(path);
	if (first === null) return null;
	const { machine: where, pid = 0, begun: since } = first.holder;
	if (where === machine()) {
		if (!isRunning(pid)) return null;
		// It may have been put to sleep, by Ctrl-Z for one.
		if (since) return since === begun(pid) ? first.holder : null;
	}
	for (let waitedMs = 0; waitedMs < DEAD_MS; waitedMs += BEAT_MS / 4) {
		await sleep(BEAT_MS / 4);
		const now = await look(path);
		if (now === null || now.holder.token !== first.holder.token) return now?.holder ?? null;
		if (now.beat !== first.beat) return now.holder;
	}
	return null;
};

/** Under its name with all its content at once, or not at all. */
const create = async (path: string, holder: Holder): Promise<boolean> => {
	const draft = `${path}.${holder.token}`;
	await writeFile(draft, JSON.stringify(holder));
	try {
		await link(draft, path);
		return true;
	} catch (reason) {
		if (codeOf(reason) === 'EEXIST') return false;
		// A file system without links, such as that of a USB stick.
		return await writeFile(path, JSON.stringify(holder), { flag: 'wx' }).then(
			() => true,
			(again: unknown) => {
				if (codeOf(again) === 'EEXIST') return false;
				throw again;
			},
		);
	} finally {
		await rm(draft, { force: true });
	}
};

/** Removes the lock of a dead holder, and only that: another run may have done so a moment ago, and holds it now. */
const bury = async (path: string, token: string | undefined): Promise<void> => {
	const grave = `${path}.${randomUUID()}`;
	await rename(path, grave).catch((reason: unknown) => {
		if (codeOf(reason) !== 'ENOENT') throw inTheWay(path, 'removed', reason);
	});
	const buried = await look(grave);
	if (buried !== null && buried.holder.token !== token) await link(grave, path).catch(() => {});
	await rm(grave, { force: true });
};

const atWork = (directory: string, { pid, host }: Partial<Holder>): UsageInvalid => {
	const who = host === undefined || host === hostname() ? '' : ` on ${host}`;
	return new UsageInvalid(
		`Another run (process ${pid ?? 'unknown'}${who}) is at work in ${directory}. Wait for it, or choose another --output_dir.`,
	);
};

/** Nodes that share a list share its directory; any other two runs would pay for the same images. */
const rivals = async (directory: string, share: string): Promise<readonly string[]> => {
	const [, nodes] = share.split('of');
	const names = await readdir(directory);
	return names.filter((name) => {
		const other = LOCK.exec(name);
		if (other === null || name === lockName(share)) return false;
		return nodes === undefined || other[1]?.split('of')[1] !== nodes;
	});
};

/**
 * Keeps a directory to this run, also from other containers and computers. Resolves with how to let go. Rejects with
 * `UsageInvalid` while another run is at work there; what a killed one has left is no hindrance, but where it cannot
 * be seen it is watched for some seconds. `onLost`: somebody took it while this process stood still.
 */
export const lockDirectory = async (
	directory: string,
	share: string,
	onLost: () => void,
): Promise<() => Promise<void>> => {
	const path = join(directory, lockName(share));
	const holder: Holder = {
		token: randomUUID(),
		host: hostname(),
		machine: machine(),
		pid: process.pid,
		begun: begun(process.pid),
	};
	const refuse = async (lock: string): Promise<void> => {
		const dead = await look(lock);
		const other = await findHolder(lock);
		if (other !== null) throw atWork(directory, other);
		if (dead !== null) await bury(lock, dead.holder.token);
	};
	while (!(await create(path, holder))) await refuse(path);

	const isMine = async () => (await look(path))?.holder.token === holder.token;
	const letGo = async () => {
		clearInterval(beats);
		if (await isMine().catch(() => false)) await rm(path, { force: true });
	};
	const beat = async () => {
		if (await isMine()) return await utimes(path, new Date(), new Date());
		await sleep(BEAT_MS / 10);
		if (await isMine()) return;
		clearInterval(beats);
		onLost();
	};
	const beats = setInterval(() => void beat().catch(() => {}), BEAT_MS);
	beats.unref();
	try {
		for (const name of await rivals(directory, share)) await refuse(join(directory, name));
	} catch (reason) {
		await letGo();
		throw reason;
	}
	return letGo;
};
