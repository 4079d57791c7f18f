// Imports and previews, on a server in a process of its own with its embedded database: `npx tsc -b && node benchmarks/server.mjs [import] [preview]`
// Options: --items 100000  --words 15,200 (of the texts that are imported)  --keep (leave the folder)  --json. A million items: server-load.mjs
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addRules,
  argument,
  figures,
  has,
  importFile,
  newProject,
  note,
  noteMachine,
  rule,
  run,
  startServerProcess,
  timed,
  writeTexts,
} from './server-process.mjs';

const count = Number(argument('items', 100_000));

async function main() {
  const parts = { import: benchImport, preview: benchPreview };
  const wanted = Object.keys(parts).filter(has);
  const dataDirectory = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
  const server = await startServerProcess(dataDirectory);
  noteMachine();
  try {
    for (const part of wanted.length > 0 ? wanted : Object.keys(parts)) await parts[part](server, dataDirectory);
  } finally {
    await server.stop();
    if (has('--keep')) console.error(dataDirectory);
    else rmSync(dataDirectory, { recursive: true, force: true });
  }
  noteMachine();
  if (has('--json')) console.log(JSON.stringify(figures, null, 2));
}

async function benchImport({ client, measure }, folder) {
  for (const words of argument('words', '15,200').split(',').map(Number)) {
    const path = join(folder, `texts-${words}.jsonl`);
    await writeTexts(path, count, words);
    const project = await newProject(client, `import ${words}`);
    const before = await measure();
    const started = performance.now();
    const { sent } = await importFile(client, project, path);
    const after = await measure();
    const name = `import, ${count.toLocaleString('en')} texts of ${Math.round(statSync(path).size / count)} bytes`;
    note(`${name}: sending`, (sent - started) / 1000, 's');
    note(`${name}: storing`, (performance.now() - sent) / 1000, 's', 15);
    note(`${name}: memory above idle`, after.peakMb - before.rssMb, 'MB', 300);
    note(`${name}: event loop p99`, after.p99Ms, 'ms');
    note(`${name}: event loop max`, after.maxMs, 'ms');
    rmSync(path);
  }
}

async function benchPreview({ client, measure }, folder) {
  const path = join(folder, 'texts.jsonl');
  await writeTexts(path, count, 90);
  const project = await newProject(client, 'preview', { goldField: 'group' });
  await importFile(client, project, path);
  await addRules(client, project, 5);
  await run(client, project);
  const params = { project };
  const { labelers } = await client.listLabelers({ params });
  note('preview: first, sample not in memory', await timed(() => client.previewLabeler({ params, body: rule(7) })), 'ms');
  await measure();
  const bodies = {
    'a word': rule(8),
    'fifty words': { use: 'keywords', with: { words: Array.from({ length: 50 }, (_, n) => `w${(n * 37).toString(36)}`), label: 'spam' } },
    'a pattern': { use: 'regex', with: { pattern: '\\bs[0-9]+ign\\b.*\\bs[0-9]+ign\\b', label: 'spam' } },
    'an expression': { use: 'expression', with: { when: 'text.contains("s1ign") && size > 10.0', label: 'spam' } },
  };
  for (const [name, body] of Object.entries(bodies)) {
    const times = [];
    for (let n = 0; n < 5; n++)
      times.push(await timed(() => client.previewLabeler({ params, body: { ...body, replaces: labelers[0].id } })));
    note(`preview on 10,000 of ${count.toLocaleString('en')} texts: ${name}, median`, times.sort((a, b) => a - b)[2], 'ms');
  }
  note('suggested rules', await timed(() => client.suggestRules({ params })), 'ms');
  note('preview: event loop of the server, max', (await measure()).maxMs, 'ms');
}

await main();
