import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from './clock';
import { createLedger, type Ledger } from './ledger';

/** For executions whose end n8n does not tell. */
const KEEP_MS = 60 * 60_000;

interface Entry {
	readonly ledger: Ledger;
	/** Runs that are using it now. */
	users: number;
	usedAt: number;
}

const entries = new Map<string, Entry>();

/**
 * Lends the execution's ledger to one run. It is dropped when the execution ends, or an hour after its last use:
 * then at the next look-up, since n8n forbids timers.
 */
export async function withLedger<T>(
	context: IExecuteFunctions,
	use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
	for (const [id, { users, usedAt }] of entries) {
		if (users === 0 && clock.now() - usedAt > KEEP_MS) entries.delete(id);
	}
	const entry = entryOf(context);
	entry.users += 1;
	try {
		return await use(entry.ledger);
	} finally {
		entry.users -= 1;
		entry.usedAt = clock.now();
	}
}

function entryOf(context: IExecuteFunctions): Entry {
	const fresh = () => ({ ledger: createLedger(), users: 0, usedAt: clock.now() });
	const id = context.getExecutionId();
	if (!id) return fresh();
	const known = entries.get(id);
	if (known !== undefined) return known;
	const entry = fresh();
	entries.set(id, entry);
	context.onExecutionFinish?.(() => entries.delete(id));
	return entry;
}
