import { SettingsInvalid } from './invalid';

/** A field left empty, missing from a saved credential, or emptied by an expression. */
export const isBlank = (value: unknown): boolean =>
	value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** A number as typed, or as an expression gave it (`"60"`); `fallback` where the field is blank. */
const toNumber = (value: unknown, fallback: number): number => {
	if (isBlank(value)) return fallback;
	return typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
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

/** Reads a number as typed, or as an expression gave it. Throws `SettingsInvalid` with a sentence that names the field. */
export const parseNumber = (value: unknown, rule: NumberRule): number => {
	const number = toNumber(value, rule.fallback);
	const fits =
		Number.isFinite(number) &&
		number >= rule.minimum &&
		(!rule.whole || Number.isSafeInteger(number));
	if (fits) return number;
	const kind = rule.whole ? 'a whole number' : 'a number';
	throw new SettingsInvalid(
		`${rule.label} must be ${kind} of ${rule.minimum} or more. ${rule.advice}`,
	);
};
