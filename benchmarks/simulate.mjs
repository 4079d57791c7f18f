// Does the promise of coin audits hold, and how much do people save? Prints Markdown tables.
//   node benchmarks/simulate.mjs [--repetitions 2000] [--seeds 20] [--few 3] [--sets promise,stance,imagenetv2,trec,mnist10k]
// after `npm run build`; data: ../shared/data
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fitSvd, transformSvd } from '@labelwright/core/features/svd';
import { createRandom } from '@labelwright/core/math/random';
import { clopperPearson } from '@labelwright/core/math/statistics';
import { routeToPeople } from '@labelwright/core/pipeline/route-to-people';
import margin from '@labelwright/core/planners/margin';
import { simulateLoop } from '@labelwright/engine/simulate/simulate-loop';
import Papa from 'papaparse';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const repetitions = Number(option('repetitions', 2000));
const seeds = Number(option('seeds', 20));
const few = Number(option('few', 3));
const sets = option('sets', 'promise,stance,imagenetv2,trec,mnist10k').split(',');
const data = new URL('../../shared/data/', import.meta.url);
const read = (path) => readFileSync(new URL(path, data));
const folder = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const percent = (value) => `${(100 * value).toFixed(1)} %`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const table = (rows) => {
  console.log(`\n| ${rows[0].join(' | ')} |\n|${rows[0].map(() => '---|').join('')}`);
  for (const row of rows.slice(1)) console.log(`| ${row.join(' | ')} |`);
};

/** Pools of 500 labels whose errors stand where they hurt most; the promise: at most 5 % of all final labels wrong, with 95 % confidence. */
function promise() {
  const n = 500;
  const kinds = {
    'score knows nothing, 8 % wrong': { wrong: (_, random) => random.next() < 0.08, score: (item) => 0.95 - 1e-5 * item },
    'score knows nothing, 20 % wrong': { wrong: (_, random) => random.next() < 0.2, score: (item) => 0.9 - 1e-5 * item },
    'the surest are wrong': { wrong: (item, random) => random.next() < (item < 100 ? 0.4 : 0.02), score: (item) => 0.99 - 1e-4 * item },
    'score follows what was found': {
      wrong: (item, random) => random.next() < 0.1 + 0.1 * (item % 2),
      score: (item, answered) => 0.9 - 0.3 * Number(answered[(item + 2) % n] === 1) - 1e-4 * (item % 100),
    },
  };
  const rows = [['pool', 'runs', 'promise broken', '95 % interval', 'saved']];
  for (const [name, { wrong, score }] of Object.entries(kinds)) {
    let broken = 0;
    let saved = 0;
    for (let run = 0; run < repetitions; run++) {
      const random = createRandom(run);
      const truth = Int32Array.from({ length: n }, (_, item) => Number(wrong(item, random)));
      const judge = (answered) => {
        const probability = Float64Array.from(truth, (_, item) => score(item, answered));
        const posterior = new Float64Array(2 * n);
        probability.forEach((p, item) => posterior.set([p, 1 - p], 2 * item));
        return { label: new Int32Array(n), probability, posterior, outcomes: 2, method: 'given' };
      };
      const items = Array.from(truth, (_, item) => `i${item}`);
      const task = { items, labels: ['a', 'b'], judge: { hasVotes: true, judge }, planner: margin, targetError: 0.05, risk: 0.05 };
      const loop = routeToPeople({ ...task, random: random.fork('loop') });
      let step = loop.next();
      while (!step.done) step = loop.next(Int32Array.from(step.value.items, (item) => truth[item]));
      const { label, by } = step.value;
      if (truth.filter((right, item) => right !== label[item]).length > 0.05 * n) broken++;
      saved += by.filter((who) => who === 2).length / n / repetitions;
    }
    const { low, high } = clopperPearson(broken, repetitions);
    rows.push([name, repetitions, `${broken} (${percent(broken / repetitions)})`, `${percent(low)}–${percent(high)}`, percent(saved)]);
  }
  console.log('\n#### The promise (error over all final labels ≤ 5 %, 95 % confidence)');
  table(rows);
}

