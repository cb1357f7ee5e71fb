import type { Connect, LaneAddress } from '../../core/src/lane';
import { NO_USAGE, type Image } from '../../core/src/image/image';
import type { FaultKind, Outcome } from '../../core/src/outcome';
import type { ImageRequest } from '../../core/src/request';
import type { EndpointSettings, PoolSettings } from '../../core/src/settings/settings';
import type { JoinOptions } from '../../core/src/pool/terms';
import type { Pool } from '../../core/src/pool/pool';
import type { Tenant } from '../../core/src/pool/tenant';
import { createRegistry } from '../../core/src/pool/registry';
import { DEFAULT_MODEL } from '../../core/src/models/catalogue';
import { resolveRequest } from '../../core/src/models/resolve';
import { virtualTime } from './virtualTime';
import { usualTenant } from './usualTenant';

/** What a scripted endpoint answers, and after how long. */
export type Reply = {
	readonly kind: 'images' | 'refused' | FaultKind;
	readonly ms?: number;
	readonly hintMs?: number;
	readonly perModel?: boolean;
};

/** One call as the endpoint saw it. */
export interface Start {
	readonly at: number;
	readonly lane: string;
	readonly prompt: string;
	readonly model: string;
	/** Null while the call runs. */
	endedAt: number | null;
	kind: Reply['kind'] | null;
}

export type Script = (call: {
	lane: string;
	prompt: string;
	model: string;
	at: number;
	nth: number;
}) => Reply;

const PIXEL: Image = {
	data: Buffer.from('89504e47', 'hex'),
	mimeType: 'image/png',
	extension: 'png',
	width: 1,
	height: 1,
};

/** Endpoints that follow a script, on a virtual clock: real pool, no network. `random` is seeded by `seed`. */
export function poolWorld(script: Script, seed = 1, restless = false) {
	const time = virtualTime(restless ? { restless: seeded(seed) } : {});
	const starts: Start[] = [];
	const clock = {
		now: time.now,
		wallClock: () => 1_795_000_000_000 + time.now(),
		random: seeded(seed),
	};
	const connect: Connect = (address: LaneAddress) => ({
		async call(request, { signal }): Promise<Outcome> {
			const nth = starts.filter(({ lane }) => lane === address.label).length;
			const { prompt, model } = request;
			const call = { lane: address.label, prompt, model, at: time.now(), nth };
			const start: Start = { ...call, endedAt: null, kind: null };
			starts.push(start);
			const reply = script(call);
			let { kind } = reply;
			try {
				if (reply.ms !== 0) await time.sleep(reply.ms ?? 1000, signal);
			} catch {
				kind = 'aborted';
			}
			Object.assign(start, { endedAt: time.now(), kind });
			const said = `You sent ${address.key}.`;
			return outcomeOf({ ...reply, kind }, address.mask?.(said) ?? said);
		},
	});
	const registry = createRegistry(clock, connect);
	return {
		time,
		clock,
		starts,
		registry,
		open: (settings: PoolSettings, id = 'credential'): Pool => registry.open(id, settings),
		join(pool: Pool, options: Partial<JoinOptions> = {}): Tenant {
			return pool.join({
				fetch: () => Promise.reject(new Error('scripted endpoints use no network')),
				sleep: time.sleep,
				signal: new AbortController().signal,
				...usualTenant,
				...options,
			});
		},
		/** Lanes in the order of their starts. */
		lanes: () => starts.map(({ lane }) => lane),
	};
}

export const keep = () => Promise.resolve(null);

export const request = (prompt: string, model = DEFAULT_MODEL): ImageRequest =>
	resolveRequest({ prompt, model });

/** Endpoints by their numbers of keys, weights and limits. */
export function settings(
	endpoints: readonly { keys?: number; weight?: number; rateLimit?: number; baseUrl?: string }[],
	rest: Partial<PoolSettings> = {},
): PoolSettings {
	const made = endpoints.map(
		({ keys = 1, weight = 1, rateLimit = 0, baseUrl }, index): EndpointSettings => ({
			name: `Endpoint ${index + 1}`,
			baseUrl: baseUrl ?? `https://endpoint-${index + 1}.test`,
			apiVersion: 'v1beta',
			keys: Array.from({ length: keys }, (_, key) => `secret-${index + 1}-${key + 1}`) as [string],
			weight,
			rateLimit,
		}),
	);
	return {
		endpoints: made as [EndpointSettings],
		rateLimitScope: 'endpoint',
		maxConcurrentRequests: 16,
		processes: 1,
		...rest,
	};
}

/** What a careless proxy says: it echoes the key. */
function outcomeOf({ kind, hintMs, perModel = false }: Reply, text: string): Outcome {
	if (kind === 'images') {
		return { kind, images: [PIXEL], text, usage: NO_USAGE, modelVersion: null };
	}
	if (kind === 'refused') {
		return { kind, reason: 'IMAGE_SAFETY', text, usage: NO_USAGE, modelVersion: null };
	}
	const facts = { status: null, hintMs: hintMs ?? null, perModel, usage: NO_USAGE };
	return { kind, detail: null, message: text, ...facts };
}

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
