import type { Budget, Price, Reservation } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import { withLedger } from '../../nodes/GeminiT2I/drawing/ledger';

const HOUR_MS = 60 * 60_000;
let now = 0;
beforeEach(() => {
	now += 100 * HOUR_MS;
	jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

/** n8n's side of it: executions end, and it tells so, or is too old to. */
function execution(id: string | undefined, tells = true) {
	let end = () => {};
	const { signal } = new AbortController();
	const context = {
		getExecutionId: () => id,
		getExecutionCancelSignal: () => signal,
		...(tells && { onExecutionFinish: (handler: () => void) => (end = handler) }),
	} as unknown as IExecuteFunctions;
	return { context, end: () => end() };
}

const price = (listUsd: number): Price => ({ listUsd, allowanceUsd: 0, kind: 'a picture' });
const settle = (reserved: ReturnType<Budget['reserve']>, usd: number) =>
	(reserved as Reservation).settle(usd);

const spend = (context: IExecuteFunctions, usd: number) =>
	withLedger(context, async (ledger) => {
		settle(ledger.budgetFor(0).reserve(price(usd)), usd);
		return ledger.spentUsd;
	});

test('the runs of one execution share a ledger, until it ends', async () => {
	const { context, end } = execution('shared');
	expect(await spend(context, 1)).toBe(1);
	now += HOUR_MS / 2;
	expect(await spend(execution('shared').context, 1)).toBe(2);
	end();
	expect(await spend(execution('shared').context, 1)).toBe(1);
});

test('it waits for the next run of an execution that goes on, however slow the steps between', async () => {
	const { context } = execution('slow');
	await spend(context, 1);
	now += 20 * HOUR_MS;
	expect(await spend(context, 1)).toBe(2);
});

test('where n8n does not tell the end, it is dropped an hour after its last use, but never while a run uses it', async () => {
	const { context } = execution('idle', false);
	await spend(context, 1);
	now += HOUR_MS + 1;
	expect(await spend(context, 1)).toBe(1);
	await withLedger(context, async (ledger) => {
		now += 3 * HOUR_MS;
		expect(await spend(context, 1)).toBe(2);
		expect(ledger.spentUsd).toBe(2);
	});
	expect(await spend(context, 1)).toBe(3);
});

test('an execution without an id shares with nobody', async () => {
	expect(await spend(execution(undefined).context, 1)).toBe(1);
	expect(await spend(execution(undefined).context, 1)).toBe(1);
});

test('a limit counts what was spent before it was set', async () => {
	const { context } = execution('limited');
	await spend(context, 0.05);
	await withLedger(context, async (ledger) => {
		const budget = ledger.budgetFor(0.1);
		expect(budget.reserve(price(0.06))).toBe('never');
		expect(budget.reserve(price(0.05))).toMatchObject({});
		expect(ledger.budgetFor(0.1).reserve(price(0.05))).toBe('later');
	});
});
