import { isBlank, parseNumber, RequestInvalid } from 'gemini-t2i/pool';
import { jsonParse, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

/** The collection of options as one item sees it; an option that was not added is missing. */
export type Options = Readonly<Record<string, unknown>>;

/** Each is read alone and when it is asked for: an expression that leads nowhere concerns nothing but its option. */
export const optionsOf = (context: IExecuteFunctions, item: number): Options =>
	new Proxy<Options>(
		{},
		{
			get: (_, name) =>
				typeof context.getNode().parameters.options === 'string'
					? (context.getNodeParameter('options', item) as IDataObject | null)?.[String(name)]
					: context.getNodeParameter(`options.${String(name)}`, item, null),
		},
	);

/** An expression may give anything where the form asks for text: a number, a date, a list, nothing at all. */
export function textOf(value: unknown, label: string): string {
	if (value === undefined || value === null || typeof value === 'boolean') return '';
	const text = typeof value === 'object' ? textOfObject(value) : String(value);
	if (text !== null && !text.includes(String({}))) return text;
	throw new RequestInvalid(`${label} is an object, and text is needed. Choose one of its fields.`);
}

/** Dates and lists say what they are; null for an object that does not. */
function textOfObject(value: object): string | null {
	try {
		const text = String(value);
		return /^\[object \w+\]$/.test(text) ? null : text;
	} catch {
		return null;
	}
}

/** Expressions often give `"false"`. */
export const booleanOf = (value: unknown, fallback: boolean): boolean => {
	if (isBlank(value)) return fallback;
	return typeof value === 'string' ? value.trim().toLowerCase() === 'true' : Boolean(value);
};

export const positiveWhole = (value: unknown, label: string, fallback: number): number =>
	parseNumber(value, { label, fallback, minimum: 1, whole: true, advice: `Usual is ${fallback}.` });

const atLeastZero = (value: unknown, label: string, fallback: number): number =>
	parseNumber(value, {
		label,
		fallback,
		minimum: 0,
		whole: false,
		advice: `Usual is ${fallback}.`,
	});

/** No timer takes less than a millisecond. */
const LEAST_SECONDS = 0.001;

function timeoutSeconds(value: unknown, label: string, fallback: number): number {
	const number = atLeastZero(value, label, fallback);
	if (number >= LEAST_SECONDS) return number;
	throw new RequestInvalid(
		`${label} must be above 0, and at least ${LEAST_SECONDS}. Usual is ${fallback}.`,
	);
}

/** A JSON object, typed as text or given by an expression. */
export function jsonObjectOf(value: unknown, label: string): Record<string, unknown> {
	const blank = isBlank(value);
	const parsed =
		typeof value === 'string' && !blank
			? jsonParse<unknown>(value, { fallbackValue: null })
			: value;
	if (blank) return {};
	if (isDeeperThan(parsed, DEEPEST)) {
		throw new RequestInvalid(`${label} is nested more than ${DEEPEST} levels deep.`);
	}
	if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
		return parsed as Record<string, unknown>;
	}
	throw new RequestInvalid(
		`${label} must be a JSON object, such as { "generationConfig": { "temperature": 0.5 } }.`,
	);
}

/** No API asks for more, and what walks through an object level by level comes to its end sooner or later. */
const DEEPEST = 200;

function isDeeperThan(value: unknown, levels: number): boolean {
	let level = [value];
	for (let depth = 0; depth <= levels && level.length > 0; depth++) {
		level = level.flatMap((each) =>
			typeof each === 'object' && each !== null ? Object.values(each) : [],
		);
	}
	return level.length > 0;
}

/** What item 0 decides for the whole run. */
export interface RunOptions {
	readonly simplify: boolean;
	readonly isItemPerPrompt: boolean;
	readonly concurrency: number;
	/** Null where none is set: it follows from what is asked for. */
	readonly timeoutMs: number | null;
	readonly maxRetries: number;
	readonly retryDelayMs: number;
	/** US dollars; 0 is no limit. */
	readonly maxCostUsd: number;
	/** 0 is no limit. */
	readonly stopStartingAfterMs: number;
}

/**
 * @param first reads something of the first row, or of the next one where that leads nowhere
 * @throws SettingsInvalid or RequestInvalid with a sentence that names the option
 */
export const runOptionsOf = (
	context: IExecuteFunctions,
	first: (read: (item: number) => unknown) => unknown,
): RunOptions =>
	parseRunOptions(
		new Proxy<Options>(
			{},
			{ get: (_, name) => first((item) => optionsOf(context, item)[String(name)]) },
		),
		first((item) => context.getNodeParameter('simplify', item, true)),
	);

const parseRunOptions = (options: Options, simplify: unknown): RunOptions => ({
	simplify: booleanOf(simplify, true),
	isItemPerPrompt: options.output === 'itemPerPrompt',
	concurrency: positiveWhole(options.concurrency, 'Images at Once', 16),
	timeoutMs: isBlank(options.timeout)
		? null
		: 1000 * timeoutSeconds(options.timeout, 'Timeout (Seconds)', 300),
	maxRetries: Math.floor(atLeastZero(options.maxRetries, 'Retries per Image', 0)),
	retryDelayMs: 1000 * atLeastZero(options.retryDelay, 'Retry Delay (Seconds)', 1),
	maxCostUsd: atLeastZero(options.maxCost, 'Maximum Cost (USD)', 0),
	stopStartingAfterMs:
		60_000 * atLeastZero(options.stopStartingAfter, 'Stop Starting After (Minutes)', 0),
});

export const DEFAULT_RUN_OPTIONS = parseRunOptions({}, true);
