// Few answers and many items: the share of the pool that is right when 1 % of it was answered, and the time of neighbours and graphs, as Markdown.
//   npx tsc -b packages/core && node benchmarks/semi-supervised.mjs [--sets digits,trec] [--seeds 5] [--share 0.01] [--planner hybrid] [--no-vectors] [--large]
// Data: ../shared/data/al. CPU seconds of the process, one thread. --large: neighbours of 200,000 rows too (several minutes).
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { englishVectors } from '@labelwright/core/features/english-vectors';
import { fitFewLabelFeatures } from '@labelwright/core/features/few-label-features';
import { fitSvd, transformSvd } from '@labelwright/core/features/svd';
import { fitTfIdf, transformTfIdf } from '@labelwright/core/features/tf-idf';
import { embedTexts, unpackWordVectors } from '@labelwright/core/features/word-vectors';
import { nearestNeighbours } from '@labelwright/core/math/nearest-neighbours';
import { createRandom } from '@labelwright/core/math/random';
import { checkOptions } from '@labelwright/core/model/about';
import { planners } from '@labelwright/core/planners/index';
import { estimateFromFew } from '@labelwright/core/semi-supervised/estimate-from-few';
import { fitNeighbourGraph } from '@labelwright/core/semi-supervised/neighbour-graph';
import { spreadLabels } from '@labelwright/core/semi-supervised/spread-labels';

const given = (name) => process.argv.includes(`--${name}`);
const argument = (name, fallback) => (given(name) ? process.argv[process.argv.indexOf(`--${name}`) + 1] : fallback);
const folder = join(dirname(fileURLToPath(import.meta.url)), '../../shared/data/al');
const sets = argument('sets', 'digits,mnist10k,trec,sms_spam').split(',');
const seeds = Number(argument('seeds', '5'));
const share = Number(argument('share', '0.01'));
const plannerName = argument('planner', 'hybrid');
const bars = { digits: 0.95, mnist10k: 0.91, trec: 0.58, sms_spam: 0.95 };

function timed(run) {
  const started = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(started);
  return [result, (user + system) / 1e6];
}

const bytesOf = (path) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path));
const coded = (names) => {
  const labels = [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
  return { labels, truth: Int32Array.from(names, (name) => labels.indexOf(name)) };
};

function table(path) {
  const [head, ...lines] = bytesOf(path)
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return { columns: head.length - 3, rows: lines.filter(([, split]) => split === 'train') };
}

/** Pixels without their mean, in the 50 directions of most variance. */
function mnist() {
  const { rows } = table(join(folder, 'mnist10k/labels.csv'));
  const pixels = bytesOf(join(folder, 'mnist10k/t10k-images-idx3-ubyte.gz')).subarray(16);
  const values = Float32Array.from(
    { length: rows.length * 784 },
    (_, at) => pixels[Number(rows[Math.floor(at / 784)][0]) * 784 + (at % 784)] / 255,
  );
  const mean = new Float64Array(784);
  values.forEach((value, at) => (mean[at % 784] += value / rows.length));
  const centred = { kind: 'dense', rows: rows.length, columns: 784, values: values.map((value, at) => value - mean[at % 784]) };
  const near = transformSvd(fitSvd(centred, { components: 50 }, createRandom(1)), centred, false);
  return { ...coded(rows.map(([, , label]) => label)), near, rowsFor: () => near };
}

function readSet(name) {
  if (name === 'mnist10k') return mnist();
  const csv = join(folder, name, 'data.csv');
  if (existsSync(csv)) {
    const { columns, rows } = table(csv);
    const values = Float32Array.from(rows.flatMap(([, , , ...numbers]) => numbers.map(Number)));
    const near = { kind: 'dense', rows: rows.length, columns, values };
    return { ...coded(rows.map(([, , label]) => label)), near, rowsFor: () => near };
  }
  const plain = join(folder, name, 'data.jsonl');
  const rows = bytesOf(existsSync(plain) ? plain : `${plain}.gz`)
    .toString()
    .trim()
    .split('\n')
    .map(JSON.parse);
  const train = rows.filter(({ split }) => split === 'train');
  const texts = train.map(({ text }) => text);
  const { rows: vectors, coverage } = embedTexts(unpackWordVectors(englishVectors), texts);
  const terms = transformTfIdf(fitTfIdf(texts), texts);
  const features = fitFewLabelFeatures(terms, given('no-vectors') || coverage < 0.5 ? undefined : vectors, createRandom(7));
  return { ...coded(train.map(({ label }) => label)), ...features };
}

function shareRight(posterior, truth, k) {
  let right = 0;
  truth.forEach((label, row) => {
    let best = 0;
    for (let c = 1; c < k; c++) if (posterior[row * k + c] > posterior[row * k + best]) best = c;
    if (best === label) right += 1;
  });
  return right / truth.length;
}

/** The planner asks, the labels of the set answer, until the budget is spent. */
function loop({ truth, labels, near, rowsFor }, seed) {
  const n = truth.length;
  const k = labels.length;
  const budget = Math.round(n * share);
  const random = createRandom(seed);
  const planner = planners.find(({ name }) => name === plannerName);
  const options = checkOptions(planner, {});
  const answered = new Int32Array(n).fill(-1);
  let posterior = new Float64Array(n * k).fill(1 / k);
  let estimate;
  for (let used = 0, round = 0; used < budget; round++) {
    const batchSize = Math.min(budget - used, round === 0 ? 3 * k : Math.max(10, 2 * k));
    const plan = planner.plan(
      {
        items: Array.from({ length: n }, (_, row) => String(row)),
        labels,
        posterior,
        features: near,
        answered,
        open: Uint8Array.from(answered, (label) => (label < 0 ? 1 : 0)),
        labelers: [{ id: 'person', costUsd: 0 }],
        batchSize,
        round,
      },
      options,
      random.fork(`plan ${round}`),
    );
    for (const { item } of plan) answered[item] = truth[item];
    used += plan.length;
    if (plan.length === 0) break;
    estimate = estimateFromFew({ features: rowsFor(used / k), near, answered, labels: k, random: random.fork('estimate') });
    posterior = estimate.posterior;
  }
  return { answered, estimate, right: shareRight(posterior, truth, k) };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values) =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) * (values.length / Math.max(1, values.length - 1)));

