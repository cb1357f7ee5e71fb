import fc from 'fast-check';
import { splitMembers } from '../../../core/src/batch/members';

const image = (byte: number, length = 40) => Buffer.alloc(length, byte);
const member = (key: string, data: Buffer) => ({
	response: {
		candidates: [{ content: { parts: [{ inlineData: { data: data.toString('base64') } }] } }],
	},
	metadata: { key },
});
const failed = (key: string) => ({
	error: { code: 13, message: 'a "brace" } in \\ words' },
	metadata: { key },
});

/** A result as Google writes it: what came of the requests stands there twice. */
const resultOf = (members: readonly object[], more: object = {}) => ({
	name: 'batches/one',
	metadata: {
		output: { inlinedResponses: { inlinedResponses: members } },
		state: 'BATCH_STATE_SUCCEEDED',
	},
	done: true,
	response: { inlinedResponses: { inlinedResponses: members } },
	...more,
});

/** Splits the text in pieces that end at these places. */
function split(text: string, cuts: readonly number[] = []) {
	const bytes = Buffer.from(text);
	const take = splitMembers(10);
	const members: any[] = [];
	const rest: Buffer[] = [];
	const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
	let start = 0;
	for (const end of ends) {
		const piece = take(Buffer.from(bytes.subarray(start, end)));
		members.push(...piece.members);
		rest.push(...piece.rest);
		start = end;
	}
	return { members, rest: Buffer.concat(rest).toString() };
}

const keysOf = (members: readonly any[]) => members.map(({ metadata }) => metadata.key);
const dataOf = (one: any): Buffer => one.response.candidates[0].content.parts[0].inlineData.data;

describe('splitMembers', () => {
	const members = [member('a', image(1)), failed('b'), member('c', image(3, 100))];

	test.each([
		['in one line', (json: unknown) => JSON.stringify(json)],
		['as Google indents it', (json: unknown) => JSON.stringify(json, null, 2)],
	])('each member comes out once, with its image decoded, %s', (_name, write) => {
		const taken = split(write(resultOf(members)));
		expect(keysOf(taken.members)).toEqual(['a', 'b', 'c']);
		expect([dataOf(taken.members[0]), dataOf(taken.members[2])]).toEqual([image(1), image(3, 100)]);
		expect(taken.members[1]).toEqual(failed('b'));
	});

	test('what stands around the members is JSON of its own', () => {
		const taken = split(JSON.stringify(resultOf(members)));
		expect(JSON.parse(taken.rest)).toEqual(resultOf([null, null, null] as never));
	});

	test('wherever the pieces end', () => {
		const text = JSON.stringify(resultOf(members, { note: 'inlinedResponses: [{' }));
		const whole = split(text);
		fc.assert(
			fc.property(fc.array(fc.nat(text.length), { maxLength: 30 }), (cuts) => {
				expect(split(text, cuts)).toEqual(whole);
			}),
		);
	});

	test.each([
		[
			'an empty first list',
			{ metadata: { output: { inlinedResponses: [] } }, response: { inlinedResponses: members } },
			3,
		],
		[
			'only one list, in snake case',
			{ response: { inlined_responses: { inlined_responses: members } } },
			3,
		],
		['a list of another name', { response: { responses: members } }, 0],
		['no list', { name: 'batches/one', done: false }, 0],
	])('%s', (_name, json, count) => {
		const taken = split(JSON.stringify(json));
		expect(taken.members).toHaveLength(count);
		expect(() => JSON.parse(taken.rest)).not.toThrow();
	});

	test('a result that breaks off gives what came whole', () => {
		const text = JSON.stringify(resultOf(members));
		expect(keysOf(split(text.slice(0, text.indexOf('"b"') + 10)).members)).toEqual(['a', 'b']);
	});
});
