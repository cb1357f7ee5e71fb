import { NO_CALL, type LaneStatus, type NotMade } from 'gemini-t2i/pool';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Finished } from '../../nodes/GeminiT2I/drawing/drawRun';
import { batchItems, handOn } from '../../nodes/GeminiT2I/output/handOn';
import { DEFAULT_RUN_OPTIONS } from '../../nodes/GeminiT2I/planning/parameters';
import type { Planned } from '../../nodes/GeminiT2I/planning/planRun';

/** What n8n lends to a run of so many rows, and the hints that it was given. */
const n8nWith = (rows: number) => {
	const hints: string[] = [];
	const context = {
		getInputData: () => Array.from({ length: rows }, (_, row) => ({ json: { row } })),
		getNode: () => ({}),
		getExecutionCancelSignal: () => undefined,
		addExecutionHints: (...added: { message: string }[]) =>
			hints.push(...added.map(({ message }) => message)),
	} as unknown as IExecuteFunctions;
	return { context, hints };
};

const failed = (code: string): NotMade => ({
	status: 'failed',
	code,
	message: 'Try again.',
	account: NO_CALL,
});
const layout = { binaryPropertyName: 'data', includeInputFields: true };
const planned = (item: number, ticket = ''): Planned => ({
	item,
	layout,
	ticket,
	failure: failed('badRequest'),
	reason: null,
});
const finished = (items: readonly Planned[], more: Partial<Finished>): Finished => ({
	plan: { options: DEFAULT_RUN_OPTIONS, items },
	results: items.map(() => [failed('badRequest')]),
	onError: 'continue',
	spentUsd: 0,
	lanes: [],
	...more,
});

describe('the summary', () => {
	const summaryOf = async (more: Partial<Finished>) => {
		const { context, hints } = n8nWith(1);
		await handOn(context, finished([planned(0)], more));
		return hints[0]!;
	};

	test.each([
		['gatewayTimeout', true],
		['timeout', true],
		['noImage', true],
		['deadline', true],
		['badKey', false],
		['badRequest', false],
		['IMAGE_SAFETY', false],
	])('after %s: whether it advises retries: %s', async (code, isAdvised) => {
		const summary = await summaryOf({ results: [[failed(code)]] });
		expect(summary.includes('Set the option Retries per Image to 2')).toBe(isAdvised);
	});

	test('says once what is true of lanes with one name', async () => {
		const lane: LaneStatus = {
			lane: 'Endpoint 1 #1',
			endpoint: 'Endpoint 1',
			state: 'retired',
			reason: 'the API key is not accepted',
			backInMs: 3_600_000,
			inFlight: 0,
			models: [],
		};
		const lanes = [lane, lane, { ...lane, reason: 'its credits are used up' }, lane];
		expect((await summaryOf({ lanes })).match(/Endpoint 1 #1 is out of use: [^.]+\./g)).toEqual([
			'Endpoint 1 #1 is out of use: the API key is not accepted.',
			'Endpoint 1 #1 is out of use: its credits are used up.',
		]);
	});
});

test('in batch each row is looked at a few times, however many there are, and keeps its ticket', async () => {
	const looks = { count: 0 };
	const rows = Array.from({ length: 500 }, (_, row) => ({
		...planned(row, `batches/b#${row}`),
		get item() {
			looks.count += 1;
			return row;
		},
	}));
	const { context } = n8nWith(rows.length);
	const [done] = await batchItems(context, {
		finished: finished(rows, {}),
		waiting: new Map(),
	});
	expect(done!.map(({ json }) => (json.generation as { batch: string }).batch)).toEqual(
		rows.map(({ ticket }) => ticket),
	);
	expect(looks.count).toBeLessThan(10 * rows.length);
});
