import type { Outcome } from '../outcome';
import type { ImageRequest } from '../request';
import { NO_CALL, type Account, type Made, type NotMade } from '../result';
import { fetchJob, findJobs, type Around, type Progress } from './collect';
import { batchCostUsd } from './price';
import { missingOf, type Row } from './rows';
import { keysOf } from './ticket';
import { memberEnded, MISSING, type Ended } from './words';

/** An image that its host has stored. */
export interface Kept<T> {
	readonly status: 'ok';
	readonly kept: T;
}

type Image<T> = Kept<T> | NotMade;

interface Collecting<T> extends Around {
	save(row: number, index: number, made: Made): Promise<T>;
}

/** One image of one row that a batch is to bring. */
interface Place {
	readonly row: number;
	readonly index: number;
}

/** What came of each row: its images in order, or null where it is not done, and its `told` says why. */
export async function collectRows<T>(
	rows: readonly Row[],
	around: Collecting<T>,
): Promise<readonly (readonly Image<T>[] | null)[]> {
	const asked = rows.filter(isSubmitted);
	const names = new Set(asked.flatMap(({ tickets }) => tickets.map(({ job }) => job)));
	const all: ReadonlyMap<string, Progress> =
		names.size > 0 ? await findJobs(names, around) : new Map();
	for (const row of asked) {
		const waits = row.tickets.map(({ job }) => all.get(job)!);
		row.told ??= waits.find((each) => each.kind === 'pending')?.told ?? null;
	}
	const images = rows.map((): Image<T>[] => []);
	const put = ({ row, index }: Place, image: Image<T>) => void (images[row]![index] = image);
	for (const [job, places] of placesOf(rows.map((row) => (row.told === null ? row : null)))) {
		const progress = all.get(job)!;
		const rest =
			progress.kind === 'ready'
				? await fetchJob(job, progress, async ({ key, outcome }, { label }) => {
						const taken = places.get(key) ?? [];
						places.delete(key);
						for (const place of taken) put(place, await imageOf(place, outcome, label));
					})
				: progress;
		for (const place of [...places.values()].flat()) {
			if (rest.kind === 'pending') rows[place.row]!.told = rest.told;
			else put(place, withoutCall(rest.kind === 'over' ? rest.end : MISSING));
		}
	}
	return rows.map((row, place) =>
		row.told === null ? [...images[place]!, ...row.ends.map(withoutCall)] : null,
	);

	async function imageOf({ row, index }: Place, outcome: Outcome, lane: string): Promise<Image<T>> {
		const account = accountOf(rows[row]!.wish.request, outcome, lane);
		if (outcome.kind !== 'images') return { ...memberEnded(lane, outcome), account };
		const { images: made, text } = outcome;
		return { status: 'ok', kept: await around.save(row, index, { images: made, text, account }) };
	}
}

/** Whether all of a row is in batches that may be done by now. */
const isSubmitted = (row: Row): boolean =>
	row.told === null && row.tickets.length > 0 && missingOf(row) === 0;

/** Which images each batch is to bring, by key: rows that are copies of each other share a key. */
function placesOf(rows: readonly (Row | null)[]): Map<string, Map<string, Place[]>> {
	const jobs = new Map<string, Map<string, Place[]>>();
	for (const [row, { tickets }] of rows.flatMap((each, at) =>
		each ? [[at, each] as const] : [],
	)) {
		let index = 0;
		for (const ticket of tickets) {
			const places = jobs.get(ticket.job) ?? new Map<string, Place[]>();
			jobs.set(ticket.job, places);
			for (const key of keysOf(ticket)) {
				places.set(key, [...(places.get(key) ?? []), { row, index: index++ }]);
			}
		}
	}
	return jobs;
}

const withoutCall = (end: Ended): NotMade => ({ ...end, account: NO_CALL });

const accountOf = (request: ImageRequest, outcome: Outcome, lane: string): Account => {
	const { usage } = outcome;
	const images = outcome.kind === 'images' ? outcome.images.length : 0;
	const usd = batchCostUsd(request, usage, images);
	return {
		...NO_CALL,
		lane,
		usage,
		modelVersion: 'modelVersion' in outcome ? outcome.modelVersion : null,
		costUsd: outcome.kind === 'images' ? usd : (usd ?? 0),
	};
};
