import { createHash } from 'node:crypto';
import { type Budget, createBudget, systemClock } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { createFileNames, type FileNames } from '../planning/fileNames';
import type { ItemPlan } from '../planning/planItem';
import type { Settled } from './settled';

/** One run of one node within an execution. n8n's Retry On Fail repeats a run under the same number. */
export interface Run {
	/** Unique within the workflow. */
	readonly node: string;
	readonly number: number;
}

/**
 * What one execution has made and spent, over all its runs: so n8n's Retry On Fail, which runs the whole node again,
 * pays only for what is missing, and a limit holds for a loop as a whole.
 */
export interface Ledger {
	/** Time of the pool's clock. */
	readonly startedAt: number;
	readonly spentUsd: number;
	/** What an earlier try of this run has made, or what Google declined: neither is asked for again. */
	find(key: string): Settled | undefined;
	remember(key: string, settled: Settled): void;
	/** The money of the execution under a run's limit; 0 is none. */
	budgetFor(maxCostUsd: number): Budget;
	/** Batches that runs of this execution have handed items in with. */
	readonly batches: BatchLedger;
	/** File names of a run, unlike those of all other runs of the execution. */
	fileNamesFor(run: Run): FileNames;
}

/** What an execution has handed in: n8n's Retry On Fail neither pays nor counts for it again. */
export interface BatchLedger {
	/** Notes a ticket by the key of its item, and whether that is news. */
	note(run: Run, key: string, ticket: string): void;
	has(key: string): boolean;
	/** Tickets of all runs but this one. */
	ofOthers(run: Run): readonly string[];
	isOwn(job: string): boolean;
}

function createBatchLedger(): BatchLedger {
	const noted = new Map<string, { readonly run: string; readonly ticket: string }>();
	const nameOf = ({ node, number }: Run) => `${number} ${node}`;
	const all = () => [...noted.values()];
	return {
		note: (run, key, ticket) => void noted.set(key, { run: nameOf(run), ticket }),
		has: (key) => noted.has(key),
		ofOthers: (run) => all().flatMap((each) => (each.run === nameOf(run) ? [] : [each.ticket])),
		isOwn: (job) => all().some(({ ticket }) => ticket.includes(`${job}#`)),
	};
}

function createLedger(): Ledger {
	const final = new Map<string, Settled>();
	const names = new Map<string, FileNames>();
	const money = createBudget();
	return {
		startedAt: systemClock.now(),
		get spentUsd() {
			return money.spentUsd;
		},
		find: (key) => final.get(key),
		remember(key, settled) {
			if (settled.status === 'ok' || settled.status === 'refused') final.set(key, settled);
		},
		batches: createBatchLedger(),
		budgetFor: (maxCostUsd) => (maxCostUsd === 0 ? money : money.within(maxCostUsd)),
		fileNamesFor({ node, number }) {
			// A run that n8n repeats names its images as it did before.
			names.delete(`${number} ${node}`);
			const others = [...names.values()].map(({ taken }) => taken);
			const own = createFileNames((stem) => others.some((taken) => taken.has(stem)));
			names.set(`${number} ${node}`, own);
			return own;
		},
	};
}

/** Names one image of a run by all that makes it what it is. */
export function keyOf(run: Run, { item, request }: ItemPlan, index: number): string {
	const what = JSON.stringify([run.node, run.number, item, index, request]);
	return createHash('sha256').update(what).digest('base64');
}

const HOUR_MS = 60 * 60_000;
/** For executions whose end n8n does not tell, and for those whose end it should have told. */
const KEEP_MS = { untold: HOUR_MS, told: 24 * HOUR_MS };

interface Entry {
	readonly ledger: Ledger;
	/** Runs that are using it now. */
	users: number;
	usedAt: number;
	readonly keepMs: number;
}

const entries = new Map<string, Entry>();

/**
 * Lends the execution's ledger to one run. It is dropped when the execution ends; where n8n does not tell, an hour
 * after its last use, at the next look-up, since n8n forbids timers.
 */
export async function withLedger<T>(
	context: IExecuteFunctions,
	use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
	for (const [id, { users, usedAt, keepMs }] of entries) {
		if (users === 0 && systemClock.now() - usedAt > keepMs) entries.delete(id);
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
	const keepMs = context.onExecutionFinish === undefined ? KEEP_MS.untold : KEEP_MS.told;
	const fresh = () => ({ ledger: createLedger(), users: 0, usedAt: systemClock.now(), keepMs });
	const id = context.getExecutionId();
	if (!id) return fresh();
	const known = entries.get(id);
	if (known !== undefined) return known;
	const entry = fresh();
	entries.set(id, entry);
	context.onExecutionFinish?.(() => entries.delete(id));
	return entry;
}
