/** What a host calls the things a person can set there: sentences speak of them by these names. */
export interface Names {
	readonly apiKeys: string;
	readonly baseUrl: string;
	readonly apiVersion: string;
	readonly rateLimit: string;
	readonly weight: string;
	readonly rateLimitScope: string;
	/** Of all who share the settings. */
	readonly maxConcurrentRequests: string;
	readonly processes: string;
	/** How a first endpoint is added: a sentence. */
	readonly addEndpoint: string;
	/** Where to look when an input image cannot be used: a sentence. */
	readonly checkInput: string;
	readonly timeout: string;
	readonly maxCost: string;
	readonly stopStartingAfter: string;
	/** Where the ticket of a batch stands. */
	readonly ticket: string;
	/** What makes once more what a batch has made. */
	readonly submitAgain: string;
	/** What happens next to what is not ready yet: a sentence. */
	readonly comeBack: string;
}

const PLAIN_NAMES: Names = {
	apiKeys: 'API Keys',
	baseUrl: 'Base URL',
	apiVersion: 'API Version',
	rateLimit: 'Requests per Minute',
	weight: 'Share of Images',
	rateLimitScope: 'Limit Applies To',
	maxConcurrentRequests: 'Images at Once',
	processes: 'Processes',
	addEndpoint: 'Add Endpoint 1, with an API key.',
	checkInput: 'Check that image.',
	timeout: 'the timeout',
	maxCost: 'the cost limit',
	stopStartingAfter: 'the time limit for starts',
	ticket: 'its ticket',
	submitAgain: 'a new submission',
	comeBack: 'Let it come back later.',
};

/** A host names what it calls otherwise. */
export const namesOf = (own: Partial<Names> = {}): Names => ({ ...PLAIN_NAMES, ...own });

/** Puts names into a sentence of ours, in the place of `{timeout}` and the like. */
export const spoken = (sentence: string, names: Names): string =>
	sentence.replace(/\{(\w+)\}/g, (whole, name: string) => names[name as keyof Names] ?? whole);
