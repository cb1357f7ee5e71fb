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
	const start = (...more: string[]) =>
		cli.start(['--batch', '--prompts_file', 'prompts.txt', ...more], folder, {
			GEMINI_API_KEY: 'AIzaSyOnlyForTests-0123456789_abcdefgh1',
			DG_GEMINI_BASE_URL: emulator.url,
		});
	const lines = () =>
		readFileSync(join(folder, 'output/metadata.jsonl'), 'utf8')
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as { status: string; batch?: string });
	const files = () => readdirSync(join(folder, 'output')).filter((file) => file.endsWith('.png'));
	return { start, lines, files };
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
