import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** Read by scripts/testHost.mjs. */
interface HostTestResults {
  passed: number;
  failed: number;
  skipped: number;
  /** A failed test's name and message in one line each. */
  failures: string[];
}

/**
 * What the extension host calls to run the suites beside this file; rejects when one failed.
 * A remote extension host's console reaches no terminal, so output and counts go to the files that the environment names.
 */
export async function run(): Promise<void> {
  const outputFile = process.env.HOST_TEST_OUTPUT;
  if (outputFile !== undefined) {
    Mocha.reporters.Base.consoleLog = (...values: unknown[]) =>
      appendFileSync(outputFile, `${format(...values)}\n`);
  }
  const mocha = new Mocha({
    ui: 'tdd',
    timeout: 60_000,
    reporter: 'spec',
    color: false,
    ...(process.env.HOST_TEST_GREP === undefined ? {} : { grep: process.env.HOST_TEST_GREP }),
  });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.host.test.js')) mocha.addFile(path.join(__dirname, name));
  }
  const results: HostTestResults = { passed: 0, failed: 0, skipped: 0, failures: [] };
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', () => results.passed++)
      .on('fail', (test, error: Error) => {
        results.failed++;
        results.failures.push(`${test.fullTitle()}: ${error.message}`);
      })
      .on('pending', () => results.skipped++);
  });
  const resultsFile = process.env.HOST_TEST_RESULTS;
  if (resultsFile !== undefined) writeFileSync(resultsFile, JSON.stringify(results));
  if (results.failed > 0) throw new Error(`${results.failed} tests failed`);
}
