import { namesOf, type Names } from '../names';
import { SettingsInvalid, type EndpointSettings, type PoolSettings } from './settings';
import { parseKeys } from './keys';
import { isBlank, parseNumber } from './fields';
import { parseAddress } from './address';

/** One endpoint as typed. Any field may be missing or blank; numbers may be given as text. */
export interface EndpointInput {
	/** `Endpoint 1`: how sentences and lanes name it. */
	readonly name: string;
	/** Text: one key or several, separated by white space, commas or semicolons. The only field that is required. */
	readonly apiKeys?: unknown;
	/** Text: a full http(s) address; a version at its end is understood. Blank: Google. */
	readonly baseUrl?: unknown;
	/** Whole number of starts in any 60 s, 0 or blank: no limit. */
	readonly rateLimit?: unknown;
	/** Number, 0 or more: its share of the images (1). 0: only while no other endpoint can serve. */
	readonly weight?: unknown;
	/** `auto` (what the address ends with, else `v1beta`), `v1`, `v1beta` or `v1alpha`. */
	readonly apiVersion?: unknown;
}

/** A pool's configuration as typed. */
export interface SettingsInput {
	readonly endpoints: readonly EndpointInput[];
	/** Whether a rate limit counts for each `endpoint` (the default) or for each `key` on it. */
	readonly rateLimitScope?: unknown;
	/** Whole number of calls in flight, over all tenants of the pool (16). */
	readonly maxConcurrentRequests?: unknown;
	/** Whole number of processes that share these settings (1): each takes its share of the limits and the concurrency. */
	readonly processes?: unknown;
}

const parseEndpoint = (input: EndpointInput, names: Names): EndpointSettings => ({
	name: input.name,
	keys: parseKeys(input.apiKeys, input.name, names),
	...parseAddress(input.baseUrl, input.apiVersion, input.name, names),
	rateLimit: parseNumber(input.rateLimit, {
		label: `${input.name}: ${names.rateLimit}`,
		fallback: 0,
		minimum: 0,
		whole: true,
		advice: '0 means no limit.',
	}),
	weight: parseNumber(input.weight, {
		label: `${input.name}: ${names.weight}`,
		fallback: 1,
		minimum: 0,
		whole: false,
		advice: '0 keeps the endpoint on standby.',
	}),
});

/** The same key at the same address is one quota: counted twice, it would be overrun. */
const refuseSharedKeys = (endpoints: readonly EndpointSettings[]): void => {
	const seen = new Map<string, string>();
	for (const { name, baseUrl, apiVersion, keys } of endpoints) {
		for (const [index, key] of keys.entries()) {
			const lane = `${baseUrl}/${apiVersion} ${key}`;
			const earlier = seen.get(lane);
			if (earlier !== undefined) {
				throw new SettingsInvalid(
					`${name}: key #${index + 1} is already in ${earlier} with the same URL. Remove it from one of them.`,
				);
			}
			seen.set(lane, name);
		}
	}
};

const parseScope = (value: unknown, { rateLimitScope }: Names): PoolSettings['rateLimitScope'] => {
	const scope = isBlank(value) ? 'endpoint' : value;
	if (scope === 'endpoint' || scope === 'key') return scope;
	throw new SettingsInvalid(`${rateLimitScope} must be "endpoint" or "key".`);
};

/** Checks what a user typed and completes it with the defaults. Throws `SettingsInvalid`, in the host's words. */
export const parsePoolSettings = (input: SettingsInput, own?: Partial<Names>): PoolSettings => {
	const names = namesOf(own);
	const [first, ...others] = input.endpoints.map((each) => parseEndpoint(each, names));
	if (first === undefined) {
		throw new SettingsInvalid(`There is no endpoint yet. ${names.addEndpoint}`);
	}
	const endpoints = [first, ...others] as const;
	refuseSharedKeys(endpoints);
	if (endpoints.every(({ weight }) => weight === 0)) {
		const all = endpoints.map(({ name }) => name).join(', ');
		throw new SettingsInvalid(`${all}: every ${names.weight} is 0. Give at least one endpoint 1.`);
	}
	const maxConcurrentRequests = parseNumber(input.maxConcurrentRequests, {
		label: names.maxConcurrentRequests,
		fallback: 16,
		minimum: 1,
		whole: true,
		advice: '16 suits most accounts.',
	});
	const processes = parseNumber(input.processes, {
		label: names.processes,
		fallback: 1,
		minimum: 1,
		whole: true,
		advice: '1 is right unless several make images at the same moment.',
	});
	if (maxConcurrentRequests < processes) {
		throw new SettingsInvalid(
			`${names.maxConcurrentRequests} (${maxConcurrentRequests}) must be at least the number of ${names.processes} (${processes}), since each of them needs one. Raise the first or lower the second.`,
		);
	}
	return {
		endpoints,
		rateLimitScope: parseScope(input.rateLimitScope, names),
		maxConcurrentRequests,
		processes,
	};
};
