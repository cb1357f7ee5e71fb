import pLimit from 'p-limit';
import type { Clock, Host } from '../effects';
import { FINDERS, type Finder } from './survey';

/** A tenant as the dispatcher sees it. */
export interface Waiting {
	/** Its calls in progress. */
	inFlight(): number;
	/**
	 * Starts the first item that can be served now; false where none can.
	 * @param finder who may find out whether something is back
	 */
	startOne(finder: Finder): boolean;
	/** Ends what cannot be served in time and sets the alarm for the rest. */
	review(): void;
}

/** The permits of one credential, whichever pool asks for them, and who gets the next one: tenants share them evenly. */
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
	/** Whether one was started: for the tenant with the fewest calls in progress, of several the one that waits longest. */
	const startOne = (finder: Finder): boolean => {
		const poorest = [...turns].sort((a, b) => a.inFlight() - b.inFlight());
		const served = poorest.find((tenant) => tenant.startOne(finder));
		if (served === undefined) return false;
		turns = [...turns.filter((tenant) => tenant !== served), served];
		return true;
	};
	/** Whether anything was started. */
	const startAll = (): boolean => {
		let any = false;
		while (isFree() && FINDERS.some(startOne)) any = true;
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

/** A tenant's one wake-up. */
export interface Alarm {
	/** Rings at `at` (pool time, ms) at the latest; an earlier alarm is kept, since whoever wakes looks again. */
	setFor(at: number): void;
	cancel(): void;
}

/** Timers of some hosts overflow at 24 days; whoever wakes too early sleeps again. */
const LONGEST_SLEEP_MS = 60 * 60_000;

export function createAlarm(host: Host, clock: Clock, ring: () => void): Alarm {
	let pending: { readonly at: number; readonly stop: AbortController } | null = null;
	const cancel = () => {
		pending?.stop.abort('no longer needed');
		pending = null;
	};
	return {
		setFor(at) {
			if (at === Infinity || (pending !== null && pending.at <= at)) return;
			cancel();
			const mine = { at, stop: new AbortController() };
			pending = mine;
			const wake = () => {
				if (pending !== mine) return;
				pending = null;
				ring();
			};
			const ms = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(at - clock.now())));
			void host.sleep(ms, mine.stop.signal).then(wake, () => undefined);
		},
		cancel,
	};
}
