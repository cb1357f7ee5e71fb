import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readBody, type Reply } from '../../../core/src/call/body';
import { classifyReply } from '../../../core/src/call/classify';
import { ROWS } from '../../../core/src/call/verdicts';
import { systemHost } from '../../../core/src/system';

const fixtures = path.join(__dirname, '../../support/fixtures');
const index = JSON.parse(readFileSync(path.join(fixtures, 'index.json'), 'utf8')) as Record<
	string,
	{ status: number; headers?: Record<string, string> }
>;

/** Nothing that a file could hold: how a body ends, and where a redirect leads. */
const BY_CALLS = ['aborted', 'garbled', 'overLimit', 'moved'];

async function replyOf([name, { status, headers = {} }]: (typeof entries)[number]): Promise<Reply> {
	const bytes = new Uint8Array(readFileSync(path.join(fixtures, name)));
	const host = systemHost(new AbortController().signal);
	const body = await readBody(new Response(bytes), host, { limit: 4e6, usualImage: 1000 });
	return { status, headers: new Headers(headers), ...body };
}

const entries = Object.entries(index);
const judged = (reply: Reply) => {
	const outcome = classifyReply(reply, { tell: (said) => said, wallClock: () => 0 });
	return JSON.stringify({ ...outcome, images: null });
};

test('each row of the table is needed: without it a fixture is misjudged', async () => {
	const replies = await Promise.all(entries.map(replyOf));
	const before = replies.map(judged);
	const rows = ROWS as (typeof ROWS)[number][];
	const idle = [...rows].filter((row) => {
		if (BY_CALLS.some((form) => row.form?.source.includes(form)) || row === rows.at(-1))
			return false;
		const at = rows.indexOf(row);
		rows.splice(at, 1);
		const changed = replies.some((reply, nth) => judged(reply) !== before[nth]);
		rows.splice(at, 0, row);
		return !changed;
	});
	expect(idle).toEqual([]);
});
