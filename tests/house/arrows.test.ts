import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const techniques = ['labelers', 'aggregators', 'planners', 'agreement', 'audits', 'formats'];
const tools = ['modalities', 'features', 'matching', 'expressions', 'semi-supervised'];

/** What a folder of core may import from, beside itself: model ← math ← tools ← techniques ← pipeline. */
const mayUse: Record<string, readonly string[]> = {
  model: [],
  math: ['model'],
  ...Object.fromEntries(tools.map((folder) => [folder, ['model', 'math', ...tools]])),
  ...Object.fromEntries(techniques.map((folder) => [folder, ['model', 'math', ...tools]])),
  pipeline: ['model', 'math', ...tools, ...techniques],
};
const packageUses: Record<string, readonly string[]> = {
  core: [],
  engine: ['core'],
  contract: ['core'],
  server: ['core', 'engine', 'contract'],
  web: ['core', 'contract'],
  cli: ['core', 'engine', 'server', 'contract'],
};

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)|(?:^|\n)import ['"]([^'"]+)['"]/g;

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3]);
}

describe('the arrows', () => {
  const core = join(root, 'packages/core/src');

  it('inside core every import follows model ← math ← tools ← techniques ← pipeline', () => {
    const wrong: string[] = [];
    for (const file of sources(core)) {
      const from = relative(core, file).split('/')[0];
      expect(Object.keys(mayUse), `${relative(root, file)} is in a folder that the arrows do not know`).toContain(from);
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const to = relative(core, resolve(dirname(file), specifier)).split('/')[0];
        if (to !== from && !mayUse[from].includes(to)) wrong.push(`${relative(core, file)} → ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('core is pure: no node: modules, no Math.random, no clock', () => {
    const wrong = sources(core)
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) => {
        const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return [/from ['"]node:/, /Math\.random\b/, /Date\.now\b/, /performance\.now\b/, /\bfetch\(/]
          .filter((pattern) => pattern.test(text))
          .map((pattern) => `${relative(core, file)}: ${pattern}`);
      });
    expect(wrong).toEqual([]);
  });

  it('packages use only the packages below them', () => {
    const wrong: string[] = [];
    for (const [name, allowed] of Object.entries(packageUses)) {
      let files: string[] = [];
      try {
        files = sources(join(root, 'packages', name, 'src'));
      } catch {
        continue; // not built yet
      }
      for (const file of files) {
        for (const specifier of importsOf(file)) {
          const used = /^@labelwright\/([^/]+)/.exec(specifier)?.[1];
          if (used !== undefined && used !== name && !allowed.includes(used)) wrong.push(`${relative(root, file)} → ${specifier}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('inside a package files are imported, never a generated list', () => {
    const wrong = sources(core).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.') && specifier.endsWith('/index.ts') && !file.endsWith('.test.ts'))
        .map((specifier) => `${relative(core, file)} → ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});
