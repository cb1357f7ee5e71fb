import { connectGemini } from '../src/call/gemini';
import { SHORTEST_KEY } from '../src/call/secrets';
import { createBudget } from '../src/pool/budget';
import { createRegistry } from '../src/pool/registry';
import type { JoinOptions } from '../src/pool/terms';
import { parsePoolSettings } from '../src/settings/parse';
import { SettingsInvalid, type PoolSettings } from '../src/settings/settings';
import { systemClock, systemHost } from '../src/system';
import type { Arguments } from './arguments';
import { checkKeys, tellModels } from './ask';
import { rehearsalInWords, rehearse } from './dryRun';
import type { Environment } from './environment';
import { openHttpClient } from './httpClient';
import { UsageInvalid } from './input';
import { planImages } from './plan';
import { joinInBatch } from './inBatch';
import { asOutputInvalid, runInDirectory, type Join, type RunOptions, type Terminal } from './run';
import { takeShare } from './share';

/** What sentences of core speak of, by the names that its user knows. */
const NAMES = {
	apiKeys: 'API keys (DG_GEMINI_API_KEYS)',
	baseUrl: 'Base URL (DG_GEMINI_BASE_URL)',
	apiVersion: 'API version (DG_GEMINI_API_VERSION)',
	rateLimit: 'DG_GEMINI_RATE_LIMIT',
	weight: 'weight (DG_GEMINI_WEIGHTS)',
	rateLimitScope: '--rate_limit_scope',
	maxConcurrentRequests: '--max_global_workers',
	timeout: '--timeout',
	maxCost: '--max_cost',
	stopStartingAfter: 'the time of --stop_starting_after',
	ticket: 'its ticket in metadata.jsonl',
	submitAgain: '--no_resume',
	comeBack: 'It is asked for again.',
} as const;

/** How images are drawn: by option, else by variable, else as the tool does that this one continues. */
const readTerms = (options: Arguments, environment: Environment) =>
	({
		concurrency: options.max_global_workers ?? environment.maxWorkers ?? 16,
		timeoutMs: 1000 * (options.timeout ?? environment.timeoutSeconds ?? 300),
		maxRetries: options.api_max_retries ?? environment.maxRetries ?? 0,
		retryDelayMs: 1000 * (options.retry_delay ?? environment.retryDelaySeconds ?? 1),
		stopStartingAt:
			options.stop_starting_after === undefined
				? null
				: systemClock.now() + 60_000 * options.stop_starting_after,
		budget: options.max_cost === undefined ? null : createBudget(options.max_cost),
		names: NAMES,
	}) satisfies Partial<JoinOptions>;

const parseSettings = (
	{ endpoints, rateLimitScope }: Environment,
	maxConcurrentRequests: number,
	scope: Arguments['rate_limit_scope'],
): PoolSettings => {
	try {
		return parsePoolSettings(
			{ endpoints, maxConcurrentRequests, rateLimitScope: scope ?? rateLimitScope },
			NAMES,
		);
	} catch (reason) {
		if (!(reason instanceof SettingsInvalid)) throw reason;
		throw new UsageInvalid(
			`${reason.message}\nEndpoint 1 is the first entry of DG_GEMINI_ENDPOINTS (or DG_GEMINI_BASE_URL), its keys come from DG_GEMINI_API_KEYS (or GEMINI_API_KEY).`,
		);
	}
};

/** A key among the arguments would be sent, written down and shown to whoever lists processes. It is not repeated. */
const refuseKeys = (options: Arguments, { endpoints }: PoolSettings): void => {
	const keys = endpoints.flatMap((each) => each.keys).filter((key) => key.length >= SHORTEST_KEY);
	for (const [name, value] of Object.entries(options)) {
		const text = JSON.stringify(value) ?? '';
		if (!keys.some((key) => text.includes(key)) && !/\bAIza[\w-]{35}/.test(text)) continue;
		throw new UsageInvalid(
			`--${name} holds an API key. Keys belong into GEMINI_API_KEY or DG_GEMINI_API_KEYS.`,
		);
	}
};

const readRun = (options: Arguments): RunOptions => {
	if (options.output_dir.trim() === '') {
		throw new UsageInvalid(
			'--output_dir is empty. Name a directory, or leave it out for ./output.',
		);
	}
	return {
		directory: options.output_dir,
		json: options.json === true,
		batch: options.batch === true,
		redraw: options.no_resume === true,
		skipRefused: options.skip_refused === true,
	};
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
	const settings = parseSettings(environment, terms.concurrency, options.rate_limit_scope);
	refuseKeys(options, settings);
	const run = readRun(options);
	const http = openHttpClient(environment.proxies);
	const host = { ...systemHost(terminal.stopping.breakOff), fetch: http.fetch };
	try {
		const asking = { ...host, ...systemClock, patienceMs: Math.min(terms.timeoutMs, 20_000) };
		if (options.check) return await checkKeys(settings, asking, NAMES, run.json, terminal.stdout);
		if (options.list_models) return await tellModels(settings, asking, run.json, terminal.stdout);
		const readsStdin = options.prompt === '-' || (options.prompts_file ?? options.input) === '-';
		const stdin = readsStdin ? await terminal.readStdin() : null;
		const list = planImages(options, environment.aspectRatio, { stdin, fetch: http.fetch });
		const share = takeShare(list, options);
		if (options.without_meaning !== undefined) {
			terminal.stderr.write(
				`Taken and without meaning for this backend: ${options.without_meaning.join(', ')}.\n`,
			);
		}
		if (options.dry_run) {
			const found = await rehearse(list, share, run).catch(asOutputInvalid(run.directory));
			terminal.stdout.write(`${run.json ? JSON.stringify(found) : rehearsalInWords(found)}\n`);
			return 0;
		}
		const pool = createRegistry(systemClock, connectGemini).open('gemini-t2i', settings);
		const isAttended = terminal.stderr.isTTY === true;
		if (run.batch && list.some(({ inputs }) => inputs.length > 0)) {
			throw new UsageInvalid(
				'--batch makes images from prompts alone. Leave it out for images to work from.',
			);
		}
		const join: Join = (around) =>
			run.batch
				? joinInBatch({ ...terms, ...around, host, settings, redraw: run.redraw })
				: pool.join({ ...host, ...terms, isAttended });
		return await runInDirectory(list, share, run, { pool, join }, terminal);
	} finally {
		await http.close();
	}
};
