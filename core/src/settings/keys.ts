import type { Names } from '../names';
import { isBlank } from './fields';
import { SettingsInvalid } from './settings';

/** Google's keys: 39 characters from `AIza`, or the newer ones from `AQ.`, whose only dot is that one. */
const CLASSIC_START = 'AIza';
const CLASSIC_LENGTH = 39;
const NEWER_START = 'AQ.';

/** How keys of other kinds begin, where they begin in a telling way: `sk-`, `key_`. */
const OTHER_START = /^[A-Za-z]+[-_]/;
const SHORTEST_OTHER = 16;

/** Longer than any key or token in use; far below what a header may hold. */
const LONGEST = 4096;

/**
 * Whether a text without separators is more than one key. Keys of other kinds are told apart only where the
 * text falls into two or three equally long parts that begin alike: no working key may be refused for its looks.
 */
const isPastedTogether = (text: string): boolean => {
	if (text.includes(CLASSIC_START, 1)) return true;
	if (text.startsWith(CLASSIC_START) && text.startsWith(NEWER_START, CLASSIC_LENGTH)) return true;
	if (text.startsWith(NEWER_START) && text.includes(NEWER_START, 1)) return true;
	const start = OTHER_START.exec(text)?.[0];
	return start !== undefined && (repeats(text, start, 2) || repeats(text, start, 3));
};

const repeats = (text: string, start: string, parts: number): boolean => {
	const length = text.length / parts;
	if (!Number.isInteger(length) || length < SHORTEST_OTHER) return false;
	const begins = Array.from({ length: parts }, (_, part) => part * length);
	return begins.every((begin) => text.startsWith(start, begin));
};

/** What gets pasted with a key from a file or from the documentation of an API, and is none of it. */
const HABITS: readonly { readonly looks: RegExp; readonly told: string }[] = [
	{
		looks: /^["'`]|["'`]$/,
		told: 'stands in quotation marks. Paste it without them.',
	},
	{
		looks: /^(?:bearer|authorization:?|x-(?:goog-)?api-key:?)$/i,
		told: 'is the beginning of an HTTP header. Paste only the key that follows it.',
	},
	{
		looks: /^[A-Za-z_]*api_?key[:=]/i,
		told: 'begins with the name of a variable. Paste only what follows it.',
	},
];

/** Distinct keys in the order they stand. White space, commas and semicolons separate. */
export const parseKeys = (
	value: unknown,
	endpoint: string,
	{ apiKeys }: Names,
): readonly [string, ...string[]] => {
	if (!isBlank(value) && typeof value !== 'string') {
		throw new SettingsInvalid(`${endpoint}: ${apiKeys} must be text. Enter one key per line.`);
	}
	const texts = String(value ?? '').split(/[\s,;\u200b\u200c\u200d\u2060]+/);
	const [first, ...others] = new Set(texts.filter((text) => text !== ''));
	if (first === undefined) {
		throw new SettingsInvalid(
			`${endpoint} has no API key. Paste one into its ${apiKeys}, or remove this endpoint.`,
		);
	}
	const keys = [first, ...others] as const;
	keys.forEach((key, index) => {
		const place = `${endpoint}: key #${index + 1}`;
		const habit = HABITS.find(({ looks }) => looks.test(key));
		if (habit !== undefined) throw new SettingsInvalid(`${place} ${habit.told}`);
		if (!/^[\x21-\x7e]+$/.test(key)) {
			throw new SettingsInvalid(
				`${place} holds a character that API keys do not have. Copy the key again and paste it as plain text.`,
			);
		}
		if (key.length > LONGEST || isPastedTogether(key)) {
			throw new SettingsInvalid(
				`${place} looks like several keys without a separator. Put each key on its own line.`,
			);
		}
	});
	return keys;
};