/** Item file, votes file. Row numbers are shuffled away: imagenetv2 is sorted by its truth. */
function pac(name, rowsOf) {
  const { data: lines } = Papa.parse(read(`pac/${name}.csv`).toString().trim(), { header: true });
  const rows = lines.map(rowsOf);
  const items = join(folder, `${name}.jsonl`);
  const votes = join(folder, `${name}-votes.csv`);
  writeFileSync(items, `${rows.map(({ said: _said, confidence: _confidence, ...item }) => JSON.stringify(item)).join('\n')}\n`);
  writeFileSync(
    votes,
    `item,labeler,label,confidence\n${rows.map(({ id, said, confidence }) => `${id},model,${said},${confidence}`).join('\n')}\n`,
  );
  return { items, votes, seeds };
}

function trec() {
  const rows = read('al/trec/data.jsonl').toString().trim().split('\n').map(JSON.parse);
  const file = join(folder, 'trec.jsonl');
  const train = rows.filter(({ split }) => split === 'train');
  writeFileSync(file, `${train.map(({ text, label }, id) => JSON.stringify({ id: `q${id}`, text, gold: label })).join('\n')}\n`);
  return { items: file, seeds: few };
}

function mnist10k() {
  const pixels = gunzipSync(read('al/mnist10k/t10k-images-idx3-ubyte.gz')).subarray(16);
  const lines = read('al/mnist10k/labels.csv').toString().trim().split('\n').slice(1);
  const rows = lines.map((line) => line.split(',')).filter((row) => row[1] === 'train');
  const values = new Float32Array(rows.length * 784);
  const centre = new Float64Array(784);
  rows.forEach(([id], at) => {
    for (let f = 0; f < 784; f++) centre[f] += (values[at * 784 + f] = pixels[Number(id) * 784 + f] / 255) / rows.length;
  });
  for (let at = 0; at < values.length; at++) values[at] -= centre[at % 784];
  const matrix = { kind: 'dense', rows: rows.length, columns: 784, values };
  const reduced = transformSvd(fitSvd(matrix, { components: 50 }, createRandom(0)), matrix, false);
  const file = join(folder, 'mnist.jsonl');
  const vectorOf = (at) =>
    Array.from(reduced.values.subarray(at * reduced.columns, (at + 1) * reduced.columns), (x) => Number(x.toFixed(4)));
  writeFileSync(
    file,
    `${rows.map((row, at) => JSON.stringify({ id: `d${row[0]}`, pixels: vectorOf(at), gold: `n${row[2]}` })).join('\n')}\n`,
  );
  return { items: file, fields: ['pixels'], seeds: few };
}

const makers = {
  stance: () =>
    pac('stance', (row) => ({ id: `s${row['']}`, text: row.text, gold: row.Y, said: row['Yhat (GPT4o)'], confidence: row.confidence })),
  imagenetv2: () =>
    pac('imagenetv2', (row) => ({ id: `p${row['']}`, gold: `c${row.Y}`, said: `c${row.Yhat}`, confidence: row.confidence })),
  trec,
  mnist10k,
};

async function savings() {
  const rows = [
    ['set', 'items', 'seeds', 'saved (mean ± sd)', 'realised error', 'above 5 %', 'checks', 'method', 'CPU s a seed', 'peak MB'],
  ];
  for (const name of sets.filter((set) => set in makers)) {
    const { seeds: count, ...request } = makers[name]();
    const reports = [];
    const started = process.cpuUsage();
    for (let seed = 0; seed < count; seed++) {
      const { report } = await simulateLoop({ ...request, gold: 'gold', planner: 'hybrid', targetError: 0.05, confidence: 0.95, seed });
      reports.push(report);
      console.error(`${name} seed ${seed}: ${percent(report.saved)} saved, error ${percent(report.realisedError)}`);
    }
    const cpu = process.cpuUsage(started);
    const saved = reports.map((report) => report.saved);
    const spread = Math.sqrt(mean(saved.map((value) => (value - mean(saved)) ** 2)));
    rows.push([
      name,
      reports[0].items,
      count,
      `${percent(mean(saved))} ± ${(100 * spread).toFixed(1)}`,
      percent(mean(reports.map((report) => report.realisedError))),
      `${reports.filter((report) => report.realisedError > 0.05).length} of ${count}`,
      Math.round(mean(reports.map((report) => report.certificate.checks))),
      reports[0].method,
      ((cpu.user + cpu.system) / 1e6 / count).toFixed(1),
      Math.max(...reports.map((report) => report.peakMegabytes)),
    ]);
  }
  if (rows.length > 1) {
    console.log('\n#### Saved by `labelwright simulate` at 5 % error with 95 % confidence');
    table(rows);
  }
}

if (sets.includes('promise')) promise();
await savings();
