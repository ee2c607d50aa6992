// The whole test: installs the editor host where it is missing, builds, runs every suite one after another, and sums up.
// Last line: «N passed, N failed», and what was skipped if anything; exit code 1 when anything failed, crashed or ran no test.
// usage: npm test
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number, failures?: string[] }} Counts */
/** @typedef {{ name: string, commands: string[][], results: string, read: (json: any) => Counts }} Suite */

const root = path.resolve(import.meta.dirname, '..');
const resultsFolder = path.join(root, 'test-results');
const bin = (/** @type {string} */ name) => path.join(root, 'node_modules/.bin', name);

/**
 * @param {string} project of playwright.config.ts
 * @param {string[][]} before what has to run first
 */
function playwrightSuite(project, ...before) {
  return {
    name: project,
    results: `${project}.json`,
    commands: [
      ...before,
      [bin('playwright'), 'test', `--project=${project}`, '--reporter=list,json'],
    ],
    read: (/** @type {any} */ { stats, errors, suites }) => ({
      // A flaky test passed at its second try; the list above names it.
      passed: stats.expected + stats.flaky,
      // Errors are what went wrong outside any test: a file that could not be loaded, a fixture of a worker.
      failed: stats.unexpected + errors.length,
      skipped: stats.skipped,
      failures: suites.flatMap(notPassed),
    }),
  };
}

/**
 * Names of the tests that vitest reports as failed.
 * @param {any} json
 */
function failedVitest(json) {
  return json.testResults
    .flatMap((/** @type {any} */ file) => file.assertionResults)
    .filter((/** @type {any} */ { status }) => status === 'failed')
    .map(
      (/** @type {any} */ { fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`,
    );
}

/**
 * Names of the tests of a Playwright suite that failed or passed only at their second try.
 * @param {any} suite
 * @returns {string[]}
 */
function notPassed({ suites = [], specs = [] }) {
  return [
    ...suites.flatMap(notPassed),
    ...specs.flatMap((/** @type {any} */ { title, tests }) =>
      tests
        .filter((/** @type {any} */ { status }) => status === 'unexpected' || status === 'flaky')
        .map(
          (/** @type {any} */ { status, results }) =>
            `${title} (${status}): ${results[0].error?.message}`,
        ),
    ),
  ];
}

/** @type {Suite[]} */
const suites = [
  {
    name: 'unit, kernels, runtime',
    results: 'vitest.json',
    commands: [
      [
        ...[bin('vitest'), 'run', '--reporter=default', '--reporter=json'],
        `--outputFile.json=${path.join(resultsFolder, 'vitest.json')}`,
      ],
    ],
    read: (json) => ({
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
      failures: failedVitest(json),
    }),
  },
  {
    name: 'extension host',
    results: 'host.json',
    commands: [['scripts/testHost.mjs']],
    read: (json) => json,
  },
  playwrightSuite('browser'),
  playwrightSuite('package', ['scripts/package.mjs']),
];

/**
 * Runs a program of Node in the foreground.
 * @param {string[]} command script and arguments
 * @param {Record<string, string>} environment
 */
function run(command, environment = {}) {
  const { status, signal } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return status === 0 ? undefined : `${command[0]} ended with ${signal ?? status}`;
}

/**
 * @param {Suite} suite
 * @returns {Counts}
 */
function runSuite(suite) {
  console.log(`\n=== ${suite.name}`);
  const resultsFile = path.join(resultsFolder, suite.results);
  rmSync(resultsFile, { force: true });
  let problem;
  for (const command of suite.commands) {
    problem ??= run(command, { PLAYWRIGHT_JSON_OUTPUT_FILE: resultsFile });
  }
  const counts = existsSync(resultsFile)
    ? suite.read(JSON.parse(readFileSync(resultsFile, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 };
  // A suite that crashed has no failed test to show for it.
  if (counts.failed === 0 && counts.passed === 0) problem ??= 'it ran no test';
  if (counts.failed === 0 && problem !== undefined) {
    console.log(`${suite.name}: ${problem}`);
    return { ...counts, failed: 1 };
  }
  return counts;
}

mkdirSync(resultsFolder, { recursive: true });
const problem = run(['scripts/setupVscodeHost.mjs']) ?? run(['scripts/build.mjs']);
if (problem !== undefined) console.log(problem);
const rows =
  problem === undefined
    ? suites.map((suite) => ({ name: suite.name, ...runSuite(suite) }))
    : [{ name: 'preparation', passed: 0, failed: 1, skipped: 0 }];

console.log('');
// Once more at the end, where a build machine's log is read first.
for (const { name, failures = [] } of rows) {
  for (const failure of failures) console.log(`${name}: ${failure.slice(0, 400)}\n`);
}
console.table(rows.map(({ name, passed, failed, skipped }) => ({ name, passed, failed, skipped })));
const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
  rows.reduce((total, row) => total + row[key], 0);
const skipped = sum('skipped');
const rest = skipped === 0 ? '' : `, ${skipped} skipped`;
console.log(`${sum('passed')} passed, ${sum('failed')} failed${rest}`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
