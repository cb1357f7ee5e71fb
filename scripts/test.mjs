// `npm test`: everything, on a fresh clone too. The last line is the sum over all of jest's projects.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureCores } from './n8n-cores.mjs';
import { ensureN8n } from './n8n-runtime.mjs';
import { installPackages } from './packages.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(path.join(tmpdir(), 'gemini-t2i-tests-'));
const HEARTBEAT_MS = 30_000;

const checks = [
	['Build', 'npm run --silent build'],
	['Types', 'npm run --silent typecheck'],
	['Lint and format', 'npm run --silent lint'],
	['Unused files, exports and packages', 'npm run --silent knip'],
	["n8n's scanner and publint", 'npm run --silent judge'],
];

/** Runs a command to its end, with a sign of life where its own output may be long in coming. */
function run(title, command, hint = command) {
	console.log(`\n--- ${title}`);
	const began = Date.now();
	const child = spawn(command, { cwd: project, shell: true, stdio: 'inherit' });
	const heartbeat = setInterval(
		() => console.log(`    ${title}: ${Math.round((Date.now() - began) / 1000)} s`),
		HEARTBEAT_MS,
	);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => {
			clearInterval(heartbeat);
			if (code === 0) resolve();
			else reject(new Error(`${title}: ended with code ${code}. To run it alone: ${hint}`));
		});
	});
}

const counts = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];

async function jest(title, options) {
	const report = path.join(reports, `${title}.json`);
	const command = `node node_modules/jest/bin/jest.js ${options}`;
	const counted = `${command} --json --outputFile=${JSON.stringify(report)}`;
	try {
		await run(title, counted, command);
	} finally {
		if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')));
	}
}

function count({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, ...report }) {
	counts.passed += numPassedTests;
	// A file that does not even load holds no test that could fail.
	counts.failed += numFailedTests + report.numRuntimeErrorTestSuites;
	counts.skipped += numPendingTests + numTodoTests;
	for (const { assertionResults } of report.testResults)
		for (const { status, fullName } of assertionResults)
			if (['pending', 'todo', 'skipped'].includes(status)) skipped.push(fullName);
}

function reportSkipped() {
	if (skipped.length === 0) return;
	console.log(
		'\n*** NOT EVERYTHING WAS TESTED. THESE TESTS DID NOT RUN (browser tests need Chromium: apt-get install chromium):',
	);
	for (const name of skipped) console.log(`***   ${name}`);
	if (process.env.CI === 'true') throw new Error('With CI=true every test has to run.');
}

/** What takes minutes more has a run of its own: `node scripts/test.mjs queue`. */
async function testAlone(level) {
	await ensureN8n();
	await jest(`Tests: ${level}`, `--selectProjects ${level} --runInBand`);
}

async function testAll() {
	for (const [title, command] of checks) await run(title, command);
	console.log('\n--- The engines of older n8n, for the integration tests');
	await ensureCores();
	await jest('Unit and integration tests', '--selectProjects unit integration');
	console.log('\n--- n8n and its Node, for the end-to-end tests');
	await ensureN8n();
	// One at a time: each has an n8n of its own.
	await jest('End-to-end tests', '--selectProjects e2e --runInBand');
	await jest('Chaos', '--selectProjects chaos --runInBand');
}

try {
	await installPackages(project);
	const level = process.argv[2];
	await (level ? testAlone(level) : testAll());
	reportSkipped();
} catch (cause) {
	console.log(`\n${cause.message}`);
	process.exitCode = 1;
} finally {
	rmSync(reports, { recursive: true, force: true });
	console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}
