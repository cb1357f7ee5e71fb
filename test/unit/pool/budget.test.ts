import { createBudget, type Budget, type Reservation } from '../../../core/src/pool/budget';

const price = { listUsd: 0.03, allowanceUsd: 0.02, kind: 'a picture' };

/** Takes each step in turn: a call is started, or the oldest one in flight has cost so much. */
function play(budget: Budget, steps: readonly ('start' | number)[]) {
	const open: Reservation[] = [];
	return steps.map((step) => {
		if (step !== 'start') return void open.shift()!.settle(step);
		const reserved = budget.reserve(price);
		if (typeof reserved === 'string') return reserved;
		open.push(reserved);
		return 'granted';
	});
}

const ended = undefined;

describe('a budget sets aside what an image may cost', () => {
	test.each<[string, number, ('start' | number)[], unknown[]]>([
		['by the list alone for the very first', 0.03, ['start'], ['granted']],
		['with an allowance for the others', 0.07, ['start', 'start'], ['granted', 'later']],
		[
			'without one, once images have cost what the list says',
			0.09,
			['start', 0.03, 'start', 'start', 'start'],
			['granted', ended, 'granted', 'granted', 'later'],
		],
		[
			'with what has come on top, once that is known',
			0.1,
			['start', 0.04, 'start', 'start'],
			['granted', ended, 'granted', 'later'],
		],
		[
			'with the most that has come on top',
			0.2,
			['start', 0.09, 'start', 0.03, 'start'],
			['granted', ended, 'granted', ended, 'never'],
		],
		[
			'with the allowance still, where a call came to nothing',
			0.06,
			['start', 0.001, 'start', 0.03, 'start'],
			['granted', ended, 'granted', ended, 'never'],
		],
		[
			'and none where only the list price is left, and nothing in flight can free more',
			0.07,
			['start', 0.031, 'start', 0.04, 'start'],
			['granted', ended, 'granted', ended, 'never'],
		],
	])('%s', (_name, maxCostUsd, steps, expected) => {
		expect(play(createBudget(maxCostUsd), steps)).toEqual(expected);
	});

	test('under each limit on the same money', () => {
		const all = createBudget();
		expect(play(all.within(0.1), ['start', 0.03, 'start'])).toEqual(['granted', ended, 'granted']);
		expect(play(all.within(0.05), ['start'])).toEqual(['never']);
		expect(all.spentUsd).toBe(0.03);
	});

	test('so many calls at once, whatever money is left', () => {
		const two = createBudget().within(1, 2);
		expect(play(two, ['start', 'start', 'start', 0.03, 'start'])).toEqual([
			'granted',
			'granted',
			'later',
			ended,
			'granted',
		]);
	});

	test('no price, no limit; a limit, no price', () => {
		expect(createBudget(1).reserve(null)).toBe('unknownPrice');
		expect(typeof createBudget().reserve(null)).toBe('object');
	});
});
