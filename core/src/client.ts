import type { Fetch } from './effects';
import type { Image } from './image/image';
import { DEFAULT_MODEL } from './models/catalogue';
import { resolveRequest, type RequestInput } from './models/resolve';
import { createBudget } from './pool/budget';
import type { LaneStatus } from './pool/pool';
import { createRegistry } from './pool/registry';
import type { Account, NotMade } from './result';
import { parsePoolSettings, type EndpointInput } from './settings/parse';
import { systemClock, systemHost } from './system';

export interface GeminiOptions {
	/** For Google itself: one key, or several in a list or a text. */
	readonly apiKeys?: string | readonly string[];
	/** Instead, or for proxies: where to call, with which keys, how often a minute. */
	readonly endpoints?: readonly (Omit<EndpointInput, 'name'> & { readonly name?: string })[];
	/** Images in the making at once (16). */
	readonly concurrency?: number;
	/** For one attempt, body included (300 000). */
	readonly timeoutMs?: number;
	/** Waiting for limits and going to another key or endpoint are none (2). */
	readonly maxRetries?: number;
	/** First delay; doubles, jittered, at most 60 s (1000). */
	readonly retryDelayMs?: number;
	/** Nothing is started that could cost more than this in all (no limit). */
	readonly maxCostUsd?: number;
	/** Ends everything. */
	readonly signal?: AbortSignal;
	/** Another HTTP client, for a proxy on the way out. */
	readonly fetch?: Fetch;
}

export type GenerateInput = Omit<RequestInput, 'model'> & { readonly model?: string };

export interface Generated<T> extends Account {
	readonly image: Image;
	/** All images of the reply; a model now and then sends more than one. */
	readonly images: readonly [Image, ...Image[]];
	readonly text: string;
	/** What `save` returned. */
	readonly saved: T;
}

export interface Gemini extends Disposable {
	/**
	 * Makes one image. Call it as often as you like: it queues. With `save`, the image is handed over the moment it arrives
	 * and the next call waits until it is stored, so that memory follows `concurrency`.
	 * @throws ImageNotMade, with what to do next; RequestInvalid before any call; the signal's reason once it is aborted
	 */
	generateImage<T = undefined>(
		input: GenerateInput,
		options?: { readonly save?: (images: readonly [Image, ...Image[]]) => Promise<T> },
	): Promise<Generated<T>>;
	/** How each key stands, by label. */
	status(): readonly LaneStatus[];
}

/** Why there is no image: `status` `refused` asks for another prompt, `failed` for another try. Holds no key. */
export class ImageNotMade extends Error implements NotMade {
	override readonly name = 'ImageNotMade';
	declare readonly status: NotMade['status'];
	declare readonly code: string;
	declare readonly account: Account;
	constructor({ message, status, code, account }: NotMade) {
		super(message);
		Object.assign(this, { status, code, account });
	}
}

/** The pools of this process: clients that share endpoints share their limits too. */
const registry = createRegistry(systemClock);

/** @throws SettingsInvalid with a sentence that names the endpoint and what to change */
export function createGemini(options: GeminiOptions): Gemini {
	const {
		apiKeys = '',
		concurrency = 16,
		maxCostUsd,
		signal = new AbortController().signal,
	} = options;
	const keys = typeof apiKeys === 'string' ? apiKeys : apiKeys.join('\n');
	const endpoints = (options.endpoints ?? [{ apiKeys: keys }]).map((each, index) => ({
		name: `Endpoint ${index + 1}`,
		...each,
	}));
	const settings = parsePoolSettings({ endpoints, maxConcurrentRequests: concurrency });
	const pool = registry.open(JSON.stringify(settings.endpoints), settings);
	const host = systemHost(signal);
	const tenant = pool.join({
		...host,
		fetch: options.fetch ?? host.fetch,
		concurrency,
		timeoutMs: options.timeoutMs ?? 300_000,
		maxRetries: options.maxRetries ?? 2,
		retryDelayMs: options.retryDelayMs ?? 1000,
		stopStartingAt: null,
		budget: maxCostUsd === undefined ? null : createBudget(maxCostUsd),
	});
	return {
		async generateImage<T>(
			{ model = DEFAULT_MODEL, ...input }: GenerateInput,
			{
				save = async () => undefined as T,
			}: { save?: (images: readonly [Image, ...Image[]]) => Promise<T> } = {},
		) {
			const request = resolveRequest({ model, ...input });
			const drawn = await tenant.draw(request, ({ images }) => save(images));
			if (drawn.status !== 'ok') throw new ImageNotMade(drawn);
			const { images, text, account } = drawn.made;
			return { ...account, image: images[0], images, text, saved: drawn.kept };
		},
		status: pool.status,
		[Symbol.dispose]: tenant.leave,
	};
}
