import { DEFAULT_MODEL } from '../src/models/catalogue';

/** What `--help` prints: one screen, grouped by use. */
export const help = `gemini-t2i [t2i | edit] (--prompt TEXT | --prompts_file FILE) [options]
Every option may be written with dashes (--output-dir). Defaults in brackets.

What to draw
  --prompt TEXT                 one prompt; - reads it from standard input
  --prompts_file FILE           .jsonl .json .txt .csv .tsv; - is standard input
  --prompts_format FORMAT       jsonl, json, txt, csv, tsv: where no name tells
  --prompt_column NAME          column or field that holds the prompt (prompt)
  --input_image FILE            an image to work from; again for each further
  --input_image_column A,B      columns that name such images
  --input FILE, --instruction_key NAME    edit: its list, its column of prompts
  --filter_rows 0:100,105       only these; --node_rank N --num_nodes N: a share
  --num_images_per_prompt N     (1)
How it looks
  --model_name ID               (${DEFAULT_MODEL})
  --aspect_ratio W:H            or --width N --height N: the nearest there is
  --image_size SIZE             512, 1K, 2K or 4K; --thinking_level LEVEL
  --system_instruction TEXT     --google_search; --include_text: a caption too
  --additional_fields JSON      merged into the request as it is
Where it goes
  --output_dir DIR              (./output) images and metadata.jsonl
  --output_name_column NAME     column that names each image
  --no_resume                   draw again what is there (--resume: do not)
  --skip_refused                leave out prompts that were refused before
  --json                        a line of JSON for each image, then one for all
What it takes
  --batch                       half price, in a day: the same command goes on
  --dry_run                     tell what would be made and paid; call nobody
  --max_cost USD                start nothing that would cost more
  --stop_starting_after MIN     then only finish what is in the making
  --max_global_workers N        images at once (16); --num_processes: no matter
  --timeout S                   for one call (300); --api_max_retries N (0);
                                --retry_delay S (1); --stop_timeout S (8)
  --rate_limit_scope key        limits count for each key, not each endpoint
Keys
  --check, --list_models        ask each key if it works; what models there are
  GEMINI_API_KEY, or for several DG_GEMINI_API_KEYS=key1,key2; a proxy:
  DG_GEMINI_BASE_URL, DG_GEMINI_API_VERSION, DG_GEMINI_RATE_LIMIT; several:
  DG_GEMINI_ENDPOINTS, DG_GEMINI_RATE_LIMITS, DG_GEMINI_WEIGHTS; defaults:
  DG_GEMINI_ASPECT_RATIO, DG_GEMINI_TIMEOUT, DG_GEMINI_MAX_RETRIES,
  DG_GEMINI_RETRY_DELAY, DG_GEMINI_MAX_WORKERS; HTTPS_PROXY, NO_PROXY
Ctrl-C waits for what is paid for. The same command again makes what is missing.
Exit code: 0 every image is there; 1 some are not; 2 something must be changed
first, and no call was made. --backend google_genai and gemini are accepted.
`;
