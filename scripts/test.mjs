// The whole test: builds, runs every suite one after another, and sums up.
// Last line: «N passed, N failed[, N skipped]»; exit code 1 when anything failed, crashed or ran no test.
// usage: npm test
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
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
    read: (/** @type {any} */ { stats, errors }) => ({
      passed: stats.expected,
      // Errors are what went wrong outside any test: a file that could not be loaded, a fixture of a worker.
      failed: stats.unexpected + stats.flaky + errors.length,
      skipped: stats.skipped,
    }),
  };
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
const buildProblem = run(['scripts/build.mjs']);
if (buildProblem !== undefined) console.log(buildProblem);
const rows =
  buildProblem === undefined
    ? suites.map((suite) => ({ name: suite.name, ...runSuite(suite) }))
    : [{ name: 'build', passed: 0, failed: 1, skipped: 0 }];

console.log('');
console.table(rows);
const sum = (/** @type {keyof Counts} */ key) => rows.reduce((total, row) => total + row[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
