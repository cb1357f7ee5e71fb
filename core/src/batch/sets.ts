import { createHash } from 'node:crypto';
import type { Unsent } from './body';
import { keyOf } from './ticket';

/** One image to be made: one request of a batch. */
export interface Unit {
	/** The row it belongs to. */
	readonly row: number;
	readonly model: string;
	readonly imageSize: string | null;
	readonly hash: string;
	readonly number: number;
}

/** What is sent as one batch. */
export interface BatchSet {
	readonly model: string;
	/** Names these very requests: the same rows give the same name, whenever and wherever. */
	readonly displayName: string;
	readonly units: readonly Unit[];
	/** The body of each, as JSON. */
	readonly bodies: readonly string[];
}

/** Results of more could not be fetched any more: 20 images at 1K or 2K, 6 at 4K. In parts of 60. */
const FULL = 60;
const partOf = ({ imageSize }: Unit): number => (imageSize === '4K' ? 10 : 3);
/** Google takes 20 MB. */
const MOST_BYTES = 18_000_000;
/** Key and braces around a body. */
const AROUND_BYTES = 100;

/** A row that cannot be sent: its input images cannot be read, or are too large, or the SDK does not take its request. */
export interface Unsendable {
	readonly row: number;
	readonly reason: 'tooLarge' | { readonly thrown: unknown } | Unsent;
}

/**
 * Puts images into batches, in their order, model by model. Bodies are made one after another, so that no more than one
 * batch is in memory.
 */
export async function* fillSets(
	units: readonly Unit[],
	workflow: string,
	bodyOf: (unit: Unit) => Promise<string | Unsent>,
): AsyncGenerator<BatchSet | Unsendable> {
	for (const model of new Set(units.map((unit) => unit.model))) {
		let open: { unit: Unit; body: string }[] = [];
		let parts = 0;
		let bytes = 0;
		const close = (): BatchSet => {
			const set = setOf(model, workflow, open);
			open = [];
			parts = 0;
			bytes = 0;
			return set;
		};
		let last = { row: -1, body: null as string | null };
		for (const unit of units.filter((each) => each.model === model)) {
			if (last.row !== unit.row) {
				const body = await bodyOf(unit).catch((thrown: unknown) => ({ thrown }));
				const size = typeof body === 'string' ? Buffer.byteLength(body) + AROUND_BYTES : 0;
				const isSendable = typeof body === 'string' && size <= MOST_BYTES;
				if (!isSendable) {
					yield { row: unit.row, reason: typeof body === 'string' ? 'tooLarge' : body };
				}
				last = { row: unit.row, body: isSendable ? body : null };
			}
			const { body } = last;
			if (body === null) continue;
			const size = Buffer.byteLength(body) + AROUND_BYTES;
			if (open.length > 0 && (parts + partOf(unit) > FULL || bytes + size > MOST_BYTES)) {
				yield close();
			}
			open.push({ unit, body });
			parts += partOf(unit);
			bytes += size;
		}
		if (open.length > 0) yield close();
	}
}

function setOf(
	model: string,
	workflow: string,
	members: readonly { unit: Unit; body: string }[],
): BatchSet {
	const hash = createHash('sha256').update(model);
	for (const { unit, body } of members) {
		hash.update(`\n${keyOf(unit.hash, unit.number)}\n`).update(body);
	}
	return {
		model,
		displayName: `gemini-t2i ${workflow} ${hash.digest('hex').slice(0, 16)}`,
		units: members.map(({ unit }) => unit),
		bodies: members.map(({ body }) => body),
	};
}

export const isSet = (one: BatchSet | Unsendable): one is BatchSet => 'units' in one;
