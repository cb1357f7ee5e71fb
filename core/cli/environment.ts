import type { EndpointInput } from '../src/settings/parse';
import {
	attemptSeconds,
	notNegative,
	numberOf,
	wholeFrom,
	type Bounds,
	readText,
	UsageInvalid,
	type Variables,
} from './input';
import { readProxies, type Proxies } from './httpClient';

/** What the environment says; null where it is silent. */
export interface Environment {
	readonly endpoints: readonly EndpointInput[];
	/** What a limit counts for; null: each endpoint. */
	readonly rateLimitScope: string | null;
	readonly aspectRatio: string | null;
	readonly timeoutSeconds: number | null;
	readonly maxRetries: number | null;
	readonly retryDelaySeconds: number | null;
	readonly maxWorkers: number | null;
	readonly proxies: Proxies;
}

const API_VERSIONS = ['v1', 'v1beta', 'v1alpha'];

/** The same by the names that other tools for Gemini know it by; the first that is set holds. */
const KEY_LISTS = ['DG_GEMINI_API_KEYS', 'GEMINI_API_KEYS'];
const KEYS = ['DG_GEMINI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'];
const BASE_URLS = ['DG_GEMINI_BASE_URL', 'GEMINI_BASE_URL', 'GOOGLE_GENAI_BASE_URL'];
const VERSIONS = ['DG_GEMINI_API_VERSION', 'GOOGLE_GENAI_API_VERSION'];

/** The name of the first that is set; the first of all where none is. */
const setOne = (variables: Variables, names: readonly string[]): string =>
	names.find((name) => readText(variables, name) !== null) ?? names[0]!;

/** A comma-separated variable; null where it is unset or blank. A comma at the end is a slip more often than an entry. */
const readList = (variables: Variables, name: string): readonly string[] | null => {
	const text = readText(variables, name);
	if (text === null) return null;
	const entries = text.split(',').map((entry) => entry.trim());
	if (entries.at(-1) !== '') return entries;
	const google = 'write https://generativelanguage.googleapis.com where you mean Google';
	const advice = name === 'DG_GEMINI_ENDPOINTS' ? `Remove it, or ${google}` : 'Remove it';
	throw new UsageInvalid(`${name} ends with a comma. ${advice}.`);
};

/** One text a key set: `k1|k2` gives an endpoint several. */
const readKeySets = (variables: Variables): readonly string[] => {
	const list = setOne(variables, KEY_LISTS);
	const sets = readList(variables, list);
	if (sets !== null) {
		const empty = sets.findIndex((set) => set.split('|').some((key) => key.trim() === ''));
		if (empty === -1) return sets;
		throw new UsageInvalid(
			`${list}: entry ${empty + 1} lacks a key. Write key1,key2 with "|" only between two keys of one endpoint.`,
		);
	}
	const name = setOne(variables, KEYS);
	const single = readText(variables, name);
	if (single === null) {
		throw new UsageInvalid(
			'There is no API key yet. Set GEMINI_API_KEY, or DG_GEMINI_API_KEYS for several keys.',
		);
	}
	if (/[\s,;|]/.test(single)) {
		throw new UsageInvalid(
			`${name} holds more than one key. Put several keys into DG_GEMINI_API_KEYS, comma-separated.`,
		);
	}
	return [single];
};

/**
 * One key set for each URL: paired one to one, one for all, or all for one. Any other count is refused, since a
 * guess could send a key to an endpoint that must not see it.
 */
const pairKeys = (urls: readonly string[], sets: readonly string[]): readonly string[] => {
	if (sets.length === urls.length) return sets;
	if (urls.length === 1) return [sets.join('|')];
	const [only, ...others] = sets;
	// Two keys for all were one too many: whoever meant "one each" would send a key to a foreign address.
	if (others.length === 0 && !/[\s;|]/.test(only!)) return urls.map(() => only!);
	throw new UsageInvalid(
		`DG_GEMINI_API_KEYS has ${sets.length} entries and DG_GEMINI_ENDPOINTS has ${urls.length}. Give one entry for each endpoint, in the same order (key1|key2 where an endpoint has several keys), or a single key for all.`,
	);
};

