import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { planImages } from '../../../core/cli/plan';
import { runInDirectory } from '../../../core/cli/run';
import { createStopping } from '../../../core/cli/stopping';
import { connectGemini } from '../../../core/src/call/gemini';
import { createRegistry } from '../../../core/src/pool/registry';
import { parsePoolSettings } from '../../../core/src/settings/parse';
import { systemClock, systemHost } from '../../../core/src/system';

// Files and streams go on; only what would come back later is counted.
const goingOn = ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] as const;
beforeEach(() => jest.useFakeTimers({ doNotFake: [...goingOn] }));
afterEach(() => jest.useRealTimers());

test('a run that cannot join the pool leaves no bar and no lock behind', async () => {
	const directory = mkdtempSync(join(tmpdir(), 'gemini-t2i-'));
	const settings = parsePoolSettings({ endpoints: [{ name: 'Endpoint 1', apiKeys: 'k' }] });
	const pool = createRegistry(systemClock, connectGemini).open('test', settings);
	const wanted = planImages(
		{ prompt: 'a', output_dir: directory, num_images_per_prompt: 1 },
		null,
		{ stdin: null, fetch },
	);
	const terminal = {
		stdout: Object.assign(new PassThrough(), { isTTY: true }),
		stderr: Object.assign(new PassThrough(), { isTTY: true }),
		stopping: createStopping({ exit: () => {}, programWaitsMs: () => 0 }),
		readStdin: async () => Buffer.alloc(0),
	};
	const joinInVain = () =>
		pool.join({
			...systemHost(new AbortController().signal),
			concurrency: 1,
			timeoutMs: 0.1,
			maxRetries: 0,
			retryDelayMs: 0,
			stopStartingAt: null,
			budget: null,
		});
	const running = runInDirectory(
		wanted,
		{ wanted, name: '' },
		{ directory, json: false, batch: false, redraw: false, skipRefused: false },
		{ pool, join: joinInVain },
		terminal,
	);
	await expect(running).rejects.toThrow('timeoutMs must be at least 1');
	expect(jest.getTimerCount()).toBe(0);
	expect(readdirSync(directory)).toEqual(['metadata.jsonl']);
	rmSync(directory, { recursive: true });
});
