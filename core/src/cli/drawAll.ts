import pLimit from 'p-limit';
import type { DrawFailure, Made } from '../draw';
import type { Tenant } from '../pool/pool';
import { failedEntry, madeEntry, skippedEntry, sparedEntry } from './entry';
import type { Entry } from './entry';
import type { Output } from './output';
import type { Wanted } from './wanted';

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

/** Ends that the other images of the same prompt would meet too. */
const endsAlike = ({ facts }: DrawFailure): boolean =>
	facts.status === 'refused' || facts.code === 'badRequest';

/**
 * Makes every image that is not there yet. Resolves when all have settled or, after an abort, when every image
 * that had arrived is written.
 */
export const drawAll = async (wanted: readonly Wanted[], drawing: Drawing): Promise<void> => {
	const { tenant, output, resume, stop, settled, time } = drawing;
	const limit = pLimit(drawing.ahead);
	const spared = new Map<number, DrawFailure>();
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
		const sibling = spared.get(each.row);
		if (sibling !== undefined) return settled(sparedEntry(each, sibling, time()), each);
		const drawn = await tenant.draw(each.request, (made) => keep(each, made));
		if (drawn.status === 'ok') return;
		if (endsAlike(drawn.failure)) spared.set(each.row, drawn.failure);
		settled(failedEntry(each, drawn.failure, time()), each);
	};

	await Promise.all(
		wanted.map((each) => limit(() => makeOne(each).catch((reason) => stop.abort(reason)))),
	);
	await Promise.allSettled(writing);
};
