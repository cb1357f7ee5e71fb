import { Command, CommanderError, Option } from 'commander';
import { version } from '../package.json';
import { THINKING_LEVELS } from '../src/request';
import { help } from './helpText';
import {
	attemptSeconds,
	imagesPerPrompt,
	minutes,
	notNegative,
	numberOf,
	UsageInvalid,
	waitSeconds,
	wholeFrom,
	type Bounds,
} from './input';
import { PROMPT_FORMATS, type PromptFormat } from './promptsFile';

/** The command line as given; undefined where it is silent. Named as the options are. */
export interface Arguments {
	/** What the tool before this one does with a list of images and instructions. */
	readonly edit?: true;
	readonly prompt?: string;
	readonly prompts_file?: string;
	readonly prompts_format?: PromptFormat;
	readonly prompt_column?: string;
	readonly input?: string;
	readonly instruction_key?: string;
	readonly input_image?: readonly string[];
	readonly input_image_column?: readonly string[];
	readonly filter_rows?: string;
	readonly node_rank?: number;
	readonly num_nodes?: number;
	readonly output_dir: string;
	readonly output_name_column?: string;
	readonly no_resume?: true;
	readonly skip_refused?: true;
	readonly dry_run?: true;
	readonly batch?: true;
	readonly max_cost?: number;
	readonly stop_starting_after?: number;
	readonly stop_timeout?: number;
	readonly json?: true;
	readonly check?: true;
	readonly list_models?: true;
	readonly model_name?: string;
	readonly num_images_per_prompt: number;
	readonly aspect_ratio?: string;
	readonly width?: number;
	readonly height?: number;
	readonly image_size?: string;
	readonly thinking_level?: string;
	readonly system_instruction?: string;
	readonly google_search?: true;
	readonly include_text?: true;
	readonly additional_fields?: Readonly<Record<string, unknown>>;
	readonly timeout?: number;
	readonly api_max_retries?: number;
	readonly retry_delay?: number;
	readonly max_global_workers?: number;
	readonly rate_limit_scope?: 'endpoint' | 'key';
	/** Options of the tool before this one that mean nothing to this backend, as they were written. */
	readonly without_meaning?: readonly string[];
}

const option = (flags: string): Option => new Option(flags);

const number = (flags: string, rule: Bounds): Option => {
	const named = option(flags);
	return named.argParser((text) => numberOf(text, named.long ?? flags, rule));
};

const listed = (flags: string): Option =>
	option(flags).argParser((text, former: readonly string[] | undefined) => [
		...(former ?? []),
		...text.split(',').map((name) => name.trim()),
	]);

const repeated = (flags: string): Option =>
	option(flags).argParser((text, former: readonly string[] | undefined) => [
		...(former ?? []),
		text,
	]);

const fields = (flags: string): Option =>
	option(flags).argParser((text): Readonly<Record<string, unknown>> => {
		try {
			const value: unknown = JSON.parse(text);
			if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
				return value as Record<string, unknown>;
			}
		} catch {
			// Said below; the text is not repeated.
		}
		throw new UsageInvalid(
			`--additional_fields must be a JSON object in quotes, such as '{"generationConfig":{"temperature":1}}'.`,
		);
	});

/** The help that people read is in `helpText`; a test keeps the two together. */
const own: readonly Option[] = [
	option('--prompt <text>'),
	option('--prompts_file <path>'),
	option('--prompts_format <format>').choices(PROMPT_FORMATS),
	option('--prompt_column <name>'),
	option('--input <path>'),
	option('--instruction_key <name>'),
	repeated('--input_image <path>'),
	listed('--input_image_column <names>'),
	option('--filter_rows <rows>'),
	number('--node_rank <n>', wholeFrom(0)),
	number('--num_nodes <n>', wholeFrom(1)),
	number('--num_images_per_prompt <n>', imagesPerPrompt).default(1),
	option('--model_name <id>'),
	option('--aspect_ratio <w:h>'),
	number('--width <n>', wholeFrom(1)),
	number('--height <n>', wholeFrom(1)),
	option('--image_size <size>'),
	option('--thinking_level <level>').choices(['auto', ...THINKING_LEVELS]),
	option('--system_instruction <text>'),
	option('--google_search'),
	option('--include_text'),
	fields('--additional_fields <json>'),
	option('--output_dir <path>').default('./output'),
	option('--output_name_column <name>'),
	option('--resume'),
	option('--no_resume'),
	option('--skip_refused'),
	option('--json'),
	option('--dry_run'),
	option('--batch'),
	number('--max_cost <usd>', notNegative),
	number('--stop_starting_after <minutes>', minutes),
	number('--stop_timeout <seconds>', waitSeconds),
	number('--timeout <seconds>', attemptSeconds),
	number('--api_max_retries <n>', wholeFrom(0)),
	number('--retry_delay <seconds>', notNegative),
	number('--max_global_workers <n>', wholeFrom(1)),
	number('--num_processes <n>', wholeFrom(1)),
	option('--rate_limit_scope <scope>').choices(['endpoint', 'key']),
	option('--backend <name>').choices(['google_genai', 'gemini']),
	option('--check'),
	option('--list_models'),
];

