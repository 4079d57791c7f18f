// Labels the sample project: 6,046 real mails. `npm run demo`.
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';

install();
build();
const status = run(process.execPath, [
  join(root, 'packages/cli/bin/labelwright.js'),
  'label',
  'samples/spam-assassin/project.yaml',
  ...process.argv.slice(2),
]);
process.exit(status);