if (!existsSync(folder)) console.log(`The data are missing: ${folder}`);
else {
  console.log(`| set | items | answered | ${plannerName}, mean of ${seeds} seeds ± standard error | bar | chosen | CPU s a run |`);
  console.log('|---|---|---|---|---|---|---|');
  for (const name of sets) {
    const set = readSet(name);
    const runs = Array.from({ length: seeds }, (_, seed) => timed(() => loop(set, seed + 1)));
    const rights = runs.map(([{ right }]) => right);
    const chosen = new Map();
    for (const [{ estimate }] of runs) chosen.set(estimate.method, (chosen.get(estimate.method) ?? 0) + 1);
    if (given('details'))
      for (const [{ right, estimate }] of runs)
        console.log(
          right.toFixed(4),
          estimate.method,
          estimate.scores
            .map(({ method, setting, accuracy, logLoss }) => `${method} ${setting} ${accuracy.toFixed(2)} ${logLoss.toFixed(3)}`)
            .join(', '),
        );
    console.log(
      `| ${name} | ${set.truth.length} | ${Math.round(set.truth.length * share)} | ${mean(rights).toFixed(3)} ± ${(deviation(rights) / Math.sqrt(seeds)).toFixed(3)} (${rights.map((right) => right.toFixed(3)).join(', ')}) | ${bars[name] ?? '–'} | ${[...chosen].map(([method, count]) => `${method} ${count}×`).join(', ')} | ${mean(runs.map(([, seconds]) => seconds)).toFixed(1)} |`,
    );
  }
}

if (!given('sets')) {
  const random = createRandom(1);
  const rowsOf = (rows) => ({
    kind: 'dense',
    rows,
    columns: 100,
    values: Float32Array.from({ length: rows * 100 }, () => random.normal()),
  });
  console.log('\n| rows × 100, 10 neighbours | CPU s |\n|---|---|');
  const small = rowsOf(10_000);
  for (const use of ['wasm', 'javascript']) {
    const [, seconds] = timed(() => nearestNeighbours(small, { k: 10, metric: 'euclid', use }));
    console.log(`| 10,000, exact neighbours, ${use} | ${seconds.toFixed(2)} |`);
  }
  const [, seconds] = timed(() => {
    const seeds10 = new Float64Array(10_000 * 10);
    for (let row = 0; row < 100; row++) seeds10[row * 10 + (row % 10)] = 0.1;
    return spreadLabels(fitNeighbourGraph(small), seeds10, 10);
  });
  console.log(`| 10,000, graph and 50 sweeps of 10 labels | ${seconds.toFixed(2)} |`);
  if (given('large')) {
    const [, large] = timed(() => nearestNeighbours(rowsOf(200_000), { k: 10, metric: 'euclid' }));
    console.log(`| 200,000, exact neighbours | ${large.toFixed(0)} |`);
  }
}
