import pLimit from 'p-limit';

/** A tenant as the dispatcher sees it. */
export interface Waiting {
	/** Starts the first item that can be served now; false where none can. */
	startOne(): boolean;
	/** Ends what cannot be served in time and sets the alarm for the rest. */
	review(): void;
}

/** The permits of one credential, whichever pool asks for them, and whose turn it is: tenants take turns, permit by permit. */
export interface Dispatcher {
	add(tenant: Waiting): void;
	remove(tenant: Waiting): void;
	/** Looks, soon and once, at what can be started: a permit, a sum or an item is new. */
	schedule(): void;
	/**
	 * As `schedule`, and looks at all who wait, even while every permit is taken: time has passed or a lane has changed,
	 * and with it what they wait for.
	 */
	wake(): void;
	/** Takes a permit, for whoever is just being started; answers how to give it back. */
	take(): () => void;
	resize(permits: number): void;
}

export function createDispatcher(permits: number): Dispatcher {
	const limit = pLimit(permits);
	let turns: Waiting[] = [];
	let isScheduled = false;
	let isWoken = false;

	const isFree = () => limit.activeCount < limit.concurrency;
	/** Whether anything was started. */
	const startAll = (): boolean => {
		let any = false;
		for (let refusals = 0; refusals < turns.length && isFree();) {
			const tenant = turns.shift()!;
			turns.push(tenant);
			const isStarted = tenant.startOne();
			any ||= isStarted;
			refusals = isStarted ? 0 : refusals + 1;
		}
		return any;
	};
	const dispatch = () => {
		isScheduled = false;
		startAll();
		if (!isWoken && !isFree()) return;
		isWoken = false;
		for (const tenant of turns) tenant.review();
		// Clocks go on meanwhile: what the review found open sets no alarm, so it is started now.
		if (startAll()) schedule();
	};
	const schedule = () => {
		if (isScheduled) return;
		isScheduled = true;
		void Promise.resolve().then(dispatch);
	};
	return {
		add: (tenant) => void turns.push(tenant),
		remove(tenant) {
			turns = turns.filter((other) => other !== tenant);
		},
		schedule,
		wake() {
			isWoken = true;
			schedule();
		},
		take() {
			let giveBack = () => {};
			const held = new Promise<void>((resolve) => (giveBack = resolve));
			void limit(() => held).then(schedule);
			return giveBack;
		},
		resize(next) {
			limit.concurrency = next;
			schedule();
		},
	};
}
