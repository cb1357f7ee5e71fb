import fc from 'fast-check';
import { findDataUrls } from '../../../core/src/image/dataUrls';

const PNG = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=',
	'base64',
);
const base64 = PNG.toString('base64');
const url = `data:image/png;base64,${base64}`;
/** Without padding, in case nothing marks the end. */
const unpadded = base64.replace(/=+$/, '');
const wrapped = base64.replace(/(.{20})/g, '$1\n');

describe('findDataUrls', () => {
	it.each<[string, string, number, string]>([
		['bare', url, 1, ''],
		['in markdown', `Here you are:\n\n![image](${url})\n\nEnjoy.`, 1, 'Here you are:\n\nEnjoy.'],
		['in markdown with a title', `![a cat](${url} "cat") Bye.`, 1, 'Bye.'],
		['in HTML', `<img src="${url}">`, 1, '<img src="">'],
		['wrapped', `data:image/png;base64,${wrapped}`, 1, ''],
		[
			'wrapped and indented',
			`data:image/png;base64,\n  ${wrapped.replaceAll('\n', '\r\n  ')}`,
			1,
			'',
		],
		['with spaces', `data:image/png;base64,${base64.replace(/(.{5})/g, '$1 ')}`, 1, ''],
		['in the URL-safe alphabet', `data:image/png;base64,${PNG.toString('base64url')}`, 1, ''],
		['several', `![](${url}) and ${url} and\n${url}`, 3, 'and  and'],
		[
			'two without padding',
			`data:image/png;base64,${unpadded} data:image/png;base64,${unpadded}`,
			2,
			'',
		],
		['with words behind it', `${url} Enjoy your picture`, 1, 'Enjoy your picture'],
		[
			'with words behind it and no padding',
			`data:image/png;base64,${unpadded}\nEnjoy your picture`,
			1,
			'Enjoy your picture',
		],
		['behind one that is no picture', `data:image/svg+xml;base64,PHN2Zy8+\n${url}`, 1, ''],
		['abridged', `![cat](${url.slice(0, 90)}...)`, 0, ''],
		['cut by a token limit', `Here: ${url.slice(0, -20)}`, 0, 'Here:'],
		[
			'with a foreign character inside',
			`${url.slice(0, 90)}%2B${url.slice(90)}`,
			0,
			`%2B${url.slice(90)}`,
		],
		['with another type declared', `data:image/jpeg;charset=utf-8;base64,${base64}`, 1, ''],
		['in capitals', `Data:IMAGE/PNG;BASE64,${base64}`, 0, `Data:IMAGE/PNG;BASE64,${base64}`],
		['that is no base64', 'data:image/svg+xml,%3Csvg%3E', 0, 'data:image/svg+xml,%3Csvg%3E'],
		[
			'none',
			'I can describe such data: it is an image.',
			0,
			'I can describe such data: it is an image.',
		],
	])('%s', (_name, text, images, rest) => {
		const found = findDataUrls(text);
		expect(found.dataUrls.map((data) => data.equals(PNG))).toEqual(Array(images).fill(true));
		expect(found.rest).toBe(rest);
	});

	it('gives back any text without a data URL as it is', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				fc.pre(!text.includes('base64,'));
				expect(findDataUrls(text)).toEqual({ dataUrls: [], rest: text, isCut: false });
			}),
		);
	});

	it('finds what was put between other words', () => {
		const word = fc.string({ unit: fc.constantFrom(...'ab \n().!'), maxLength: 8 });
		fc.assert(
			fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
				const { dataUrls, rest } = findDataUrls(words.join(`\n${url}\n`));
				expect(dataUrls).toHaveLength(words.length - 1);
				expect(dataUrls.every((data) => data.equals(PNG))).toBe(true);
				expect(rest.replace(/\s/g, '')).toBe(words.join('').replace(/\s/g, ''));
			}),
		);
	});
});
