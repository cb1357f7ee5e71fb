import { POLICIES } from '../../core/src/pool/policy';
import { remedyOf } from '../../core/src/remedy';

test('a retry helps wherever the pool itself would spend one', () => {
	const kinds = Object.entries(POLICIES)
		.filter(([, { costsRetry }]) => costsRetry === 'yes' || costsRetry === 'firstFree')
		.map(([code]) => code);
	expect(kinds).toContain('gatewayTimeout');
	expect(kinds.map((code) => remedyOf({ code }).helps)).toEqual(kinds.map(() => 'retry'));
});

test.each(['IMAGE_SAFETY', 'notStored', 'constructor'])('%s concerns the one item', (code) => {
	expect(remedyOf({ code })).toEqual({ concerns: 'item', helps: 'later' });
});
