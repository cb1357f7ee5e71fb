import { SettingsInvalid } from './settings';

/** A field left empty, missing from a saved credential, or emptied by an expression. */
export const isBlank = (value: unknown): boolean =>
	value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** A number as typed, or as an expression gave it (`"60"`); null where it is none, or not one that `accepts` takes. */
export const toNumber = (value: unknown, accepts: (number: number) => boolean): number | null => {
	if (isBlank(value) || (typeof value !== 'number' && typeof value !== 'string')) return null;
	const number = Number(value);
	return Number.isFinite(number) && accepts(number) ? number : null;
};

/** What a number must be. `label` names the field as the form does, with its endpoint: `Endpoint 1: Requests per Minute`. */
export interface NumberRule {
	readonly label: string;
	readonly fallback: number;
	readonly minimum: number;
	readonly whole: boolean;
	/** What to type instead: `0 means no limit`. */
	readonly advice: string;
}

/** The number of a field. Throws `SettingsInvalid` with a sentence that names the field. */
export const parseNumber = (value: unknown, rule: NumberRule): number => {
	const number = toNumber(
		isBlank(value) ? rule.fallback : value,
		(each) => each >= rule.minimum && (!rule.whole || Number.isSafeInteger(each)),
	);
	if (number !== null) return number;
	const kind = rule.whole ? 'a whole number' : 'a number';
	throw new SettingsInvalid(
		`${rule.label} must be ${kind} of ${rule.minimum} or more. ${rule.advice}`,
	);
};
