// The long form of the tests with kill -9 (tests/faults): more kills, on more items, at other moments.
// `npx tsc -b && node benchmarks/faults.mjs [--rounds 10] [--items 100000] [--seed 1]`
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const environment = {
  LABELWRIGHT_FAULT_ROUNDS: argument('rounds', '10'),
  LABELWRIGHT_FAULT_ITEMS: argument('items', '100000'),
  LABELWRIGHT_FAULT_SEED: argument('seed', '1'),
};
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', '--testTimeout=1200000', 'tests/faults/kill.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...environment },
});
process.exit(status ?? 1);
