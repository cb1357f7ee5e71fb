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

/** What one call came to in a run that handed nothing on. The images stay in n8n's store: this tells where. */
export interface Left<T> {
	/** What was asked for, and the bytes of the reference images it was asked with. */
	readonly wish: string;
	readonly references: string;
	readonly settled: T;
}

/** What was left, until somebody asks for the very same. */
export interface Shelf<T> {
	/** Whether anything is left of a wish, whatever its reference images. */
	has(wish: string): boolean;
	/** Takes the oldest of its kind off the shelf: nothing is handed on twice. */
	take(wish: string, references: string): Left<T> | null;
	put(left: Left<T>): void;
	/** Does nothing where it has been taken already. */
	remove(left: Left<unknown>): void;
}

export function createShelf<T>(
	now: () => number,
	{ most, keepMs }: { readonly most: number; readonly keepMs: number },
): Shelf<T> {
	/** When each was left, the oldest first. */
	const all = new Map<Left<unknown>, number>();
	const byWish = new Map<string, Left<T>[]>();
	const remove = (left: Left<unknown>) => {
		if (!all.delete(left)) return;
		const others = byWish.get(left.wish)!.filter((other) => other !== left);
		if (others.length > 0) byWish.set(left.wish, others);
		else byWish.delete(left.wish);
	};
	const clearOut = () => {
		for (const [left, at] of all) {
			if (all.size <= most && now() - at <= keepMs) return;
			remove(left);
		}
	};
	return {
		has(wish) {
			clearOut();
			return byWish.has(wish);
		},
		take(wish, references) {
			clearOut();
			const left = byWish.get(wish)?.find((each) => each.references === references) ?? null;
			if (left !== null) remove(left);
			return left;
		},
		put(left) {
			all.set(left, now());
			byWish.set(left.wish, [...(byWish.get(left.wish) ?? []), left]);
			clearOut();
		},
		remove,
	};
}
