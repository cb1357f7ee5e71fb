import type { IExecuteFunctions } from 'n8n-workflow';
import {
	aboveZero,
	atLeastZero,
	booleanOf,
	optionsOf,
	positiveWhole,
	type Options,
} from './parameters';

/** What item 0 decides for the whole run. */
export interface RunOptions {
	readonly simplify: boolean;
	readonly isItemPerPrompt: boolean;
	readonly concurrency: number;
	readonly timeoutMs: number;
	readonly maxRetries: number;
	readonly retryDelayMs: number;
	/** US dollars; 0 is no limit. */
	readonly maxCostUsd: number;
	/** 0 is no limit. */
	readonly stopStartingAfterMs: number;
}

/** @throws SettingsInvalid or RequestInvalid with a sentence that names the option */
export const runOptionsOf = (context: IExecuteFunctions): RunOptions =>
	parseRunOptions(optionsOf(context, 0), context.getNodeParameter('simplify', 0, true));

const parseRunOptions = (options: Options, simplify: unknown): RunOptions => ({
	simplify: booleanOf(simplify, true),
	isItemPerPrompt: options.output === 'itemPerPrompt',
	concurrency: positiveWhole(options.concurrency, 'Images at Once', 16),
	timeoutMs: 1000 * aboveZero(options.timeout, 'Timeout (Seconds)', 300),
	maxRetries: Math.floor(atLeastZero(options.maxRetries, 'Retries per Image', 0)),
	retryDelayMs: 1000 * atLeastZero(options.retryDelay, 'Retry Delay (Seconds)', 1),
	maxCostUsd: atLeastZero(options.maxCost, 'Maximum Cost (USD)', 0),
	stopStartingAfterMs:
		60_000 * atLeastZero(options.stopStartingAfter, 'Stop Starting After (Minutes)', 0),
});

export const DEFAULT_RUN_OPTIONS = parseRunOptions({}, true);
