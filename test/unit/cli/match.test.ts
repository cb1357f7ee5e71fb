import { matchImages, type Found, type Sought } from '../../../core/cli/match';

/** `0:cat@16:9` wants at stem 0 a cat in 16:9. */
const sought = (text: string): Sought => {
	const [, stem = '', content = '', shape = ''] = /^(\w+):(\w+)@?(.*)$/.exec(text) ?? [];
	return { stem, otherStem: `${stem}_00`, content, shape };
};
/** `0=cat@16:9` is one; `0` is a file of which nothing is known; `0=cat!` stands for no row. */
const found = (text: string): Found => {
	const [, stem = '', content, shape = '', spare] = /^([\w/]+)(?:=(\w+)(?:@([\w:]+))?(!)?)?$/.exec(
		text,
	)!;
	const noted =
		content === undefined ? null : { content, shape, bytes: 1, spare: spare !== undefined };
	return { file: `${stem}.png`, stem, noted };
};
const match = (wanted: string, there: string) => {
	const rows = wanted.split(' ').map(sought);
	const matched = matchImages(rows, there.split(' ').filter(Boolean).map(found));
	return rows.map((each) => matched.get(each)?.stem ?? '-').join(' ');
};

test.each<[string, wanted: string, there: string, where: string]>([
	['all in place', '0:a 1:b', '0=a 1=b', '0 1'],
	['nothing there', '0:a 1:b', '', '- -'],
	['a row on top', '0:new 1:a 2:b', '0=a 1=b', '- 0 1'],
	['another order', '0:b 1:c 2:a', '0=a 1=b 2=c', '1 2 0'],
	['a row taken out', '0:b', '0=a 1=b', '1'],
	['a prompt that was changed', '0:z 1:b', '0=a 1=b', '- 1'],
	['from among what was replaced', '0:a', '0=b replaced/0=a', 'replaced/0'],
	['the same prompt twice, made once', '0:a 1:a', '0=a', '0 -'],
	['the same prompt twice, made twice, the other way round', '3:a 1:a', '0=a 1=a', '0 1'],
	['the ratio tells two of one prompt apart', '0:a@16:9 1:a@1:1', '0=a@1:1 1=a@16:9', '1 0'],
	['another ratio alone makes nothing new', '0:a@16:9', '0=a@1:1', '0'],
	['but what has the ratio comes first', '0:a@16:9', '0=a@1:1 replaced/0=a@16:9', 'replaced/0'],
	['by name where nothing is known', '0:a 1:b', '1', '- 1'],
	['what is known comes before what is not', '0:a', '0 5=a', '5'],
	['the first of several under its other name', '0:a', '0_00=a', '0_00'],
	['not what came along', '0:a 1:a', '0=a 7=a!', '0 -'],
	['not another image under its name', '0:a', '0=b', '-'],
])('%s', (_, wanted, there, where) => {
	expect(match(wanted, there)).toBe(where);
});

test('a row on top of 100,000 of the same prompt takes no time', () => {
	const rows = Array.from({ length: 100_000 }, (_, index) => sought(`${index + 1}:a`));
	const there = Array.from({ length: 100_000 }, (_, index) => found(`${index}=a`));
	expect(matchImages(rows, there).size).toBe(100_000);
});
