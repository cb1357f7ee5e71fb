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
