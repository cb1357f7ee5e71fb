import {
	createBatches,
	parsePoolSettings,
	resolveRequest,
	type Clock,
	type Fate,
	type ImageRequest,
	type Pass,
} from 'gemini-t2i/pool';
import { systemClock } from '../../core/src/system';
import { startEmulator, type Emulator, type EmulatorOptions } from './emulator/emulator';
import usualPass from './batch/usualPass.cjs';

export const HOUR_MS = 60 * 60_000;

const running: Emulator[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

export async function startServer(options: EmulatorOptions = {}): Promise<Emulator> {
	const emulator = await startEmulator({ imageSizePx: 32, ...options });
	running.push(emulator);
	return emulator;
}

/** Waits between tries are over at once; those that end a call never come. */
const sleep = (ms: number, signal?: AbortSignal) =>
	new Promise<void>((resolve) => {
		if (ms < 60_000) setImmediate(resolve);
		else signal?.addEventListener('abort', () => resolve(), { once: true });
	});

export interface Row {
	readonly prompt: string;
	readonly count?: number;
	readonly ticket?: string;
	/** Goes over the request when that has been checked. */
	readonly unchecked?: Partial<ImageRequest>;
	readonly [setting: string]: unknown;
}

/** What `save` is given, in its place. */
export interface Saved {
	readonly prompt: string;
	readonly index: number;
	readonly bytes: number;
	readonly costUsd: number | null;
}

export type Seen = readonly Fate<Saved>[];

/** One process that makes passes over the endpoints; each `start` is a process of its own, which knows nothing. */
export function startProcess(
	endpoints: readonly { baseUrl: string; apiKeys: string; weight?: number }[],
	more: Partial<Pass<Saved>> = {},
	clock: Clock = systemClock,
) {
	const batches = createBatches(clock);
	const settings = parsePoolSettings({
		endpoints: endpoints.map((endpoint, index) => ({ name: `Endpoint ${index + 1}`, ...endpoint })),
	});
	return async (rows: readonly Row[], extra: Partial<Pass<Saved>> = {}): Promise<Seen> => {
		const wishes = rows.map(({ count = 1, ticket = '', unchecked = {}, ...row }) => ({
			request: { ...resolveRequest({ model: 'gemini-nano-banana-2.1', ...row }), ...unchecked },
			count,
			ticket,
		}));
		return await batches.pass<Saved>(wishes, {
			fetch,
			sleep,
			signal: new AbortController().signal,
			settings,
			...usualPass,
			save: async (row, index, { images, account }) => ({
				prompt: rows[row]!.prompt,
				index,
				bytes: images[0].data.length,
				costUsd: account.costUsd,
			}),
			...more,
			...extra,
		});
	};
}

/** The rows as they come back to the node: each with the ticket it was given. */
export const again = (rows: readonly Row[], fates: Seen): Row[] =>
	rows.map((row, place) => ({ ...row, ticket: fates[place]!.ticket }));

export const rowsOf = (count: number, more: object = {}): Row[] =>
	Array.from({ length: count }, (_, index) => ({ prompt: `row ${index}`, ...more }));

/** `pending submitted`, `ok row 3`, `failed batchExpired`: what came of each image. */
export const told = (fates: Seen): string[] =>
	fates.flatMap((fate) =>
		fate.status === 'pending'
			? [`pending ${fate.code}`]
			: fate.images.map((image) =>
					image.status === 'ok' ? `ok ${image.kept.prompt}` : `${image.status} ${image.code}`,
				),
	);

export const messagesOf = (fates: Seen): string[] =>
	fates.flatMap((fate) =>
		fate.status === 'pending'
			? [fate.message]
			: fate.images.flatMap((image) => (image.status === 'ok' ? [] : [image.message])),
	);

export const countOf = (emulator: Emulator, action: string): number =>
	emulator.requests.filter((request) => request.action === action).length;
