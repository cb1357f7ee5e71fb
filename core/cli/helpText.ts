/** What `--help` says after the options. */
export const variables = `Environment (an option wins over its variable; lists are comma-separated):
  GEMINI_API_KEY            one API key
  DG_GEMINI_API_KEYS        several keys: one for each endpoint in the same order, key1|key2
                            where an endpoint has several, one for all, or all for one endpoint
  DG_GEMINI_BASE_URL        address of a proxy; unset: Google
  DG_GEMINI_ENDPOINTS       several addresses; an empty entry is Google; wins over BASE_URL
  DG_GEMINI_API_VERSION     v1, v1beta or v1alpha (default: as the address ends, else v1beta)
  DG_GEMINI_RATE_LIMIT      starts a minute at each endpoint; 0: no limit (default: 0)
  DG_GEMINI_RATE_LIMITS     one for each endpoint; RATE_LIMIT holds where it has none
  DG_GEMINI_WEIGHTS         share of images for each endpoint; 0: standby (default: 1)
  DG_GEMINI_ASPECT_RATIO    default of --aspect_ratio
  DG_GEMINI_TIMEOUT         default of --timeout
  DG_GEMINI_MAX_RETRIES     default of --api_max_retries
  DG_GEMINI_RETRY_DELAY     default of --retry_delay
  DG_GEMINI_MAX_WORKERS     default of --max_global_workers
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY are honoured.`;

export const examples = `Examples:
  GEMINI_API_KEY=... gemini-t2i --prompt "A lighthouse at dawn" --aspect_ratio 16:9
  DG_GEMINI_API_KEYS=key1,key2 DG_GEMINI_RATE_LIMIT=60 gemini-t2i --prompts_file prompts.jsonl
  gemini-t2i --prompts_file shop.csv --output_name_column sku --num_images_per_prompt 4

A row of a prompts file may hold prompt, aspect_ratio, width, height, image_size and model; it wins
over the options. The same command run again makes only what is missing; Ctrl-C keeps what is made.`;

export const exitCodes = `Exit code:
  0 every image is there; 1 some are not (each is named, or the run was stopped); 2 something in
  the command, the environment or the prompts file must be changed first, and no call was made`;
