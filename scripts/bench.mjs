// `npm run bench [name …]`: builds, then runs the benchmarks one after another; the figures of docs/BENCHMARKS.md come from here.
// Names: label (rules, regex, formats), science (aggregators, planners, classifier, audits), server (database, server),
// llm (language models: calibration without one, asking one that is a fake); default label.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, fail, install, root, run } from './setup.mjs';

const groups = {
  label: ['label-rules', 'matching', 'rules', 'formats', 'aggregators'],
  science: ['aggregators', 'planners', 'classifier', 'audits', 'semi-supervised', 'simulate'],
  server: ['database', 'server', 'server-load'],
  faults: ['faults'],
  llm: ['llm', 'llm-engine'],
};

install();
build();
const asked = process.argv.length > 2 ? process.argv.slice(2) : ['label'];
for (const name of asked.flatMap((group) => groups[group] ?? [group])) {
  const file = join(root, 'benchmarks', `${name}.mjs`);
  if (!existsSync(file)) fail(`there is no benchmark '${name}'; there is ${Object.keys(groups).join(', ')}`);
  console.log(`\n## ${name}: node benchmarks/${name}.mjs\n`);
  if (run(process.execPath, [file]) !== 0) fail(`benchmark ${name} failed`);
}
