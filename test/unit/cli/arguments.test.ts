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
		['timeout', '0.001', 0.001],
		['api_max_retries', '3', 3],
		['retry_delay', '2.0', 2],
		['max_global_workers', '32', 32],
		['num_processes', '8', 8],
		['backend', 'google_genai', 'google_genai'],
		['backend', 'gemini', 'gemini'],
		['prompts_format', 'csv', 'csv'],
		['prompt_column', 'text', 'text'],
		['input', 'data.csv', 'data.csv'],
		['instruction_key', 'text', 'text'],
		['input_image', 'a.png', ['a.png']],
		['input_image_column', 'a, b', ['a', 'b']],
		['filter_rows', '0:100', '0:100'],
		['node_rank', '0', 0],
		['num_nodes', '2', 2],
		['thinking_level', 'high', 'high'],
		['system_instruction', 'flat', 'flat'],
		['additional_fields', '{"a":1}', { a: 1 }],
		['max_cost', '2.5', 2.5],
		['stop_starting_after', '90', 90],
		['stop_timeout', '0', 0],
		['rate_limit_scope', 'key', 'key'],
	];
	const flags = [
		'no_resume',
		'skip_refused',
		'dry_run',
		'json',
		'check',
		'list_models',
		'google_search',
		'include_text',
	];

	test.each(options)('--%s %s', (name, text, value) => {
		const kebab = name.replaceAll('_', '-');
		expect(parse(`--${name}`, text)).toHaveProperty(name, value);
		expect(parse(`--${name}=${text}`)).toHaveProperty(name, value);
		expect(parse(`--${kebab}`, text)).toHaveProperty(name, value);
		expect(parse(`--${kebab}=${text}`)).toHaveProperty(name, value);
		expect(parse('t2i', `--${kebab}`, text)).toHaveProperty(name, value);
	});

	test.each(flags)('--%s', (name) => {
		expect(parse()).not.toHaveProperty(name);
		expect(parse(`--${name}`)).toHaveProperty(name, true);
		expect(parse(`--${name.replaceAll('_', '-')}`)).toHaveProperty(name, true);
	});

	test('--help names all of them, each variable and each exit code', () => {
		let help = '';
		expect(parseArguments(['--help'], (text) => (help += text))).toBeNull();
		const names = [...options.map(([name]) => name), ...flags, 'resume'];
		for (const name of names) expect(help).toContain(`--${name}`);
		const variables =
			'GEMINI_API_KEY,DG_GEMINI_BASE_URL,DG_GEMINI_API_VERSION,DG_GEMINI_RATE_LIMIT,DG_GEMINI_ASPECT_RATIO,DG_GEMINI_ENDPOINTS,DG_GEMINI_API_KEYS,DG_GEMINI_RATE_LIMITS,DG_GEMINI_WEIGHTS,DG_GEMINI_TIMEOUT,DG_GEMINI_MAX_RETRIES,DG_GEMINI_RETRY_DELAY,DG_GEMINI_MAX_WORKERS';
		for (const variable of variables.split(','))
			expect(help).toMatch(new RegExp(`\\b${variable}\\b`));
		expect(help).toMatch(/0 every image[^]+1 some[^]+2 something/);
		// One screen of a terminal.
		expect(help.split('\n').length).toBeLessThanOrEqual(48);
		expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
	});
});

describe('what the tool before this one takes is taken', () => {
	test('what means nothing here is told by its name, and not its value', () => {
		const argv =
			'edit --backend gemini --model_type x --device cuda:0 --num_gpus 2 --seed 42 --torch_dtype float16 --optimize a,b --attention_backend flash --cache_type pab --enable_compile --enable_cpu_offload --enable_vae_slicing --enable_vae_tiling --num_inference_steps 20 --guidance_scale 4.0 --true_cfg_scale 1 --negative_prompt bad --batch_size 4 --max_retries 3 --local_rank 0 --log_dir logs --output_csv a.csv --image_cache_dir c --prompt_enhance_type flux2';
		const given = parse(...argv.split(' '));
		expect(given?.without_meaning).toHaveLength(23);
		expect(given?.without_meaning).toContain('--negative_prompt');
		expect(given).toMatchObject({ edit: true });
	});

	test('--resume is what holds anyway', () => {
		expect(parse('--resume', '--prompt', 'a')).toEqual(parse('--prompt', 'a'));
		expect(parse('--resume', '--no_resume')).toHaveProperty('no_resume', true);
	});

	test('an option again adds to it', () => {
		expect(parse('--input_image', 'a,b.png', '--input_image', 'c.png')).toHaveProperty(
			'input_image',
			['a,b.png', 'c.png'],
		);
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
		[['--timeout', '0.0001'], /--timeout must be a number of seconds from 0\.001 up to 86400/],
		[['--api-max-retries', '-1'], /--api_max_retries must be/],
		[['--retry_delay', ''], /--retry_delay must be/],
		[['--max_global_workers', '0'], /--max_global_workers must be/],
		[['--num_processes', 'four'], /--num_processes must be/],
		[['--backend', 'diffusers'], /Allowed choices are google_genai, gemini/],
		[['--backend', 'SECRET'], /none of its values\. Allowed choices are google_genai, gemini/],
		[['--thinking_level', 'SECRET'], /Allowed choices are auto, minimal, medium, high/],
		[['--additional_fields', 'SECRET'], /must be a JSON object/],
		[['--additional_fields', '[1]'], /must be a JSON object/],
		[['--max_cost', '-1'], /--max_cost must be/],
		[['--stop_starting_after', '0'], /--stop_starting_after must be a number of minutes/],
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
