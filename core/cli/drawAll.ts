import pLimit from 'p-limit';
import type { Tenant } from '../src/pool/tenant';
import type { Made } from '../src/result';
import { failedEntry, madeEntry, skippedEntry, type Entry } from './entry';
import type { Output } from './output';
import type { Wanted } from './plan';

interface Drawing {
	readonly tenant: Tenant;
	readonly output: Output;
	/** False draws again what is there. */
	readonly resume: boolean;
	/** Requests handed to the pool at a time. */
	readonly ahead: number;
	/** The one whose signal the tenant has. Aborted here if an image cannot be written: no further one is paid for. */
	readonly stop: AbortController;
	/** Called once for each image that settles. */
	settled(entry: Entry, wanted: Wanted): void;
	/** ISO 8601. */
	time(): string;
}

/**
 * Makes every image that is not there yet. Resolves when all have settled or, after an abort, when every image
 * that had arrived is written.
 */
export const drawAll = async (wanted: readonly Wanted[], drawing: Drawing): Promise<void> => {
	const { tenant, output, resume, stop, settled, time } = drawing;
	const limit = pLimit(drawing.ahead);
	const writing = new Set<Promise<void>>();

	/** Extra images are written before the one that marks the request as made. */
	const write = async (each: Wanted, made: Made): Promise<void> => {
		const [main, ...extras] = made.images;
		for (const image of extras) {
			const file = await output.writeExtra(each.stem, image);
			settled(madeEntry(each, file, image, made, true, time()), each);
		}
		const file = await output.write(each.stem, main);
		settled(madeEntry(each, file, main, made, false, time()), each);
	};

	const keep = (each: Wanted, made: Made): Promise<void> => {
		const done = write(each, made).finally(() => writing.delete(done));
		writing.add(done);
		return done;
	};

	const makeOne = async (each: Wanted): Promise<void> => {
		if (stop.signal.aborted) return;
		const file = resume ? await output.find(each) : null;
		if (file !== null) return settled(skippedEntry(each, file, time()), each);
		const drawn = await tenant.draw(each.request, (made) => keep(each, made));
		if (drawn.status !== 'ok') settled(failedEntry(each, drawn, time()), each);
	};

	await Promise.all(
		wanted.map((each) => limit(() => makeOne(each).catch((reason) => stop.abort(reason)))),
	);
	await Promise.allSettled(writing);
};
