import type { IDataObject } from 'n8n-workflow';
import { generationOf } from './generation';
import { isDrawable, type Planned } from './planAll';
import type { Failure, Settled, StoredImage, Success } from './settled';

export interface Picture {
	readonly generation: IDataObject;
	readonly image: StoredImage;
}

export interface Gap {
	readonly generation: IDataObject;
	readonly failure: Failure;
}

/** One image of an item, or one that is missing. */
export type Told = Picture | Gap;

export const isPicture = (told: Told): told is Picture => 'image' in told;

/** Images count up from 0 within their item, also those that came along with another. */
export function tellAll(
	planned: Planned,
	settled: readonly Settled[],
	simplify: boolean,
): readonly Told[] {
	const plan = isDrawable(planned) ? planned : null;
	return settled.flatMap(outcomesOf).map((outcome, index) => {
		const sharers = 'image' in outcome ? outcome.success.images.length : 1;
		const generation = generationOf({ plan, index, outcome, sharers }, simplify);
		return 'image' in outcome
			? { generation, image: outcome.image }
			: { generation, failure: outcome };
	});
}

type Outcome = Failure | { readonly success: Success; readonly image: StoredImage };

const outcomesOf = (settled: Settled): readonly Outcome[] =>
	settled.status === 'ok'
		? settled.images.map((image) => ({ success: settled, image }))
		: [settled];
