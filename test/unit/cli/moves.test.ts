import fc from 'fast-check';
import { applyMoves, planMoves } from '../../../core/cli/moves';
import type { Stock } from '../../../core/cli/stock';
import type { Wanted } from '../../../core/cli/plan';

/** A directory as a map from file to what it shows; a rename onto a file that is there is an overwritten image. */
const move = async (directory: Record<string, string>, wanted: Record<string, string>) => {
	const disk = new Map(Object.entries(directory));
	const there = new Map<Wanted, string>();
	for (const [stem, file] of Object.entries(wanted)) {
		there.set({ stem, otherStem: `${stem}_00` } as Wanted, file);
	}
	const files = new Map([...disk.keys()].map((file) => [file.replace(/\.\w+$/, ''), [file]]));
	const moves = planMoves({ there, files } as unknown as Stock);
	const rename = async (from: string, to: string) => {
		expect(disk.has(from)).toBe(true);
		expect(disk.has(to)).toBe(false);
		disk.set(to, disk.get(from)!);
		disk.delete(from);
	};
	const settled = await applyMoves(moves, {
		rename,
		toReplaced: async (file) => {
			await rename(file, `replaced/${file}`);
			return `replaced/${file}`;
		},
	});
	const places = [...there].map(([each, file]) => [each.stem, settled.get(each) ?? file]);
	return { disk, places: Object.fromEntries(places) as Record<string, string> };
};

test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
	['nothing to do', { '0.png': 'a' }, { 0: '0.png' }, { '0.png': 'a' }],
	[
		'one further down',
		{ '0.png': 'a', '1.jpg': 'b' },
		{ 1: '0.png', 2: '1.jpg' },
		{ '1.png': 'a', '2.jpg': 'b' },
	],
	[
		'two that change places',
		{ '0.png': 'a', '1.png': 'b' },
		{ 0: '1.png', 1: '0.png' },
		{ '0.png': 'b', '1.png': 'a' },
	],
	[
		'one that is in the way',
		{ '0.png': 'a', '1.png': 'b' },
		{ 0: '1.png' },
		{ 'replaced/0.png': 'a', '0.png': 'b' },
	],
	['the other name of the first', { '0_00.png': 'a' }, { 0: '0_00.png' }, { '0_00.png': 'a' }],
])('%s', async (_, directory, wanted, expected) => {
	const { disk } = await move(directory, wanted);
	expect(Object.fromEntries(disk)).toEqual(expected);
});

test('in any order: nothing is overwritten, nothing lost, and each lies where its row has it', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]),
			fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
			async (rows, targets) => {
				const directory = Object.fromEntries(
					[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`${n}.png`, `image ${n}`]),
				);
				const wanted = Object.fromEntries(
					rows.slice(0, targets.length).map((row, index) => [String(targets[index]), `${row}.png`]),
				);
				const { disk, places } = await move(directory, wanted);
				expect([...disk.values()].sort()).toEqual(Object.values(directory).sort());
				for (const [stem, from] of Object.entries(wanted)) {
					expect(places[stem]).toBe(`${stem}.png`);
					expect(disk.get(`${stem}.png`)).toBe(directory[from]);
				}
			},
		),
	);
});
