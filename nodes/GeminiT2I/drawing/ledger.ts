import { createHash } from 'node:crypto';
import { type Budget, createBudget, systemClock } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { cancelSignal } from '../n8n/host';
import { createFileNames, type FileNames } from '../planning/fileNames';
import type { ItemPlan } from '../planning/planItem';
import type { Settled } from './settled';

/** One run of one node within an execution. n8n's Retry On Fail repeats a run under the same number. */
export interface Run {
	readonly execution: string;
	/** Unique within the workflow. */
	readonly node: string;
	readonly number: number;
}

export const runOf = (context: IExecuteFunctions): Run => ({
	execution: context.getExecutionId(),
	node: context.getNode().name,
	number: context.getWorkflowDataProxy(0).$runIndex as number,
});

const nameOf = ({ execution, node, number }: Run) => JSON.stringify([execution, node, number]);

/** Names one image of a run by all that makes it what it is. */
export function keyOf(run: Run, { item, request }: ItemPlan, index: number): string {
	const what = JSON.stringify([nameOf(run), item, index, request]);
	return createHash('sha256').update(what).digest('base64');
}

/** What an execution and the sub-workflows that it calls have spent and named so far, over all their runs. */
export interface Ledger {
	/** So long after its start by the pool's clock, as if the execution had not slept since; null where that is no limit: 0. */
	timeAfter(ms: number): number | null;
	readonly spentUsd: number;
	/** The money of the execution under a run's limit, 0 is none, and the calls that the run makes at once. */
	budgetFor(maxCostUsd: number, mostAtOnce?: number): Budget;
	/** Batches that runs of this execution have handed items in with. */
	readonly batches: BatchLedger;
	/** File names of a run, unlike those of all other runs. */
	fileNamesFor(run: Run): FileNames;
}

/** What an execution has handed in: n8n's Retry On Fail neither pays nor counts for it again. */
export interface BatchLedger {
	/** Notes a ticket by the key of its item. */
	note(run: Run, key: string, ticket: string): void;
	ticketOf(key: string): string | undefined;
	/** Tickets of all runs but this one. */
	ofOthers(run: Run): readonly string[];
	isOwn(job: string): boolean;
	/** Images that are stored, by batch and key, of items whose other images are not there yet. */
	readonly stored: Map<string, readonly Settled[]>;
}

function createBatchLedger(): BatchLedger {
	const noted = new Map<string, { readonly run: string; readonly ticket: string }>();
	const all = () => [...noted.values()];
	return {
		note: (run, key, ticket) => void noted.set(key, { run: nameOf(run), ticket }),
		ticketOf: (key) => noted.get(key)?.ticket,
		ofOthers: (run) => all().flatMap((each) => (each.run === nameOf(run) ? [] : [each.ticket])),
		isOwn: (job) => all().some(({ ticket }) => ticket.includes(`${job}#`)),
		stored: new Map(),
	};
}

/** @param sleptMs how long the execution has slept so far */
function createLedger(sleptMs: () => number): Ledger {
	const enteredAt = systemClock.now();
	const names = new Map<string, FileNames>();
	const money = createBudget();
	return {
		timeAfter: (ms) => (ms === 0 ? null : enteredAt + sleptMs() + ms),
		get spentUsd() {
			return money.spentUsd;
		},
		batches: createBatchLedger(),
		budgetFor: (maxCostUsd, mostAtOnce) => money.within(maxCostUsd || Infinity, mostAtOnce),
		fileNamesFor(run) {
			// A run that n8n repeats names its images as it did before.
			names.delete(nameOf(run));
			const others = [...names.values()].map(({ taken }) => taken);
			const own = createFileNames((stem) => others.some((taken) => taken.has(stem)));
			names.set(nameOf(run), own);
			return own;
		},
	};
}

const HOUR_MS = 60 * 60_000;
/** For executions whose end n8n does not tell, and for those whose end it should have told. */
const KEEP_MS = { untold: HOUR_MS, told: 24 * HOUR_MS };

interface Entry {
	readonly ledger: Ledger;
	/** By execution, what n8n holds of it in memory: something new once it goes on after a longer Wait. */
	readonly legs: Map<string, WeakRef<AbortSignal>>;
	/** Runs that are using it now. */
	users: number;
	usedAt: number;
	sleptMs: number;
	keepMs: number;
}

const entries = new Map<string, Entry>();

/**
 * Lends a run the ledger of its execution, or of the one that called it. It is dropped at the end of that execution; where
 * n8n does not tell, an hour after its last use, at the next look-up, since n8n forbids timers.
 */
export async function withLedger<T>(
	context: IExecuteFunctions,
	use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
	const now = systemClock.now();
	for (const [id, { users, usedAt, keepMs }] of entries) {
		if (users === 0 && now - usedAt > keepMs) entries.delete(id);
	}
	const entry = entryOf(context);
	entry.users += 1;
	try {
		return await use(entry.ledger);
	} finally {
		entry.users -= 1;
		entry.usedAt = systemClock.now();
	}
}

function entryOf(context: IExecuteFunctions): Entry {
	const own = context.getExecutionId();
	if (!own) return newEntry();
	const id = context.getExecutionContext?.()?.parentExecutionId ?? own;
	const entry = entries.get(id) ?? newEntry();
	entries.set(id, entry);
	const isCalled = own !== id;
	enterLeg(entry, context, own, isCalled ? () => entry.legs.delete(own) : () => entries.delete(id));
	// Where only what it calls draws, nothing tells the end of the caller.
	if (!isCalled && context.onExecutionFinish !== undefined) entry.keepMs = KEEP_MS.told;
	return entry;
}

function newEntry(): Entry {
	const entry: Entry = {
		ledger: createLedger(() => entry.sleptMs),
		legs: new Map(),
		users: 0,
		usedAt: systemClock.now(),
		sleptMs: 0,
		keepMs: KEEP_MS.untold,
	};
	return entry;
}

/** An execution that n8n has in memory anew has slept in between: nobody was using its ledger then. */
function enterLeg(entry: Entry, context: IExecuteFunctions, id: string, end: () => void): void {
	const signal = cancelSignal(context);
	const before = entry.legs.get(id);
	if (before?.deref() === signal) return;
	if (before !== undefined && entry.users === 0) entry.sleptMs += systemClock.now() - entry.usedAt;
	entry.legs.set(id, new WeakRef(signal));
	// It tells the end of this leg, unless that is a Wait.
	context.onExecutionFinish?.(end);
}
