import { connectGemini } from '../src/call/gemini';
import { createBudget } from '../src/pool/budget';
import { createRegistry } from '../src/pool/registry';
import type { JoinOptions } from '../src/pool/terms';
import { SettingsInvalid } from '../src/settings/invalid';
import { parsePoolSettings } from '../src/settings/parse';
import type { PoolSettings } from '../src/settings/settings';
import { systemClock, systemHost } from '../src/system';
import type { Arguments } from './arguments';
import { rehearsalInWords, rehearse } from './dryRun';
import type { Environment } from './environment';
import { openHttpClient } from './httpClient';
import { UsageInvalid } from './input';
import { planImages } from './plan';
import { runInDirectory, type Terminal } from './run';

/** How images are drawn: by option, else by variable, else as the tool does that this one continues. */
const readTerms = (options: Arguments, environment: Environment) =>
	({
		concurrency: options.max_global_workers ?? environment.maxWorkers ?? 16,
		timeoutMs: 1000 * (options.timeout ?? environment.timeoutSeconds ?? 300),
		maxRetries: options.api_max_retries ?? environment.maxRetries ?? 0,
		retryDelayMs: 1000 * (options.retry_delay ?? environment.retryDelaySeconds ?? 1),
		stopStartingAt: null,
		budget: options.max_cost === undefined ? null : createBudget(options.max_cost),
	}) satisfies Partial<JoinOptions>;

const parseSettings = ({ endpoints }: Environment, workers: number): PoolSettings => {
	try {
		return parsePoolSettings({ endpoints, maxConcurrentRequests: workers });
	} catch (reason) {
		if (!(reason instanceof SettingsInvalid)) throw reason;
		throw new UsageInvalid(
			`${reason.message}\nEndpoint 1 is the first entry of DG_GEMINI_ENDPOINTS (or DG_GEMINI_BASE_URL), its keys come from DG_GEMINI_API_KEYS (or GEMINI_API_KEY).`,
		);
	}
};

/**
 * Runs one command line to its end and answers with the exit code. Rejects with `UsageInvalid` or `OutputInvalid` before
 * any call.
 */
export const runCommand = async (
	options: Arguments,
	environment: Environment,
	terminal: Terminal,
): Promise<number> => {
	const terms = readTerms(options, environment);
	const settings = parseSettings(environment, terms.concurrency);
	const wanted = planImages(options, environment.aspectRatio);
	const run = {
		directory: options.output_dir,
		json: options.json === true,
		redraw: options.no_resume === true,
		skipRefused: options.skip_refused === true,
	};
	if (options.dry_run) {
		const found = await rehearse(wanted, run);
		terminal.stdout.write(`${run.json ? JSON.stringify(found) : rehearsalInWords(found)}\n`);
		return 0;
	}
	const http = openHttpClient(environment.proxies);
	const pool = createRegistry(systemClock, connectGemini).open('gemini-t2i', settings);
	const host = { ...systemHost(terminal.stopping.breakOff), fetch: http.fetch };
	const join = () => pool.join({ ...host, ...terms });
	try {
		return await runInDirectory(wanted, run, { pool, join }, terminal);
	} finally {
		await http.close();
	}
};
