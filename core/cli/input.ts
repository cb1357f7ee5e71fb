import { toNumber } from '../src/settings/fields';

/** What was asked for cannot be done as it stands: one or more sentences that say what to change. Exit code 2. */
export class UsageInvalid extends Error {
	override readonly name = 'UsageInvalid';
}

/** The variables of the process, handed over by `main`; nothing else in core sees them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A variable's text; null where it is unset or blank. */
export const readText = (variables: Variables, name: string): string | null =>
	variables[name]?.trim() || null;

/** What a number must be, in words and as a test. */
export interface Bounds {
	readonly words: string;
	accepts(number: number): boolean;
}

export const wholeFrom = (minimum: number): Bounds => ({
	words: `a whole number of ${minimum} or more`,
	accepts: (number) => Number.isSafeInteger(number) && number >= minimum,
});

export const notNegative: Bounds = {
	words: 'a number of 0 or more',
	accepts: (number) => number >= 0,
};

/** More than anyone means to ask of one prompt. */
const MOST_IMAGES = 1000;

export const imagesPerPrompt: Bounds = {
	words: `a whole number from 1 to ${MOST_IMAGES}`,
	accepts: (number) => wholeFrom(1).accepts(number) && number <= MOST_IMAGES,
};

/** A year of them. */
export const minutes: Bounds = {
	words: 'a number of minutes above 0',
	accepts: (number) => number > 0 && number <= 525_600,
};

/** More than anyone means to wait for the last calls of a run that is asked to end. */
export const waitSeconds: Bounds = {
	words: 'a number of seconds from 0 to 3600',
	accepts: (number) => number >= 0 && number <= 3600,
};

/** A timer takes at most 2^31 - 1 ms and fires at once beyond that; a day is far below. */
const DAY_SECONDS = 86_400;
/** No timer takes less than a millisecond. */
const LEAST_SECONDS = 0.001;

export const attemptSeconds: Bounds = {
	words: `a number of seconds from ${LEAST_SECONDS} up to ${DAY_SECONDS} (a day)`,
	accepts: (number) => number >= LEAST_SECONDS && number <= DAY_SECONDS,
};

/**
 * `place` names what holds the text, as its user knows it: `--timeout`, `DG_GEMINI_TIMEOUT`. Throws `UsageInvalid`,
 * which does not repeat the text: a key may have slipped into the wrong variable.
 */
export const numberOf = (text: string, place: string, rule: Bounds): number => {
	const number = toNumber(text, rule.accepts);
	if (number !== null) return number;
	throw new UsageInvalid(`${place} must be ${rule.words}.`);
};
