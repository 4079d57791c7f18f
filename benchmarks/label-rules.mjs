// Ten regex and keyword rules over a file of N texts of 100 characters (default 1,000,000): reading the file, worker threads, all columns kept.
// `npm run build`, then `node benchmarks/label-rules.mjs [N]`.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const rules = [
  ['click', 'regex', { label: 'spam', pattern: '\\bclick (here|below|on the link)\\b' }],
  ['removal', 'regex', { label: 'spam', pattern: '\\b(to be removed|remove me|opt[- ]?out|unsubscribe)\\b' }],
  ['ip', 'regex', { label: 'spam', pattern: 'https?://\\d{1,3}(\\.\\d{1,3}){3}' }],
  ['link', 'regex', { label: 'spam', pattern: 'https?://\\S+' }],
  ['number', 'regex', { label: 'spam', pattern: '\\d{3,}' }],
  ['trade', 'regex', { label: 'spam', pattern: '\\b(buy|sell|order)\\s+now\\b' }],
  ['quote', 'regex', { label: 'ham', pattern: '(wrote|writes|said):' }],
  ['path', 'regex', { label: 'ham', pattern: '/(usr|etc|var|home|dev|tmp|lib|opt|proc)/' }],
  ['unix', 'keywords', { label: 'ham', words: 'cvs rpm kernel perl python procmail apt-get makefile gcc sendmail ssh debian'.split(' ') }],
  [
    'money',
    'keywords',
    {
      label: 'spam',
      words:
        'mortgage refinance lender loan credit debt insurance invest profit income earn money cash dollar bonus prize winner lottery casino offer deal discount sale cheap free trial order shipping guarantee refund pills diet weight herbal pharmacy doctor prescription degree diploma university marketing bulk email list leads traffic website hosting domain software'.split(
          ' ',
        ),
    },
  ],
];

if (process.argv[2] === 'measure') await measure(process.argv[3]);
else await compare(Number(process.argv[2] ?? 1_000_000));

async function compare(n) {
  const folder = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
  try {
    await makeTexts(join(folder, 'items.jsonl'), n);
    const labelers = rules.map(([id, use, options]) => ({ id, use, with: options }));
    const project = {
      items: { file: 'items.jsonl', text: 'text' },
      question: { id: 'kind', labels: ['ham', 'spam'] },
      aggregator: 'majority',
      output: 'out',
      labelers,
    };
    writeFileSync(join(folder, 'project.yaml'), JSON.stringify(project));
    // Processes of their own: peak memory is theirs alone.
    const columns = JSON.parse(node([fileURLToPath(import.meta.url), 'measure', folder]));
    node([fileURLToPath(new URL('../packages/cli/bin/labelwright.js', import.meta.url)), 'label', join(folder, 'project.yaml')]);
    const whole = JSON.parse(readFileSync(join(folder, 'out/report.json'), 'utf8'));
    const row = (what, seconds, megabytes) =>
      console.log(`| ${what} | ${seconds.toFixed(1)} | ${Math.round(n / seconds).toLocaleString('en')} | ${megabytes} |`);
    console.log(`| ${n.toLocaleString('en')} texts of 100 characters, ten rules | seconds | texts/s | peak MB |\n|---|---|---|---|`);
    row(`JSONL → ten columns (${columns.votes.toLocaleString('en')} votes)`, columns.seconds, columns.peakMegabytes);
    row('`labelwright label`: labels, votes, report written', whole.seconds, whole.peakMegabytes);
    const peer = python(join(folder, 'items.jsonl'));
    if (peer)
      row(
        `Python ${peer.version}, \`re\` and \`json\` in one loop (what Snorkel's appliers call, without their own cost)`,
        peer.seconds,
        peer.megabytes,
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function node(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The same patterns by Python's own engine, one thread; undefined where there is no Python. */
function python(path) {
  const patterns = rules.map(([, , { pattern, words }]) => pattern ?? `\\b(?:${words.join('|')})\\b`);
  const program = `
import json, re, resource, sys, time
patterns = [re.compile(p, re.I) for p in json.loads(sys.argv[2])]
started = time.perf_counter()
columns = [bytearray() for _ in patterns]
for line in open(sys.argv[1], encoding='utf-8'):
    text = json.loads(line)['text']
    for column, pattern in zip(columns, patterns):
        column.append(1 if pattern.search(text) else 0)
print(json.dumps({'seconds': time.perf_counter() - started, 'megabytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, 'version': sys.version.split()[0]}))`;
  const { status, stdout } = spawnSync('python3', ['-c', program, path, JSON.stringify(patterns)], { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** Pieces of real mail. */
async function makeTexts(path, n) {
  const lines = gunzipSync(readFileSync(new URL('../samples/spam-assassin/items.jsonl.gz', import.meta.url)))
    .toString('utf8')
    .trim()
    .split('\n');
  const mail = lines.map((line) => JSON.parse(line).text).join(' ');
  const out = createWriteStream(path);
  for (let i = 0; i < n; i++) {
    const start = (i * 9973) % (mail.length - 100);
    if (!out.write(`${JSON.stringify({ id: `t${i}`, text: mail.slice(start, start + 100) })}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function measure(folder) {
  const { loadProject } = await import('../packages/engine/dist/project/load-project.js');
  const { openItems } = await import('../packages/engine/dist/items/item-source.js');
  const { runLabelers } = await import('../packages/engine/dist/runs/run-labelers.js');
  const project = await loadProject(join(folder, 'project.yaml'));
  const source = await openItems(project.items);
  const question = project.schema.questions[0];
  const labelers = project.labelers.map((spec) => ({ ...spec, question, models: [null], seed: 0, silence: 'abstained', complete: false }));
  const started = performance.now();
  const { store, count } = await runLabelers(
    labelers,
    source.read(() => undefined),
  );
  const seconds = (performance.now() - started) / 1000;
  const votes = store.columns(count).reduce((sum, { codes }) => sum + codes.reduce((cast, code) => cast + (code >= 2 ? 1 : 0), 0), 0);
  console.log(JSON.stringify({ seconds, votes, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
}
