import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../core/cli/lock';

let directory: string;
let sleeper: ChildProcess;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'gemini-t2i-'));
	sleeper = spawn('sleep', ['60']);
});
afterEach(async () => {
	sleeper.kill('SIGKILL');
	await once(sleeper, 'close');
	rmSync(directory, { recursive: true });
});

const path = () => join(directory, '.gemini-t2i.lock');
const holder = () => JSON.parse(readFileSync(path(), 'utf8')) as Record<string, unknown>;
const lock = (share = '') => lockDirectory(directory, share, () => {});
/** What is left behind, by a process of this computer or of another one. */
const leave = async (changes: Record<string, unknown>) => {
	const letGo = await lock();
	const left = { ...holder(), ...changes };
	await letGo();
	writeFileSync(path(), JSON.stringify(left));
};

test('one holds it, the next is told who, and after that it is free', async () => {
	const letGo = await lock();
	await expect(lock()).rejects.toThrow(
		`Another run (process ${process.pid}) is at work in ${directory}. Wait for it, or choose another --output_dir.`,
	);
	await letGo();
	expect(readdirSync(directory)).toEqual([]);
	await (
		await lock()
	)();
});

test.each<[string, () => Record<string, unknown>]>([
	['a process that is gone', () => ({ pid: 999_999_999, token: 'dead' })],
	['a number that another process has now', () => ({ pid: sleeper.pid, token: 'dead' })],
	[
		'a container with the very same numbers, which is gone',
		() => ({ machine: 'c', token: 'dead' }),
	],
])('what is left by %s is no hindrance', async (_, changes) => {
	await leave(changes());
	const letGo = await lock();
	expect(holder()).toMatchObject({ pid: process.pid });
	await letGo();
});

describe('what nobody gets past is told, and stays', () => {
	const advice = () =>
		`If no other run is at work in ${directory}, remove it; else wait for that run, or choose another --output_dir.`;

	test.each<[string, (place: string) => void, string]>([
		['a link that leads nowhere', (place) => symlinkSync('nowhere', place), 'ENOENT'],
		['a folder', (place) => mkdirSync(place), 'EISDIR'],
	])('%s in the place of a lock', async (_, put, code) => {
		for (const name of ['.gemini-t2i.lock', '.gemini-t2i.node0of2.lock']) {
			put(join(directory, name));
			await expect(lock()).rejects.toThrow(
				`${join(directory, name)} cannot be read (${code}). ${advice()}`,
			);
			expect(readdirSync(directory)).toEqual([name]);
			rmSync(join(directory, name), { recursive: true });
		}
	});

	test('a lock that may not be removed', async () => {
		await leave({ pid: 999_999_999, token: 'dead' });
		const refusal = Object.assign(new Error('not permitted'), { code: 'EPERM' });
		const rename = jest.spyOn(files, 'rename').mockRejectedValue(refusal);
		await expect(lock()).rejects.toThrow(`${path()} cannot be removed (EPERM). ${advice()}`);
		rename.mockRestore();
		expect(readdirSync(directory)).toEqual(['.gemini-t2i.lock']);
	});
});

test('a run on another computer is known by its beats, whatever its clock says', async () => {
	await leave({ machine: 'another', host: 'elsewhere', pid: 7, token: 'alive' });
	const beating = setInterval(() => {
		writeFileSync(path(), JSON.stringify({ ...holder(), beat: Date.now() }));
	}, 300);
	await expect(lock()).rejects.toThrow(/process 7 on elsewhere\) is at work/);
	clearInterval(beating);
});

test('one whose directory was taken over is told', async () => {
	let lost = 0;
	const letGo = await lockDirectory(directory, '', () => (lost += 1));
	writeFileSync(path(), JSON.stringify({ ...holder(), token: 'another' }));
	while (lost === 0) await new Promise((tick) => setTimeout(tick, 50));
	await letGo();
	expect(holder()).toMatchObject({ token: 'another' });
	expect(lost).toBe(1);
});

test.each<[string, string, boolean]>([
	['node0of2', 'node1of2', true],
	['node0of2', 'node0of2', false],
	['node0of2', 'node1of3', false],
	['node0of2', '', false],
	['', 'node0of2', false],
])('%j and %j share a list: %s', async (first, second, permitted) => {
	const letGo = await lock(first);
	const other = lock(second);
	if (permitted) await (await other)();
	else await expect(other).rejects.toThrow(/at work/);
	await letGo();
	expect(readdirSync(directory)).toEqual([]);
});

test('of ten that come at once to what a dead one left, one gets it', async () => {
	await leave({ pid: 999_999_999, token: 'dead' });
	const ends = await Promise.allSettled(Array.from({ length: 10 }, () => lock()));
	const winners = ends.filter((end) => end.status === 'fulfilled');
	expect(winners).toHaveLength(1);
	await winners[0]?.value();
});
