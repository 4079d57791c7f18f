// `npm test`: installs and builds what is missing, runs every suite, ends with one line "N passed, N failed".
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, buildWeb, chromium, install, root, run } from './setup.mjs';

install();
build();
buildWeb();
const env = { ...process.env, LABELWRIGHT_CHROMIUM: chromium() };
const results = join(root, 'node_modules/.vitest-results.json');
rmSync(results, { force: true });
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const status = run(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)],
  { env },
);
const totals = existsSync(results)
  ? JSON.parse(readFileSync(results, 'utf8'))
  : { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [] };
// A file that cannot even be loaded has no failed test, but has failed.
const brokenFiles = totals.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
).length;
const failed = totals.numFailedTests + brokenFiles || (status === 0 ? 0 : 1);
console.log(`${totals.numPassedTests} passed, ${failed} failed${totals.numPendingTests > 0 ? `, ${totals.numPendingTests} skipped` : ''}`);
process.exit(status);
