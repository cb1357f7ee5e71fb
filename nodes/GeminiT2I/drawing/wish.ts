import { createHash } from 'node:crypto';
import type { ImageRequest } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';

/** One image that a node asks for. Two wishes of one name that work from the same bytes are the same, in whichever run. */
export interface Wish {
	/** The workflow, the node and all of the request but its reference images, in a hash. */
	readonly name: string;
	/** To be drawn in place of the one that was given: it tells which bytes its reference images were. */
	readonly request: ImageRequest;
	/** The bytes of the reference images, in a hash; loads those that no call has loaded yet. */
	references(): Promise<string>;
}

export function wishOf(context: IExecuteFunctions, request: ImageRequest): Wish {
	const { referenceImages, ...asked } = request;
	const hashes = new Map<number, string>();
	const traced = referenceImages.map((image, place) => ({
		...image,
		async load() {
			const bytes = await image.load();
			if (!hashes.has(place)) hashes.set(place, hashOf(bytes));
			return bytes;
		},
	}));
	return {
		name: hashOf(JSON.stringify([context.getWorkflow().id, context.getNode().name, asked])),
		request: { ...request, referenceImages: traced },
		async references() {
			// One after the other: each may be large, and is let go at once.
			for (const [place, image] of traced.entries()) if (!hashes.has(place)) await image.load();
			return traced.map((_, place) => hashes.get(place)).join(' ');
		},
	};
}

const hashOf = (what: string | Buffer): string =>
	createHash('sha256').update(what).digest('base64');
