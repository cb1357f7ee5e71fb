import { systemClock } from 'gemini-t2i';
import type { IExecuteFunctions } from 'n8n-workflow';
import { createLedger, type Ledger } from './ledger';

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
