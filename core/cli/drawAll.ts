import { NO_CALL, type Made } from '../src/result';
import type { Tenant } from '../src/pool/tenant';
import { failedEntry, LOST, madeEntry, type Entry } from './entry';
import { InputImageGone } from './inputImages';
import { OutputInvalid, type Output } from './output';
import type { Wanted } from './plan';

interface Drawing {
	readonly tenant: Tenant;
	readonly output: Pick<Output, 'write' | 'writeExtra' | 'refusal'>;
	/** Breaks calls off. */
	readonly breakOff: AbortSignal;
	/** Called once for each image that settles. */
	settled(entry: Entry, wanted: Wanted): void;
	/** ISO 8601. */
	time(): string;
}

/** What tells the input images apart: known by now, since they were sent. */
const idsOf = async ({ inputs }: Wanted): Promise<Pick<Entry, 'input_ids'>> =>
	inputs.length === 0
		? {}
		: { input_ids: await Promise.all(inputs.map((each) => each.identity())) };

/** Whether only a row's input images are to blame: what loads them rejects with a sentence, a fault of ours with a type of its own. */
const isOfInputs = (reason: unknown): reason is Error =>
	reason instanceof InputImageGone || (reason instanceof Error && reason.name === 'Error');

/**
 * Makes every image that is asked for. Resolves once all have settled, with why the directory takes no more, if so: from
 * then on nothing further is paid for. An image that was broken off does not settle.
 */
export const drawAll = async (
	missing: readonly Wanted[],
	{ tenant, output, breakOff, settled, time }: Drawing,
): Promise<OutputInvalid | null> => {
	let trouble: OutputInvalid | null = null;
	const giveUp = (reason: unknown): OutputInvalid => {
		tenant.stopStarting();
		if (!(reason instanceof OutputInvalid)) throw reason;
		trouble ??= reason;
		return reason;
	};

	/** Extra images are written before the one that marks the request as made. */
	const write = async (each: Wanted, made: Made): Promise<void> => {
		const [main, ...extras] = made.images;
		const ids = await idsOf(each);
		for (const image of extras) {
			const noteOf = (file: string) => ({
				...madeEntry(each, file, image, made, true, time()),
				...ids,
			});
			await output
				.writeExtra(each.stem, image, noteOf)
				.then((file) => settled(noteOf(file), each), giveUp);
		}
		const noteOf = (file: string) => ({
			...madeEntry(each, file, main, made, false, time()),
			...ids,
		});
		settled(noteOf(await output.write(each.stem, main, noteOf)), each);
	};

	/** Whether it is written. An image that is paid for and cannot be is lost: that is told, and what it has cost. */
	const keep = (each: Wanted, made: Made): Promise<boolean> =>
		write(each, made).then(
			() => true,
			(reason: unknown) => {
				const message = `Made and paid for, but lost: ${giveUp(reason).what}`;
				const lost = { status: 'failed', code: LOST, message, account: made.account } as const;
				settled(failedEntry(each, lost, time()), each);
				return false;
			},
		);

	const makeOne = async (each: Wanted): Promise<void> => {
		let isPaidFor = false;
		const drawn = await tenant
			.draw(each.request, (made) => {
				isPaidFor = true;
				return keep(each, made);
			})
			.catch((reason: unknown) => {
				if (isPaidFor || breakOff.aborted || !isOfInputs(reason)) throw reason;
				const { message } = reason;
				return { status: 'failed', code: 'noInput', message, account: NO_CALL } as const;
			});
		if (drawn.status !== 'ok') {
			const ids = drawn.status === 'refused' ? await idsOf(each) : {};
			settled({ ...failedEntry(each, drawn, time()), ...ids }, each);
		}
		const refusal = output.refusal();
		if (refusal !== null) giveUp(refusal);
	};

	const ends = await Promise.allSettled(missing.map(makeOne));
	const unforeseen = ends.find(
		(end) => end.status === 'rejected' && end.reason !== breakOff.reason,
	);
	if (unforeseen?.status === 'rejected') throw unforeseen.reason;
	return trouble;
};
