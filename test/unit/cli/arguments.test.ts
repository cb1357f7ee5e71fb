import { parseArguments } from '../../../core/cli/arguments';
import { UsageInvalid } from '../../../core/cli/input';

const parse = (...argv: string[]) => parseArguments(argv, () => {});

test('what holds where the command line is silent', () => {
	expect(parse('--prompt', 'a cat')).toEqual({
		prompt: 'a cat',
		output_dir: './output',
		num_images_per_prompt: 1,
	});
});

describe('every option, in each way of writing it', () => {
	const options: [name: string, text: string, value: unknown][] = [
		['prompt', 'a cat', 'a cat'],
		['prompts_file', 'p.jsonl', 'p.jsonl'],
		['output_dir', 'out', 'out'],
		['output_name_column', 'sku', 'sku'],
		['model_name', 'gemini-3-pro-image', 'gemini-3-pro-image'],
		['num_images_per_prompt', '4', 4],
		['aspect_ratio', '16:9', '16:9'],
		['width', '1920', 1920],
		['height', '1080', 1080],
		['image_size', '2K', '2K'],
		['timeout', '0.5', 0.5],
		['api_max_retries', '3', 3],
		['retry_delay', '2.0', 2],
		['max_global_workers', '32', 32],
		['num_processes', '8', 8],
		['backend', 'google_genai', 'google_genai'],
		['backend', 'gemini', 'gemini'],
	];

	test.each(options)('--%s %s', (name, text, value) => {
		const kebab = name.replaceAll('_', '-');
		expect(parse(`--${name}`, text)).toHaveProperty(name, value);
		expect(parse(`--${name}=${text}`)).toHaveProperty(name, value);
		expect(parse(`--${kebab}`, text)).toHaveProperty(name, value);
		expect(parse(`--${kebab}=${text}`)).toHaveProperty(name, value);
		expect(parse('t2i', `--${kebab}`, text)).toHaveProperty(name, value);
	});

	test.each(['no_resume', 'json'])('--%s', (name) => {
		expect(parse()).not.toHaveProperty(name);
		expect(parse(`--${name}`)).toHaveProperty(name, true);
		expect(parse(`--${name.replaceAll('_', '-')}`)).toHaveProperty(name, true);
	});

	test('--help names all of them, each variable and each exit code', () => {
		let help = '';
		expect(parseArguments(['--help'], (text) => (help += text))).toBeNull();
		const names = [...options.map(([name]) => name), 'no_resume', 'json'];
		for (const name of names) expect(help).toContain(`--${name}`);
		const variables =
			'GEMINI_API_KEY,DG_GEMINI_BASE_URL,DG_GEMINI_API_VERSION,DG_GEMINI_RATE_LIMIT,DG_GEMINI_ASPECT_RATIO,DG_GEMINI_ENDPOINTS,DG_GEMINI_API_KEYS,DG_GEMINI_RATE_LIMITS,DG_GEMINI_WEIGHTS,DG_GEMINI_TIMEOUT,DG_GEMINI_MAX_RETRIES,DG_GEMINI_RETRY_DELAY,DG_GEMINI_MAX_WORKERS';
		for (const variable of variables.split(','))
			expect(help).toMatch(new RegExp(`\\b${variable}\\b`));
		expect(help).toMatch(/0 every image[^]+1 some[^]+2 something/);
	});
});

test('what follows an option is its value, even if it looks like one', () => {
	expect(parse('--prompt', '--a cat--')).toHaveProperty('prompt', '--a cat--');
});

describe('what is refused, and what to change', () => {
	test.each<[string[], RegExp]>([
		[['--prompt'], /--prompt <text>.* argument missing/],
		[['--width', 'wide'], /--width must be a whole number of 1 or more/],
		[['--height', '0'], /--height must be/],
		[['--num_images_per_prompt', '1.5'], /--num_images_per_prompt must be/],
		[['--timeout', 'SECRET'], /--timeout must be a number of seconds/],
		[['--api-max-retries', '-1'], /--api_max_retries must be/],
		[['--retry_delay', ''], /--retry_delay must be/],
		[['--max_global_workers', '0'], /--max_global_workers must be/],
		[['--num_processes', 'four'], /--num_processes must be/],
		[['--backend', 'diffusers'], /Allowed choices are google_genai, gemini/],
		[['--prompts', 'x'], /unknown option '--prompts'\n\(Did you mean/],
		[['--api_key=SECRET'], /unknown option '--api_key'/],
		[['-kSECRET'], /unknown option '-k'/],
		[['--prompt', 'a', 'SECRET'], /prompt with spaces into quotes/],
	])('%j', (argv, sentence) => {
		const attempt = () => parse(...argv);
		expect(attempt).toThrow(UsageInvalid);
		expect(attempt).toThrow(sentence);
		expect(attempt).toThrow(
			expect.objectContaining({ message: expect.not.stringMatching(/SECRET|error|problem|fail/i) }),
		);
	});
});
