import fc from 'fast-check';
import { createFileNames, stemOf } from '../../nodes/GeminiT2I/planning/fileNames';

describe('a stem is safe on any file system', () => {
	test.each([
		['a red chair', 'a red chair'],
		['a red chair.png', 'a red chair'],
		['photo.JPEG', 'photo'],
		['version 1.2', 'version 1.2'],
		['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j'],
		['../../etc/passwd', '-..-etc-passwd'],
		['.htaccess', 'htaccess'],
		['  spaced. ', 'spaced'],
		['two\nlines\tand\u0000more', 'two-lines-and-more'],
		['Grüße 你好 🐱', 'Grüße 你好 🐱'],
		['e\u0301', 'é'],
		['cat\u202egnp.exe', 'catgnp.exe'],
		['cat\u2066\u200b\u00ad\u{e0041}\ufeff\u2800dog', 'catdog'],
		['a\u00a0b\u3000c', 'a b c'],
		['a\u2028b\u0085c', 'a-b-c'],
		['half \ud83d a cat', 'half  a cat'],
		['COM¹', null],
		['lpt³.1', null],
		['CONIN$', null],
		['conout$ .x', null],
		['COM10', 'COM10'],
		['console', 'console'],
		['42', '42'],
		['', null],
		['   ', null],
		['???', null],
		['..', null],
		['CON', null],
		['.png', null],
	])('%j is %j', (wanted, stem) => {
		expect(stemOf(wanted)).toBe(stem);
	});

	test('whatever a column holds', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (wanted) => {
				const stem = stemOf(wanted);
				if (stem === null) return;
				expect(Buffer.byteLength(`${stem}-1000.webp`)).toBeLessThanOrEqual(255);
				expect(stem).not.toMatch(
					/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|^[.\s]|[.\s]$/u,
				);
				expect(stemOf(stem) ?? '').not.toBe('');
			}),
		);
	});
});

describe('each name is given out once', () => {
	const take = (wanted: readonly (readonly [stem: string, isOneOfSeveral: boolean])[]) => {
		const { take: next } = createFileNames(() => false);
		return wanted.map(([stem, isOneOfSeveral]) => next(stem, isOneOfSeveral));
	};
	test.each([
		[['cat', 'dog'], false, ['cat', 'dog']],
		[['cat', 'cat', 'cat'], false, ['cat', 'cat-2', 'cat-3']],
		[['cat', 'Cat'], false, ['cat', 'Cat-2']],
		[['cat', 'cat-2', 'cat'], false, ['cat', 'cat-2', 'cat-3']],
		[['cat', 'cat', 'dog', 'dog'], true, ['cat-1', 'cat-2', 'dog-1', 'dog-2']],
		[['cat', 'cat', 'cat', 'cat'], true, ['cat-1', 'cat-2', 'cat-3', 'cat-4']],
	])('%j (one of several: %j)', (stems, isOneOfSeveral, names) => {
		expect(take(stems.map((stem) => [stem, isOneOfSeveral] as const))).toEqual(names);
	});

	test('whatever is asked for', () => {
		const stem = fc.constantFrom('cat', 'Cat', 'cat-1', 'cat-2', 'cat-2-2', 'dog');
		fc.assert(
			fc.property(fc.array(fc.tuple(stem, fc.boolean())), (wanted) => {
				const names = take(wanted).map((name) => name.toLowerCase());
				expect(new Set(names).size).toBe(names.length);
			}),
		);
	});

	test('nor is one that is taken elsewhere', () => {
		expect(createFileNames((stem) => stem === 'cat').take('Cat', false)).toBe('Cat-2');
	});
});
