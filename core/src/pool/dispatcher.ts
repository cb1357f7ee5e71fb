import type { Permits } from './permits';

/** A tenant as the dispatcher sees it. */
export interface Waiting {
	/** Starts the first item that can be served now; false where none can. */
	startOne(): boolean;
	/** Ends what cannot be served in time and sets the alarm for the rest. */
	review(): void;
}

/** Hands out permits: tenants take turns, permit by permit. */
export interface Dispatcher {
	add(tenant: Waiting): void;
	remove(tenant: Waiting): void;
	/** Looks again, soon and once, at what can be started. */
	schedule(): void;
	/** As `schedule`; also looks at what can no longer be served while every permit is taken. */
	wake(): void;
	readonly tenants: number;
}

export function createDispatcher(permits: Permits): Dispatcher {
	let turns: Waiting[] = [];
	let isScheduled = false;
	let isWoken = false;
	let stopListening = () => {};

	const dispatch = () => {
		isScheduled = false;
		for (let refusals = 0; refusals < turns.length && permits.isFree();) {
			const tenant = turns.shift()!;
			turns.push(tenant);
			refusals = tenant.startOne() ? 0 : refusals + 1;
		}
		if (!isWoken && !permits.isFree()) return;
		isWoken = false;
		for (const tenant of turns) tenant.review();
	};
	const schedule = () => {
		if (isScheduled) return;
		isScheduled = true;
		void Promise.resolve().then(dispatch);
	};
	return {
		add(tenant) {
			if (turns.length === 0) stopListening = permits.onFree(schedule);
			turns.push(tenant);
		},
		remove(tenant) {
			turns = turns.filter((other) => other !== tenant);
			if (turns.length === 0) stopListening();
		},
		schedule,
		wake() {
			isWoken = true;
			schedule();
		},
		get tenants() {
			return turns.length;
		},
	};
}
