import type { EndpointInput } from '../src/settings/parse';
import { readEndpoints } from './endpoints';
import {
	attemptSeconds,
	notNegative,
	parseNumber,
	wholeFrom,
	type NumberRule,
	readText,
	type Variables,
} from './input';
import { readProxies, type Proxies } from './httpClient';

/** What the environment says; null where it is silent. */
export interface Environment {
	readonly endpoints: readonly EndpointInput[];
	readonly aspectRatio: string | null;
	readonly timeoutSeconds: number | null;
	readonly maxRetries: number | null;
	readonly retryDelaySeconds: number | null;
	readonly maxWorkers: number | null;
	readonly proxies: Proxies;
}

const readNumber = (variables: Variables, name: string, rule: NumberRule): number | null => {
	const text = readText(variables, name);
	return text === null ? null : parseNumber(text, name, rule);
};

/** Reads every variable of the command line tool this one continues, and those of proxies. Throws `UsageInvalid`. */
export const readEnvironment = (variables: Variables): Environment => ({
	endpoints: readEndpoints(variables),
	aspectRatio: readText(variables, 'DG_GEMINI_ASPECT_RATIO'),
	timeoutSeconds: readNumber(variables, 'DG_GEMINI_TIMEOUT', attemptSeconds),
	maxRetries: readNumber(variables, 'DG_GEMINI_MAX_RETRIES', wholeFrom(0)),
	retryDelaySeconds: readNumber(variables, 'DG_GEMINI_RETRY_DELAY', notNegative),
	maxWorkers: readNumber(variables, 'DG_GEMINI_MAX_WORKERS', wholeFrom(1)),
	proxies: readProxies(variables),
});
