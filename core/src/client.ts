import {
	completed,
	endpointsOf,
	type GeminiOptions,
	type GenerateInput,
	type GenerateOptions,
} from './clientInput';
import type { Image } from './image/image';
import { resolveRequest } from './models/resolve';
import type { Names } from './names';
import { createBudget } from './pool/budget';
import type { LaneStatus } from './pool/pool';
import { createRegistry } from './pool/registry';
import type { Tenant } from './pool/tenant';
import type { Account, NotMade } from './result';
import { parsePoolSettings } from './settings/parse';
import { systemClock, systemHost } from './system';

/** An image, what it took, and what `save` made of it. */
export interface Generated<T> extends Account {
	readonly image: Image;
	/** All images of the reply; a model now and then sends more than one. */
	readonly images: readonly [Image, ...Image[]];
	readonly text: string;
	/** What `save` returned, for each of `images`. */
	readonly saved: readonly [T, ...T[]];
}

export interface Gemini extends Disposable, AsyncDisposable {
	/**
	 * Makes one image. Call it as often as you like: it queues.
	 * @throws ImageNotMade, with what to do next; RequestInvalid before any call; the signal's reason once it is aborted
	 */
	generateImage<T = undefined>(
		request: GenerateInput,
		options?: GenerateOptions<T>,
	): Promise<Generated<T>>;
	/** How each key stands, by label. */
	status(): readonly LaneStatus[];
	/** Starts nothing more, and resolves when the calls in flight, which are paid for, have ended. */
	close(): Promise<void>;
}

/** Why there is no image: `status` `refused` asks for another prompt, `failed` for another try. Holds no key. */
export class ImageNotMade extends Error implements NotMade {
	override readonly name = 'ImageNotMade';
	readonly status: NotMade['status'];
	readonly code: string;
	readonly account: Account;
	constructor({ message, status, code, account }: NotMade) {
		super(message);
		this.status = status;
		this.code = code;
		this.account = account;
	}
}

/** The pools of this process: clients with the same keys share their limits, and what is known of each key. */
const registry = createRegistry(systemClock);

/** A developer sets things by the names of the options. */
const NAMES: Partial<Names> = {
	apiKeys: 'apiKeys',
	baseUrl: 'baseUrl',
	apiVersion: 'apiVersion',
	rateLimit: 'rateLimit',
	weight: 'weight',
	maxConcurrentRequests: 'concurrency',
	addEndpoint: 'Give createGemini one, with its apiKeys.',
	timeout: 'timeoutMs',
	maxCost: 'maxCostUsd',
};

/**
 * @throws SettingsInvalid with a sentence that names the endpoint and what to change; RangeError where a number could not
 * work, such as a `timeoutMs` of 0
 */
export function createGemini(options: GeminiOptions = {}): Gemini {
	const { concurrency = 16, maxCostUsd, signal = new AbortController().signal } = options;
	const endpoints = endpointsOf(options);
	const settings = parsePoolSettings({ endpoints, maxConcurrentRequests: concurrency }, NAMES);
	const lanes = settings.endpoints.map(({ baseUrl, apiVersion, keys }) => [
		baseUrl,
		apiVersion,
		...keys,
	]);
	const pool = registry.open(JSON.stringify(lanes), settings);
	const budget = createBudget(maxCostUsd);
	const join = (until: AbortSignal): Tenant => {
		const host = systemHost(until);
		return pool.join({
			...host,
			fetch: options.fetch ?? host.fetch,
			concurrency,
			timeoutMs: options.timeoutMs ?? null,
			maxRetries: options.maxRetries ?? 2,
			retryDelayMs: options.retryDelayMs ?? 1000,
			budget,
			names: NAMES,
		});
	};
	const shared = join(signal);
	const running = new Map<Promise<unknown>, Tenant>();
	let closing: Promise<void> | null = null;
	const close = async () => {
		for (const tenant of [shared, ...running.values()]) tenant.stopStarting();
		await Promise.allSettled(running.keys());
		shared.leave();
	};

	const gemini: Gemini = {
		async generateImage<T>(input: GenerateInput, { save, signal: own }: GenerateOptions<T> = {}) {
			const request = resolveRequest(completed(input));
			const tenant = own === undefined ? shared : join(AbortSignal.any([signal, own]));
			if (closing !== null) tenant.stopStarting();
			const drawing = tenant.draw(request, async ({ images }) => {
				const saved: T[] = [];
				for (const [index, image] of images.entries())
					saved.push((await save?.(image, index)) as T);
				return saved as [T, ...T[]];
			});
			running.set(drawing, tenant);
			try {
				const drawn = await drawing;
				if (drawn.status !== 'ok') throw new ImageNotMade(forDevelopers(drawn));
				const { images, text, account } = drawn.made;
				return { ...account, image: images[0], images, text, saved: drawn.kept };
			} finally {
				running.delete(drawing);
				if (tenant !== shared) tenant.leave();
			}
		},
		status: pool.status,
		close: () => (closing ??= close()),
		[Symbol.dispose]: () => void gemini.close(),
		[Symbol.asyncDispose]: () => gemini.close(),
	};
	return gemini;
}

/** A client is stopped by nothing but its end. */
const forDevelopers = (end: NotMade): NotMade =>
	end.code === 'stopped' ? { ...end, message: 'Not started, since the client was closed.' } : end;
