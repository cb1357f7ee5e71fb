import { isBlank } from './fields';
import { SettingsInvalid } from './invalid';

const GOOGLE_BASE_URL = 'https://generativelanguage.googleapis.com';

/** Where image models and most proxies are found; the SDK's own default, `v1`, lacks them. */
const DEFAULT_API_VERSION = 'v1beta';

const VERSION = /^v\d+(?:(?:alpha|beta)\d*)?$/;

interface Address {
	readonly baseUrl: string;
	readonly apiVersion: string;
}

const parseUrl = (value: unknown, endpoint: string): URL => {
	const refuse = (advice: string) => new SettingsInvalid(`${endpoint}: ${advice}`);
	const typed = String(value).trim();
	if (!/^https?:\/\//i.test(typed) || !URL.canParse(typed)) {
		throw refuse('its Base URL must be a full address, such as https://gemini.example.com');
	}
	const url = new URL(typed);
	if (url.username !== '' || url.password !== '') {
		throw refuse(
			'take the user name and password out of its Base URL; the key belongs in API Keys.',
		);
	}
	// A lone `?` or `#` leaves `search` and `hash` empty and would still spoil the address.
	if (/[?#]/.test(typed)) {
		throw refuse('end its Base URL before the "?" or "#"; a key in it belongs in API Keys.');
	}
	return url;
};

const parseVersion = (value: unknown, endpoint: string): string | null => {
	const version = isBlank(value) ? 'auto' : String(value).trim();
	if (version === 'auto') return null;
	if (VERSION.test(version)) return version;
	throw new SettingsInvalid(`${endpoint}: its API Version must be auto, v1beta, v1 or v1alpha.`);
};

/**
 * Takes the version off the end of a base URL, so that it never appears twice. The version chosen in the form
 * wins over the address's, and that over the default.
 */
export const parseAddress = (baseUrl: unknown, apiVersion: unknown, endpoint: string): Address => {
	const chosen = parseVersion(apiVersion, endpoint);
	const url = parseUrl(isBlank(baseUrl) ? GOOGLE_BASE_URL : baseUrl, endpoint);
	const path = url.pathname.split('/').filter((segment) => segment !== '');
	if (path.includes('models') || path.at(-1) === 'openai') {
		throw new SettingsInvalid(
			`${endpoint}: end its Base URL before "/models" or "/openai"; the node adds the rest itself.`,
		);
	}
	const found = VERSION.test(path.at(-1) ?? '') ? path.pop() : undefined;
	return {
		baseUrl: [url.origin, ...path].join('/'),
		apiVersion: chosen ?? found ?? DEFAULT_API_VERSION,
	};
};
