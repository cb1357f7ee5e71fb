import { extractImages } from '../../../core/src/image/extract';

/** A PNG's head and its end: enough to tell type and size, and that it is whole. */
function png(width: number): Buffer {
	const data = Buffer.alloc(45);
	data.write('\x89PNG\r\n\x1a\n', 'latin1');
	data.writeUInt32BE(13, 8);
	data.write('IHDR', 12, 'latin1');
	data.writeUInt32BE(width, 16);
	data.writeUInt32BE(1, 20);
	data.write('IEND', 37, 'latin1');
	return data;
}

const inline = (width: number, more: object = {}) => ({
	inlineData: { data: png(width) },
	...more,
});
const thought = { thought: true };
const url = (width: number) => `data:image/png;base64,${png(width).toString('base64')}`;

const bare = png(1).toString('base64');

describe('extractImages', () => {
	it.each<[string, object[][], number[], string]>([
		['an image', [[inline(1)]], [1], ''],
		['both spellings', [[{ inline_data: { data: png(1) } }, inline(2)]], [1, 2], ''],
		[
			'images and text in turn',
			[[{ text: 'a' }, inline(1), { text: 'b' }, inline(2)]],
			[1, 2],
			'a\n\nb',
		],
		['images of a second candidate', [[inline(1)], [inline(2)]], [1, 2], ''],
		['no thought where a result came', [[inline(1, thought), inline(2)]], [2], ''],
		['no thought where a result came in text', [[inline(1, thought), { text: url(2) }]], [2], ''],
		[
			'the last thought where nothing else came',
			[[inline(1, thought), inline(2, thought)]],
			[2],
			'',
		],
		['no thought as text', [[{ text: 'hm', thought: true }, inline(1)]], [1], ''],
		['an image beside one in text', [[inline(1), { text: `so: ${url(2)}` }]], [1, 2], 'so:'],
		['no bytes that are no image', [[{ inlineData: { data: Buffer.from('text') } }]], [], ''],
		['no empty image', [[{ inlineData: { data: Buffer.alloc(0) } }]], [], ''],
		['nothing of an image that is a link', [[{ fileData: { fileUri: 'x' } }]], [], ''],
		['a part in the form of another API', [[{ image_url: { url: url(1) } }]], [1], ''],
		['no draft in that form', [[{ image_url: { url: url(1) }, ...thought }, inline(2)]], [2], ''],
		[
			'base64 that is fenced or quoted',
			[['```png\n%\n```', '"%"', ' % '].map((around) => ({ text: around.replace('%', bare) }))],
			[1, 1, 1],
			'',
		],
		['nothing of parts that are none', [[null as never, 'x' as never, { text: 1 }]], [], ''],
	])('reads %s', (_name, candidates, widths, text) => {
		const found = extractImages(
			candidates.map((parts) => ({ content: { parts } })),
			{ drafts: true },
		);
		expect(found.images.map(({ width }) => width)).toEqual(widths);
		expect(found.text).toBe(text);
	});

	it.each(['', ' ', '``` '])(
		'gets through a megabyte of blanks behind %j and a start',
		(before) => {
			const text = `${before}iVBORw0KGgo${' '.repeat(1e6)}!`;
			const found = extractImages([{ content: { parts: [{ text }] } }], { drafts: true });
			expect(found.text.length).toBe(text.length);
		},
	);

	it('takes no draft for a result where none is wanted', () => {
		const candidates = [{ content: { parts: [inline(1, thought)] } }];
		expect(extractImages(candidates, { drafts: false }).images).toEqual([]);
	});

	it.each([[[{}]], [[{ content: null }]], [[{ content: { parts: null } }]], [[null]], [[]]])(
		'finds nothing in %j',
		(candidates) => {
			expect(extractImages(candidates, { drafts: true })).toEqual({
				images: [],
				text: '',
				isCut: false,
				address: null,
			});
		},
	);
});
