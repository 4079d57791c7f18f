// `npm start`: installs and builds what is missing, then the product in the browser. `npm start -- --port 5000` and the like are passed on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, buildWeb, install, root } from './setup.mjs';

install();
build();
buildWeb();
const server = spawn(process.execPath, [join(root, 'packages/cli/bin/labelwright.js'), 'serve', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (status) => process.exit(status ?? 1));
