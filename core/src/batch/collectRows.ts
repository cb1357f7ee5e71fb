import type { Outcome } from '../outcome';
import type { ImageRequest } from '../request';
import { NO_CALL, type Account, type Made, type NotMade } from '../result';
import { fetchJob, findJobs, type Seeking, type Progress } from './collect';
import { batchCostUsd } from './price';
import { missingOf, type BatchRow } from './rows';
import { keysOf } from './ticket';
import { memberEnded, MISSING, type Ended } from './words';

/** An image that its host has stored. */
export interface Kept<T> {
	readonly status: 'ok';
	readonly kept: T;
}

type Image<T> = Kept<T> | NotMade;

interface Collecting<T> extends Seeking {
	readonly stored?: Map<string, T>;
	save(row: number, index: number, made: Made): Promise<T>;
}

/** One image of one row that a batch is to bring. */
interface Place {
	readonly row: number;
	readonly index: number;
	/** By batch and key, and by number where rows are copies of each other. */
	readonly name: string;
}

/** What came of each row: its images in order, or null where it is not done, and its `told` says why. */
export async function collectRows<T>(
	rows: readonly BatchRow[],
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
	const jobs = placesOf(rows.map((row) => (row.told === null ? row : null)));
	const everyPlace = [...jobs.values()].flatMap((places) => [...places.values()].flat());
	const stored = around.stored ?? new Map<string, T>();
	for (const place of everyPlace) {
		if (stored.has(place.name)) put(place, { status: 'ok', kept: stored.get(place.name)! });
	}
	// Of a row that has to come back anyhow nothing further is stored.
	const isOpen = ({ row, index }: Place) =>
		rows[row]!.told === null && images[row]![index] === undefined;
	for (const [job, wanted] of jobs) {
		const places = new Map(
			[...wanted].map(([key, each]) => [key, each.filter(isOpen)] as const).filter(hasAny),
		);
		if (places.size === 0) continue;
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
	for (const { row, name } of everyPlace) if (rows[row]!.told === null) stored.delete(name);
	return rows.map((row, place) =>
		row.told === null ? [...images[place]!, ...row.ends.map(withoutCall)] : null,
	);

	async function imageOf(place: Place, outcome: Outcome, lane: string): Promise<Image<T>> {
		const { row, index, name } = place;
		const { request } = rows[row]!.wish;
		const account = accountOf(request, outcome, lane);
		if (outcome.kind !== 'images') return { ...memberEnded(lane, outcome, request.model), account };
		const { images: made } = outcome;
		const text = request.includeText ? outcome.text : '';
		const kept = await around.save(row, index, { images: made, text, account });
		stored.set(name, kept);
		return { status: 'ok', kept };
	}
}

const hasAny = ([, places]: readonly [string, readonly Place[]]): boolean => places.length > 0;

/** Whether all of a row is in batches that may be done by now. */
const isSubmitted = (row: BatchRow): boolean =>
	row.told === null && row.tickets.length > 0 && missingOf(row) === 0;

/** Which images each batch is to bring, by key: rows that are copies of each other share a key. */
function placesOf(rows: readonly (BatchRow | null)[]): Map<string, Map<string, Place[]>> {
	const jobs = new Map<string, Map<string, Place[]>>();
	for (const [row, { tickets }] of rows.flatMap((each, at) =>
		each ? [[at, each] as const] : [],
	)) {
		let index = 0;
		for (const ticket of tickets) {
			const places = jobs.get(ticket.job) ?? new Map<string, Place[]>();
			jobs.set(ticket.job, places);
			for (const key of keysOf(ticket)) {
				const others = places.get(key) ?? [];
				const name = `${ticket.job}#${key} ${others.length}`;
				places.set(key, [...others, { row, index: index++, name }]);
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
