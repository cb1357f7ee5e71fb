import type { Names } from '../names';
import { isBlank } from './fields';
import { SettingsInvalid } from './settings';

const GOOGLE_BASE_URL = 'https://generativelanguage.googleapis.com';

/** Where image models and most proxies are found; the SDK's own default, `v1`, lacks them. */
const DEFAULT_API_VERSION = 'v1beta';

const VERSION = /^v\d+(?:(?:alpha|beta)\d*)?$/;

interface Address {
	readonly baseUrl: string;
	readonly apiVersion: string;
}

const parseUrl = (value: unknown, endpoint: string, { baseUrl, apiKeys }: Names): URL => {
	const refuse = (advice: string) => new SettingsInvalid(`${endpoint}: ${advice}`);
	const typed = String(value).trim();
	// An address is read as if these were not there, and a backslash as a slash: it would not be the one that is seen.
	if (/[\t\n\v\f\r\\]/.test(typed)) {
		throw refuse(
			`its ${baseUrl} holds ${typed.includes('\\') ? 'a backslash' : 'a tab or a line break'}. Type it on one line, with "/" between its parts.`,
		);
	}
	if (!/^https?:\/\//i.test(typed) || !URL.canParse(typed)) {
		throw refuse(`its ${baseUrl} must be a full address, such as https://gemini.example.com`);
	}
	const url = new URL(typed);
	if (url.username !== '' || url.password !== '') {
		throw refuse(
			`take the user name and password out of its ${baseUrl}; the key belongs in ${apiKeys}.`,
		);
	}
	// A lone `?` or `#` leaves `search` and `hash` empty and would still spoil the address.
	if (/[?#]/.test(typed)) {
		throw refuse(`end its ${baseUrl} before the "?" or "#"; a key in it belongs in ${apiKeys}.`);
	}
	return url;
};

const parseVersion = (value: unknown, endpoint: string, { apiVersion }: Names): string | null => {
	const version = isBlank(value) ? 'auto' : String(value).trim();
	if (version === 'auto') return null;
	if (VERSION.test(version)) return version;
	throw new SettingsInvalid(`${endpoint}: its ${apiVersion} must be auto, v1beta, v1 or v1alpha.`);
};

/**
 * Takes the version off the end of a base URL, so that it never appears twice. The version chosen in the form
 * wins over the address's, and that over the default.
 */
export const parseAddress = (
	baseUrl: unknown,
	apiVersion: unknown,
	endpoint: string,
	names: Names,
): Address => {
	const chosen = parseVersion(apiVersion, endpoint, names);
	const url = parseUrl(isBlank(baseUrl) ? GOOGLE_BASE_URL : baseUrl, endpoint, names);
	const path = url.pathname.split('/').filter((segment) => segment !== '');
	if (path.includes('models') || path.at(-1) === 'openai') {
		throw new SettingsInvalid(
			`${endpoint}: end its ${names.baseUrl} before "/models" or "/openai"; the rest is added to it.`,
		);
	}
	const found = VERSION.test(path.at(-1) ?? '') ? path.pop() : undefined;
	return {
		baseUrl: [url.origin, ...path].join('/'),
		apiVersion: chosen ?? found ?? DEFAULT_API_VERSION,
	};
};