/** Taken, since the scripts of the tool before this one write them, and told once. */
const withoutMeaning: readonly Option[] = [
	option('--seed <n>'),
	option('--negative_prompt <text>'),
	option('--num_inference_steps <n>'),
	option('--guidance_scale <x>'),
	option('--true_cfg_scale <x>'),
	option('--batch_size <n>'),
	option('--max_retries <n>'),
	option('--device <name>'),
	option('--num_gpus <n>'),
	option('--local_rank <n>'),
	option('--model_type <name>'),
	option('--torch_dtype <name>'),
	option('--optimize <flags>'),
	option('--attention_backend <name>'),
	option('--cache_type <name>'),
	option('--enable_compile'),
	option('--enable_cpu_offload'),
	option('--enable_vae_slicing'),
	option('--enable_vae_tiling'),
	option('--prompt_enhance_type <name>'),
	option('--image_cache_dir <path>'),
	option('--output_csv <path>'),
	option('--log_dir <path>'),
];

const all = [...own, ...withoutMeaning];
const snakeByKebab = new Map(
	all.map(({ long = '' }) => [`--${long.slice(2).replaceAll('_', '-')}`, long]),
);

/** `--output-dir=x` is `--output_dir=x`; what is no option of ours stays as it is. */
const toSnakeCase = (argument: string): string => {
	const end = argument.indexOf('=');
	const flag = end === -1 ? argument : argument.slice(0, end);
	return (snakeByKebab.get(flag) ?? flag) + argument.slice(flag.length);
};

const program = (print: (text: string) => void): Command => {
	const command = new Command('gemini-t2i')
		.version(version)
		.helpOption('-h, --help')
		.allowExcessArguments(false)
		.exitOverride()
		.configureOutput({ writeOut: print, outputError: () => {} });
	command.helpInformation = () => help;
	for (const each of all) command.addOption(each);
	return command;
};

/** Without its value, which may be a key: `--api_key=...`. */
const flagOnly = (flag: string): string =>
	flag.startsWith('--') ? (flag.split('=')[0] ?? '') : flag.slice(0, 2);

const sentence = ({ code, message }: CommanderError): string => {
	const text = message.replace(/^error: /, '');
	switch (code) {
		case 'commander.unknownOption':
			return text.replace(/'(.*)'/s, (_, flag: string) => `'${flagOnly(flag)}'`);
		case 'commander.excessArguments':
			return 'A word stands where an option should. Put a prompt with spaces into quotes.';
		case 'commander.invalidArgument':
			return text.replace(
				/ argument '.*' is invalid\./s,
				': what was given is none of its values.',
			);
		default:
			return text;
	}
};

/** Null where `--help` or `--version` was asked for and printed. Throws `UsageInvalid`. */
export const parseArguments = (
	argv: readonly string[],
	print: (text: string) => void,
): Arguments | null => {
	const [command] = argv;
	const options = command === 't2i' || command === 'edit' ? argv.slice(1) : argv;
	try {
		const given = program(print)
			.parse(options.map(toSnakeCase), { from: 'user' })
			.opts<Arguments & Record<string, unknown>>();
		delete given.resume; // is what holds anyway
		const without_meaning = withoutMeaning
			.filter((each) => given[each.attributeName()] !== undefined)
			.map(({ long = '' }) => long);
		return {
			...given,
			...(command === 'edit' && { edit: true }),
			...(without_meaning.length > 0 && { without_meaning }),
		};
	} catch (reason) {
		if (!(reason instanceof CommanderError)) throw reason;
		if (reason.exitCode === 0) return null;
		throw new UsageInvalid(`${sentence(reason)}\nSee gemini-t2i --help.`);
	}
};
