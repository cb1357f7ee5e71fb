import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator, type Emulator } from '../../support/emulator/emulator';
import { buildCommandLine, type CommandLine } from './commandLine';

let cli: CommandLine;
let emulator: Emulator;
beforeAll(async () => {
	cli = await buildCommandLine();
	emulator = await startEmulator({ imageSizePx: 32 });
}, 60_000);
afterAll(async () => {
	await cli?.remove();
	await emulator?.close();
});
afterEach(() => emulator.faults.clear());

const HOUR_MS = 60 * 60_000;
const created = () => emulator.requests.filter(({ action }) => action === 'batchCreate').length;

async function folderOf(prompts: readonly string[]) {
	const folder = await cli.folder();
	writeFileSync(join(folder, 'prompts.txt'), prompts.join('\n'));
	const run = (args: readonly string[], fileKilobytes?: number) =>
		cli.start(
			['--prompts_file', 'prompts.txt', ...args],
			folder,
			{
				GEMINI_API_KEY: 'AIzaSyOnlyForTests-0123456789_abcdefgh1',
				DG_GEMINI_BASE_URL: emulator.url,
			},
			fileKilobytes,
		);
	const start = (...more: string[]) => run(['--batch', ...more]);
	/** Hands in what can be, and is stopped while it waits. */
	const handIn = async (...more: string[]) => {
		const running = start(...more);
		await until(running, /Asked again/);
		running.child.kill('SIGINT');
		return await running.ended;
	};
	const lines = () =>
		readFileSync(join(folder, 'output/metadata.jsonl'), 'utf8')
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as { status: string; batch?: string });
	const files = () => readdirSync(join(folder, 'output')).filter((file) => file.endsWith('.png'));
	return { run, start, handIn, lines, files };
}

const until = async (running: ReturnType<CommandLine['start']>, words: RegExp) => {
	let text = '';
	running.child.stderr!.on('data', (more: string) => (text += more));
	while (!words.test(text)) await new Promise((resolve) => setTimeout(resolve, 10));
};

test('Ctrl-C keeps the tickets, and the same command goes on collecting', async () => {
	const before = created();
	const { start, lines, files } = await folderOf(Array.from({ length: 25 }, (_, n) => `cat ${n}`));
	const first = start();
	await until(first, /25 images in batch, not ready yet/);
	first.child.kill('SIGINT');
	expect((await first.ended).code).toBe(1);
	expect(lines().filter(({ status }) => status === 'pending')).toHaveLength(25);
	expect(created() - before).toBe(2);

	emulator.batches.turn(HOUR_MS);
	const second = await start().ended;
	expect([second.code, second.stderr]).toEqual([0, '']);
	expect(second.stdout).toMatch(/25 made.*about \$0\.42/s);
	expect(files()).toHaveLength(25);
	expect(created() - before).toBe(2);
});

test('what Google could not make is told, and only that is handed in again', async () => {
	const { start, lines } = await folderOf(['dog 1', 'dog 2 [refuse]', 'dog 3 [500]']);
	const first = start();
	await until(first, /not ready yet/);
	first.child.kill('SIGINT');
	await first.ended;
	emulator.batches.turn(HOUR_MS);
	const second = await start().ended;
	expect(second.code).toBe(1);
	expect(second.stderr).toMatch(/refused \(IMAGE_SAFETY\)/);
	expect(second.stderr).toMatch(/failed \(serverFault\)/);
	expect(lines().filter(({ status }) => status === 'collected')).toHaveLength(3);
});

test('--max_cost counts half of the price; images to work from are not taken', async () => {
	const { start } = await folderOf(['owl 1', 'owl 2', 'owl 3']);
	const first = start('--max_cost', '0.04');
	await until(first, /2 images in batch/);
	first.child.kill('SIGINT');
	expect((await first.ended).code).toBe(1);
	const edit = await start('--input_image', 'photo.png').ended;
	expect(edit.code).toBe(2);
});

test('Ctrl-C while batches are handed in hands in nothing further', async () => {
	const before = created();
	emulator.faults.add({ match: { action: 'batchCreate' }, reply: { delayMs: 500 } });
	const { start } = await folderOf(Array.from({ length: 45 }, (_, n) => `hen ${n}`));
	const running = start();
	while (created() === before) await new Promise((resolve) => setTimeout(resolve, 10));
	running.child.kill('SIGINT');
	const { stdout } = await running.ended;
	expect(created() - before).toBe(1);
	expect(stdout).toMatch(/0 made, 20 in a batch, 25 not started/);
	expect(stdout).toMatch(/20 images in a batch at Google, to be paid for all the same/);
});

test('what is in a batch is told, and nowhere counted as to be paid once more', async () => {
	const { run, handIn } = await folderOf(['fox 1', 'fox 2']);
	await handIn();
	const rehearsed = await run(['--batch', '--dry_run']).ended;
	expect(rehearsed.stdout).toMatch(/^2 images asked for: 0 would be made for about \$0\.00/);
	expect(rehearsed.stdout).toMatch(/^2 images in a batch already/m);
	const { stderr } = await run([]).ended;
	expect(stderr).toMatch(/^2 images in a batch already.*--batch collects them/);
});

test('what no batch takes just now is not told to be in one', async () => {
	emulator.faults.add({
		match: { action: 'batchCreate' },
		reply: { fixture: 'throttled-bare.json' },
	});
	const { handIn } = await folderOf(['elk 1', 'elk 2']);
	const { stderr, stdout } = await handIn();
	expect(stderr).toMatch(
		/^2 images in no batch yet\. Not handed to Google yet\. Endpoint 1 #1: .*It is asked for again\. Asked again in 30 s/,
	);
	expect(stdout).toMatch(/0 made, 2 not started/);
});

test('a ticket is kept while no key may see its batch, and where the image could not be written', async () => {
	const before = created();
	const { run, start, handIn, files } = await folderOf(['yak [large]']);
	await handIn();
	emulator.batches.turn(HOUR_MS);
	for (const action of ['batchList', 'batchGet'] as const) {
		emulator.faults.add({ match: { action }, reply: { fixture: 'project-denied.json' } });
	}
	expect((await start().ended).stderr).toMatch(/failed \(batchOfOtherProject\)/);
	emulator.faults.clear();
	expect((await run(['--batch'], 1000).ended).stderr).toMatch(/failed \(notWritten\)/);
	expect((await start().ended).code).toBe(0);
	expect([files(), created() - before]).toEqual([['000000.png'], 1]);
});

test('--no_resume too goes on collecting what it has handed in', async () => {
	const before = created();
	const { start, handIn, files } = await folderOf(['ant']);
	for (const more of [[], ['--no_resume']]) {
		await handIn(...more);
		emulator.batches.turn(HOUR_MS);
		expect((await start(...more).ended).code).toBe(0);
	}
	expect([files(), created() - before]).toEqual([['000000.png'], 2]);
});

test('what a node has handed in is collected by whoever comes next', async () => {
	const before = created();
	const { start, handIn } = await folderOf(['bee 1', 'bee 2', 'bee 3', 'bee 4']);
	for (const rank of ['0', '1']) await handIn('--num_nodes', '2', '--node_rank', rank);
	const handedIn = created();
	emulator.batches.turn(HOUR_MS);
	expect((await start().ended).code).toBe(0);
	expect([handedIn - before, created()]).toEqual([2, handedIn]);
});
