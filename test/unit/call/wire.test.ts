import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { playWire, type WireCase } from '../../support/wire';

const folder = path.join(__dirname, '../../support/wire');
const cases = readdirSync(folder).map((name): [string, WireCase] => [
	name.replace('.json', ''),
	JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as WireCase,
]);

describe('replies of servers, over real HTTP', () => {
	it.each(cases)(
		'%s',
		async (_name, wireCase) => {
			const { outcomes, calls, holds } = await playWire(wireCase);
			if (holds !== true) {
				throw new Error(
					`${wireCase.expectation}\n${wireCase.check}\n${JSON.stringify({ outcomes, calls }, null, 1)}`,
				);
			}
		},
		60_000,
	);
});
