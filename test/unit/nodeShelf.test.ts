import { createShelf, wishOf } from '../../nodes/GeminiT2I/drawing/shelf';
import { resolveRequest } from '../../core/src/models/resolve';
import type { IExecuteFunctions } from 'n8n-workflow';

let now = 0;
const shelf = () => createShelf<string>(() => now, { most: 3, keepMs: 1000 });
const left = (settled: string, wish = 'wish', references = '') => ({ wish, references, settled });

describe('what was left', () => {
	test('is handed out once, the oldest first', () => {
		const own = shelf();
		own.put(left('first'));
		own.put(left('second'));
		expect(own.take('wish', '')?.settled).toBe('first');
		expect(own.take('wish', '')?.settled).toBe('second');
		expect(own.has('wish')).toBe(false);
		expect(own.take('wish', '')).toBeNull();
	});

	test('is there for the very same only', () => {
		const own = shelf();
		own.put(left('a photo', 'wish', 'its bytes'));
		expect(own.has('wish')).toBe(true);
		expect(own.take('wish', 'other bytes')).toBeNull();
		expect(own.take('another wish', 'its bytes')).toBeNull();
		expect(own.take('wish', 'its bytes')?.settled).toBe('a photo');
	});

	test('goes after its time, and the oldest where there is too much', () => {
		const own = shelf();
		own.put(left('old', 'old'));
		now += 600;
		for (const each of ['a', 'b', 'c']) own.put(left(each, each));
		expect(own.has('old')).toBe(false);
		expect(own.has('a')).toBe(true);
		now += 1001;
		expect(own.take('a', '')).toBeNull();
		expect(own.has('c')).toBe(false);
	});

	test('that was taken from elsewhere is gone here too', () => {
		const [one, other] = [shelf(), shelf()];
		const same = left('same');
		one.put(same);
		other.put(same);
		other.remove(one.take('wish', '')!);
		expect(other.has('wish')).toBe(false);
		expect(() => other.remove(same)).not.toThrow();
	});
});

describe('a wish', () => {
	const context = (workflow: string, node: string) =>
		({
			getWorkflow: () => ({ id: workflow }),
			getNode: () => ({ name: node }),
		}) as IExecuteFunctions;
	const request = (more: object = {}) =>
		resolveRequest({ model: 'gemini-nano-banana-2.1', prompt: 'a cat', ...more });
	const { name } = wishOf(context('w', 'n'), request());

	test('is the same in another run', () => {
		expect(wishOf(context('w', 'n'), request()).name).toBe(name);
	});

	test.each([
		['workflow', context('v', 'n'), request()],
		['node', context('w', 'm'), request()],
		['prompt', context('w', 'n'), request({ prompt: 'a dog' })],
		['ratio', context('w', 'n'), request({ aspectRatio: '16:9' })],
		['thinking', context('w', 'n'), request({ thinkingLevel: 'high' })],
		['field', context('w', 'n'), request({ additionalFields: { next: 1 } })],
	])('is another one for another %s', (_what, from, asked) => {
		expect(wishOf(from, asked).name).not.toBe(name);
	});

	test('tells the bytes it was drawn with, and loads only what no call has loaded', async () => {
		let loads = 0;
		const from = (bytes: string) => ({
			mimeType: 'image/png',
			load: async () => {
				loads += 1;
				return Buffer.from(bytes);
			},
		});
		const wish = (...photos: string[]) =>
			wishOf(context('w', 'n'), request({ referenceImages: photos.map(from) }));
		const both = wish('one', 'two');
		await both.request.referenceImages[0]!.load();
		expect(await both.references()).toBe(await wish('one', 'two').references());
		expect(loads).toBe(4);
		expect(await both.references()).not.toBe(await wish('two', 'one').references());
		expect(await both.references()).not.toBe(await wish('one').references());
	});
});
