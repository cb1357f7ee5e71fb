import { readFileSync } from 'node:fs';
import path from 'node:path';
import { namesOf } from '../../core/src/names';
import type { FaultDetail, NotImages } from '../../core/src/outcome';
import { POLICIES } from '../../core/src/pool/policy';
import {
	adviceOf,
	checkedWords,
	declinedWords,
	saysOf,
	unreadableWords,
} from '../../core/src/words';

const UNWANTED = /error|problem|failure|mistake|n8n|[{}]|undefined/i;

const kinds = Object.keys(POLICIES).filter((kind) => kind !== 'images') as NotImages['kind'][];
const details: Record<FaultDetail, true> = {
	spendingCap: true,
	noBilling: true,
	noFreeTier: true,
	projectDenied: true,
	apiDisabled: true,
	modelDenied: true,
	field: true,
	moved: true,
	guarded: true,
	garbled: true,
	address: true,
};

test('what is said of an outcome, and what is advised, is plain and holds no open name', () => {
	for (const kind of kinds) {
		expect(adviceOf({ kind }, namesOf())).toMatch(/^[A-Z].*\.$/);
		if (kind !== 'refused') expect(saysOf({ kind, detail: null })).not.toMatch(UNWANTED);
		expect(adviceOf({ kind }, namesOf())).not.toMatch(UNWANTED);
	}
	for (const detail of Object.keys(details) as FaultDetail[]) {
		expect(saysOf({ kind: 'billing', detail })).not.toMatch(UNWANTED);
		expect(adviceOf({ kind: 'billing', detail }, namesOf())).not.toMatch(UNWANTED);
	}
});

test('docs/troubleshooting.md explains whatever is said of an outcome', () => {
	const page = readFileSync(path.join(__dirname, '../../docs/troubleshooting.md'), 'utf8');
	const explained = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, words]) => words!);
	// What a prompt was declined for has words of its own.
	const said = [
		...kinds.filter((kind) => kind !== 'refused').map((kind) => saysOf({ kind, detail: null })),
		...(Object.keys(details) as FaultDetail[]).map((detail) => saysOf({ kind: 'billing', detail })),
	];
	expect(said.filter((words) => !explained.some((each) => words.includes(each)))).toEqual([]);
});

test('advice speaks of things as the host calls them', () => {
	const names = namesOf({ timeout: 'Timeout (Seconds)' });
	expect(adviceOf({ kind: 'timeout' }, names)).toMatch(/^Raise Timeout \(Seconds\), /);
	expect(adviceOf({ kind: 'wrongUrl' }, names)).toMatch(/^Check the Base URL and the API Version/);
});

test('no advice says in plain English what the host calls otherwise', () => {
	const plain = namesOf();
	const own = Object.fromEntries(Object.keys(plain).map((name) => [name, `<${name}>`]));
	const all = [
		...kinds.map((kind) => adviceOf({ kind }, namesOf(own))),
		...(Object.keys(details) as FaultDetail[]).map((detail) =>
			adviceOf({ kind: 'billing', detail }, namesOf(own)),
		),
		...kinds
			.filter((kind) => kind !== 'refused')
			.map((kind) => checkedWords({ kind, detail: null }, namesOf(own))),
	];
	expect(unreadableWords('It is no image.', namesOf(own))).toContain('<checkInput>');
	const labels = [plain.baseUrl, plain.apiVersion, plain.rateLimit, plain.timeout];
	expect(all.filter((advice) => labels.some((label) => advice.includes(label)))).toEqual([]);
	expect(all).toContainEqual(expect.stringContaining('put it into the <baseUrl>'));
});

describe('a declined prompt is told in plain words, with the code of Google behind them', () => {
	test.each([
		['PROHIBITED_CONTENT', '', 'something that Google forbids (PROHIBITED_CONTENT). Change the'],
		[
			'IMAGE_SAFETY',
			'Try another.',
			'it had drawn (IMAGE_SAFETY). “Try another”. Change the prompt',
		],
		['SPII', '', 'someone’s personal data (SPII).'],
		['NEW_REASON', '', 'to make this image: NEW_REASON. Change the prompt'],
		['constructor', '', 'to make this image: constructor. Change the prompt'],
	])('%s %j', (reason, text, sentence) => {
		expect(declinedWords({ reason, text })).toContain(sentence);
		expect(declinedWords({ reason, text })).not.toMatch(UNWANTED);
	});
});
