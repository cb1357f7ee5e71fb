import { Command, CommanderError, Option } from 'commander';
import { version } from '../package.json';
import { DEFAULT_MODEL } from '../src/models/catalogue';
import { examples, exitCodes, variables } from './helpText';
import {
	attemptSeconds,
	imagesPerPrompt,
	notNegative,
	parseNumber,
	waitSeconds,
	wholeFrom,
	type NumberRule,
	UsageInvalid,
} from './input';

/** The command line as given; undefined where it is silent. Named as the options are. */
export interface Arguments {
	readonly prompt?: string;
	readonly prompts_file?: string;
	readonly output_dir: string;
	readonly output_name_column?: string;
	readonly no_resume?: true;
	readonly skip_refused?: true;
	readonly dry_run?: true;
	readonly max_cost?: number;
	readonly stop_timeout?: number;
	readonly json?: true;
	readonly model_name?: string;
	readonly num_images_per_prompt: number;
	readonly aspect_ratio?: string;
	readonly width?: number;
	readonly height?: number;
	readonly image_size?: string;
	readonly timeout?: number;
	readonly api_max_retries?: number;
	readonly retry_delay?: number;
	readonly max_global_workers?: number;
}

const number = (flags: string, description: string, rule: NumberRule): Option => {
	const option = new Option(flags, description);
	return option.argParser((text) => parseNumber(text, option.long ?? flags, rule));
};

const groups: Readonly<Record<string, readonly Option[]>> = {
	'What to draw:': [
		new Option('--prompt <text>', 'one prompt'),
		new Option('--prompts_file <path>', 'many prompts: a .jsonl, .json, .txt or .csv file'),
		number('--num_images_per_prompt <n>', 'images for each prompt', imagesPerPrompt).default(1),
		new Option('--model_name <id>', `model (default: ${DEFAULT_MODEL})`),
		new Option('--aspect_ratio <w:h>', 'such as 16:9 [DG_GEMINI_ASPECT_RATIO]'),
		number('--width <n>', 'with --height: the nearest ratio the model has', wholeFrom(1)),
		number('--height <n>', 'with --width', wholeFrom(1)),
		new Option('--image_size <size>', '512, 1K, 2K or 4K, as the model permits'),
	],
	'Where it goes:': [
		new Option('--output_dir <path>', 'images and metadata.jsonl').default('./output'),
		new Option('--output_name_column <name>', 'column of the prompts file that names each image'),
		new Option('--no_resume', 'draw again what is there (it is moved to replaced/)'),
		new Option('--skip_refused', 'leave out prompts that were refused in an earlier run'),
		new Option('--dry_run', 'tell what would be made, moved and paid; call nobody'),
		new Option('--json', 'one line of JSON for each image on standard output'),
	],
	'How it is drawn:': [
		number('--max_cost <usd>', 'start nothing that could cost more than this in all', notNegative),
		number(
			'--stop_timeout <seconds>',
			'how long calls in flight are waited for at SIGTERM and SIGHUP (8)',
			waitSeconds,
		),
		number('--timeout <seconds>', 'for one attempt (300) [DG_GEMINI_TIMEOUT]', attemptSeconds),
		number('--api_max_retries <n>', 'per image (0) [DG_GEMINI_MAX_RETRIES]', wholeFrom(0)),
		number('--retry_delay <seconds>', 'doubles each time (1) [DG_GEMINI_RETRY_DELAY]', notNegative),
		number('--max_global_workers <n>', 'images at once (16) [DG_GEMINI_MAX_WORKERS]', wholeFrom(1)),
		number(
			'--num_processes <n>',
			'accepted and unused: one process here carries all workers',
			wholeFrom(1),
		),
		new Option(
			'--backend <name>',
			'accepted: google_genai or gemini, the only ones there are',
		).choices(['google_genai', 'gemini']),
	],
};

const options = Object.values(groups).flat();
const snakeByKebab = new Map(
	options.map(({ long = '' }) => [`--${long.slice(2).replaceAll('_', '-')}`, long]),
);

/** `--output-dir=x` is `--output_dir=x`; what is no option of ours stays as it is. */
const toSnakeCase = (argument: string): string => {
	const end = argument.indexOf('=');
	const flag = end === -1 ? argument : argument.slice(0, end);
	return (snakeByKebab.get(flag) ?? flag) + argument.slice(flag.length);
};

const program = (print: (text: string) => void): Command => {
	const command = new Command('gemini-t2i')
		.usage('[t2i] (--prompt <text> | --prompts_file <path>) [options]')
		.description(
			"Makes images with Google's Gemini image models through a pool of endpoints and API keys.\nEvery option may also be written with dashes: --output-dir.",
		)
		.version(version)
		.helpOption('-h, --help', 'this text')
		.allowExcessArguments(false)
		.exitOverride()
		.configureOutput({ writeOut: print, outputError: () => {} })
		.addHelpText('after', `\n${variables}\n\n${examples}\n\n${exitCodes}`);
	for (const [heading, members] of Object.entries(groups)) {
		for (const option of members) command.addOption(option.helpGroup(heading));
	}
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
		default:
			return text;
	}
};

/** Null where `--help` or `--version` was asked for and printed. Throws `UsageInvalid`. */
export const parseArguments = (
	argv: readonly string[],
	print: (text: string) => void,
): Arguments | null => {
	const own = argv[0] === 't2i' ? argv.slice(1) : argv;
	try {
		return program(print).parse(own.map(toSnakeCase), { from: 'user' }).opts<Arguments & object>();
	} catch (reason) {
		if (!(reason instanceof CommanderError)) throw reason;
		if (reason.exitCode === 0) return null;
		throw new UsageInvalid(`${sentence(reason)}\nSee gemini-t2i --help.`);
	}
};
