/**
 * n8n's own judges and publint on what would be published: both packages are packed, and the node's tarball is
 * unpacked and scanned as n8n's verification does it, inline disables not counted. Expects `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** n8n downloads the tarball at each installation. */
const MOST_KILOBYTES = 450;

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'gemini-t2i-judge-'));
let findings = 0;

function verdict(judge, complaints) {
	findings += complaints.length;
	console.log(`${complaints.length === 0 ? 'ok ' : 'RED'} ${judge}`);
	for (const complaint of complaints) console.log(complaint);
}

function pack(folder) {
	const [{ filename }] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], {
			cwd: folder,
			encoding: 'utf8',
		}),
	);
	return join(scratch, filename);
}

async function scan(name, folder, patterns) {
	const { passed, message, details } = await analyzePackage(folder, patterns);
	verdict(`n8n's scanner: ${name}`, passed && !message ? [] : [details ?? message]);
}

async function lintPackage(name, tarball) {
	// A Buffer may be a view into a larger ArrayBuffer.
	const { messages, pkg } = await publint({
		pack: { tarball: Uint8Array.from(readFileSync(tarball)).buffer },
	});
	verdict(
		`publint: ${name}`,
		messages.map((message) => `${message.type}: ${formatMessage(message, pkg)}`),
	);
}

try {
	const tarball = pack(root);
	execFileSync('tar', ['-xzf', tarball, '-C', scratch]);
	const unpacked = join(scratch, 'package');
	await scan('tarball', unpacked, ['**/*.js', 'package.json']);
	await scan('sources', root, SOURCE_FILE_PATTERNS);
	await lintPackage('n8n-nodes-gemini-t2i', tarball);
	await lintPackage('gemini-t2i', pack(join(root, 'core')));

	const { dependencies = {} } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
	verdict('no runtime dependencies', Object.keys(dependencies));
	const kilobytes = Math.ceil(statSync(tarball).size / 1024);
	verdict(
		`tarball: ${kilobytes} KB packed`,
		kilobytes > MOST_KILOBYTES ? [`more than ${MOST_KILOBYTES} KB`] : [],
	);
} finally {
	rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = findings === 0 ? 0 : 1;
