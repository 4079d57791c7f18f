// Makes a clone ready to run with nothing but Node and git: installs what is missing, builds what is stale.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules/.labelwright-installed');

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (error) fail(`${command} cannot be started (${error.message})`);
  return status ?? 1;
}

export function fail(message) {
  console.error(`labelwright: ${message}`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: Labelwright needs 20.19 or newer (24 is recommended), see https://nodejs.org`);
}

/** `npm ci` when the lock file is not the one that was installed. */
export function install() {
  checkNode();
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing packages (once) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  if (run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' }) !== 0)
    fail('npm ci failed: see above');
  writeFileSync(stamp, wanted);
}

/** Incremental: a second or two when nothing changed. */
export function build() {
  if (run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']) !== 0) fail('the build failed: see above');
}

/** The web page, when something that it is made of is newer than what was built. */
export function buildWeb() {
  const built = join(root, 'packages/web/dist/index.html');
  const made = existsSync(built) ? statSync(built).mtimeMs : 0;
  const sources = ['packages/web', 'packages/contract/src', 'packages/core/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !/node_modules|[/\\]dist/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  if (sources.every((file) => statSync(file).mtimeMs < made)) return;
  if (
    run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
      cwd: join(root, 'packages/web'),
    }) !== 0
  )
    fail('the web page cannot be built: see above');
}

/** The Chromium for browser tests: one that is there, else Debian's package where we are root, else Playwright's own. */
export function chromium() {
  const found = installedChromium();
  if (found) return found;
  console.error('Installing Chromium for the browser tests (once) …');
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  } else {
    run(process.execPath, [join(root, 'node_modules/playwright-core/cli.js'), 'install', 'chromium']);
  }
  return installedChromium() ?? fail('there is no Chromium for the browser tests: install one, or set LABELWRIGHT_CHROMIUM to its path');
}

function installedChromium() {
  const own = () => {
    try {
      const path = execFileSync(
        process.execPath,
        ['-e', "import('playwright-core').then(({chromium})=>process.stdout.write(chromium.executablePath()))"],
        { cwd: root, encoding: 'utf8' },
      );
      return path;
    } catch {
      return undefined;
    }
  };
  const candidates = [process.env.LABELWRIGHT_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', own()];
  return candidates.find((path) => path && existsSync(path));
}