/** The entries of a list of numbers, one an endpoint; null where the list has none for it. */
const readNumbers = (
	variables: Variables,
	name: string,
	count: number,
	read: (text: string, place: string) => number,
): readonly (number | null)[] => {
	const entries = readList(variables, name) ?? [];
	if (entries.length > count) {
		const endpoints = count === 1 ? 'one endpoint' : `${count} endpoints`;
		throw new UsageInvalid(
			`${name} has ${entries.length} entries for ${endpoints}. Give at most one for each.`,
		);
	}
	return Array.from({ length: count }, (_, index) => {
		const entry = entries[index] ?? '';
		return entry === '' ? null : read(entry, `${name}: entry ${index + 1}`);
	});
};

const readApiVersion = (variables: Variables): string | null => {
	const name = setOne(variables, VERSIONS);
	const version = readText(variables, name);
	if (version === null || API_VERSIONS.includes(version)) return version;
	throw new UsageInvalid(`${name} must be ${API_VERSIONS.join(', ')} or unset.`);
};

const limit = (text: string, place: string) => numberOf(text, place, wholeFrom(0));
const weight = (text: string, place: string) => numberOf(text, place, notNegative);

/** The endpoints that the environment describes, as typed; `Endpoint 1` is the first entry. Throws `UsageInvalid`. */
const readEndpoints = (variables: Variables): readonly EndpointInput[] => {
	const urls = readList(variables, 'DG_GEMINI_ENDPOINTS') ?? [
		readText(variables, setOne(variables, BASE_URLS)) ?? '',
	];
	const keySets = pairKeys(urls, readKeySets(variables));
	const limits = readNumbers(variables, 'DG_GEMINI_RATE_LIMITS', urls.length, limit);
	const weights = readNumbers(variables, 'DG_GEMINI_WEIGHTS', urls.length, weight);
	if (weights.every((each) => each === 0)) {
		throw new UsageInvalid(
			'DG_GEMINI_WEIGHTS gives every endpoint 0, so none would be used. Give at least one of them 1.',
		);
	}
	const commonText = readText(variables, 'DG_GEMINI_RATE_LIMIT');
	const commonLimit = commonText === null ? null : limit(commonText, 'DG_GEMINI_RATE_LIMIT');
	const apiVersion = readApiVersion(variables);
	return urls.map((baseUrl, index) => ({
		name: `Endpoint ${index + 1}`,
		apiKeys: keySets[index]?.replaceAll('|', '\n'),
		baseUrl,
		rateLimit: limits[index] ?? commonLimit,
		weight: weights[index],
		apiVersion,
	}));
};

const readNumber = (variables: Variables, name: string, rule: Bounds): number | null => {
	const text = readText(variables, name);
	return text === null ? null : numberOf(text, name, rule);
};

/** Reads every variable of the command line tool this one continues, and those of proxies. Throws `UsageInvalid`. */
export const readEnvironment = (variables: Variables): Environment => ({
	endpoints: readEndpoints(variables),
	rateLimitScope: readText(variables, 'DG_GEMINI_RATE_LIMIT_SCOPE'),
	aspectRatio: readText(variables, 'DG_GEMINI_ASPECT_RATIO'),
	timeoutSeconds: readNumber(variables, 'DG_GEMINI_TIMEOUT', attemptSeconds),
	maxRetries: readNumber(variables, 'DG_GEMINI_MAX_RETRIES', wholeFrom(0)),
	retryDelaySeconds: readNumber(variables, 'DG_GEMINI_RETRY_DELAY', notNegative),
	maxWorkers: readNumber(variables, 'DG_GEMINI_MAX_WORKERS', wholeFrom(1)),
	proxies: readProxies(variables),
});
