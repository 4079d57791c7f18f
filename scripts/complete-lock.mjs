// `npm run lock`: after npm changed package-lock.json, makes it fit for every machine: no registry addresses, and an entry for each optional platform
// package even where the registry at hand does not carry that platform (npm then leaves it out, and `npm ci` refuses the lock everywhere).
// Such entries have no hash: it is not known here. `npm run lock -- --check` fails where something is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const before = readFileSync(path, 'utf8');
const lock = JSON.parse(before);
const { packages } = lock;

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'ppc64le', 'riscv64', 's390x', 'wasm32', 'x64'];

/** From the name: `@oxlint/binding-linux-x64-musl`. */
function platformOf(name) {
  const words = name.replace('windows', 'win32').split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  if (os.length === 0 && cpu.length === 0) return undefined;
  return { ...(os.length > 0 && { os }), ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }) };
}

const isThere = (from, name) => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (!folder.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined;
  }
};

for (const [location, entry] of Object.entries(packages)) {
  if (typeof entry.resolved === 'string' && entry.resolved.startsWith('http')) delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isThere(location, name)) continue;
    const platform = platformOf(name);
    if (!platform || !/^\d/.test(version))
      throw new Error(`${location}: ${name}@${version} is not in the lock, and its name does not say for which platform it is`);
    packages[`node_modules/${name}`] = { version, ...(entry.dev && { dev: true }), optional: true, ...platform };
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
const complete = `${JSON.stringify(lock, null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(path, complete);
else if (complete !== before) {
  console.error('package-lock.json is not complete: run npm run lock');
  process.exit(1);
}
