import { connectGemini } from '../src/call/gemini';
import type { JoinOptions } from '../src/pool/terms';
import { createRegistry } from '../src/pool/registry';
import type { PoolSettings } from '../src/settings/settings';
import { SettingsInvalid } from '../src/settings/invalid';
import { parsePoolSettings } from '../src/settings/parse';
import { systemClock, systemHost } from '../src/system';
import type { Arguments } from './arguments';
import { drawAll } from './drawAll';
import type { Environment } from './environment';
import { keepToOneRun } from './files';
import { openHttpClient } from './httpClient';
import { openOutput } from './output';
import { planImages } from './plan';
import { openReport, type Stream } from './report';
import { openTally } from './tally';
import { UsageInvalid } from './input';

/** What the process lends to a run. */
export interface Terminal {
	readonly stdout: Stream;
	readonly stderr: Stream;
	/** Aborted by Ctrl-C. */
	readonly stop: AbortController;
}

/**
 * So many times more requests than workers wait in the pool: a request that rests before a retry, or whose model
 * has no lane just now, then keeps no worker idle. The rest are not begun, so that a refusal spares its siblings.
 */
const AHEAD = 4;

/** How images are drawn: by option, else by variable, else as the tool does that this one continues. */
const readTerms = (options: Arguments, environment: Environment) =>
	({
		concurrency: options.max_global_workers ?? environment.maxWorkers ?? 16,
		timeoutMs: 1000 * (options.timeout ?? environment.timeoutSeconds ?? 300),
		maxRetries: options.api_max_retries ?? environment.maxRetries ?? 0,
		retryDelayMs: 1000 * (options.retry_delay ?? environment.retryDelaySeconds ?? 1),
		stopStartingAt: null,
		budget: null,
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
 * Runs one command line to its end and answers with the exit code. Rejects with `UsageInvalid` before any call. What
 * else ends a run early, be it Ctrl-C or a full disk, is the reason of `stop`.
 */
export const runCommand = async (
	options: Arguments,
	environment: Environment,
	{ stdout, stderr, stop }: Terminal,
): Promise<number> => {
	const terms = readTerms(options, environment);
	const settings = parseSettings(environment, terms.concurrency);
	const wanted = planImages(options, environment.aspectRatio);
	const directory = options.output_dir;
	const output = await openOutput(directory, wanted);
	const letGo = await keepToOneRun(directory);
	const http = openHttpClient(environment.proxies);
	const tally = openTally(wanted.length, () => systemClock.now());
	const report = openReport({ stdout, stderr, json: options.json === true, tally, directory });
	const pool = createRegistry(systemClock, connectGemini).open('gemini-t2i', settings);
	const tenant = pool.join({
		...systemHost(stop.signal),
		fetch: http.fetch,
		...terms,
	});
	try {
		await drawAll(wanted, {
			tenant,
			output,
			resume: options.no_resume !== true,
			ahead: terms.concurrency * AHEAD,
			stop,
			settled: (entry, { stem }) => {
				tally.add(entry);
				if (entry.status !== 'skipped') output.note(entry);
				report.settled(entry, stem);
			},
			time: () => new Date(systemClock.wallClock()).toISOString(),
		});
	} finally {
		tenant.leave();
		report.close(pool.status());
		await http.close();
		await letGo();
	}
	const { refused, failed, open } = tally.standing();
	return refused + failed + open === 0 ? 0 : 1;
};
