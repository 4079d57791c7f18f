// Labels that planners need, and seconds that a round takes, as Markdown.
//   npx tsc -b packages/core && node benchmarks/planners.mjs [--sets digits,mnist10k,trec,sms_spam,20news] [--seeds 5] [--planners hybrid,…] [--no-labels] [--no-money] [--no-times]
// Data: ../shared/data/al (ANCHORS §5). Gold plays the people, in batches; after each batch softmax regression is fitted on the labels so far and
// scored on the test split. Counted: labels until that score reaches 95 % of the score with all labels.
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { fitSvd, transformSvd } from '@labelwright/core/features/svd';
import { fitTfIdf, transformTfIdf } from '@labelwright/core/features/tf-idf';
import { createRandom } from '@labelwright/core/math/random';
import { fitSoftmax, predictSoftmax } from '@labelwright/core/math/softmax-regression';
import { pickRows } from '@labelwright/core/math/sparse';
import { checkOptions } from '@labelwright/core/model/about';
import { planners } from '@labelwright/core/planners/index';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const folder = join(dirname(fileURLToPath(import.meta.url)), '../../shared/data/al');
const seeds = Number(argument('seeds', 5));

const sets = {
  digits: { read: readDigits, batch: 20, most: 400, l2: 1 },
  mnist10k: { read: readMnist, batch: 20, most: 1000, l2: 1 },
  trec: { read: readTexts, batch: 40, most: 2000, l2: 0.1 },
  sms_spam: { read: readTexts, batch: 20, most: 520, l2: 0.1, score: macroF1 },
  '20news': { read: readTexts, batch: 100, most: 4000, l2: 0.1, slow: true },
};

/** Planners that are tried on every set but 20news, where three of them take long enough. */
const tried = (
  argument('planners', '') ||
  'random,least-confidence,margin,entropy,committee,expected-gradient-length,density-weighted,core-set,typiclust,badge,prob-cover,class-balancing,diversified-margin,hybrid'
).split(',');
const triedOnSlow = ['random', 'margin', 'diversified-margin', 'hybrid'].filter((name) => tried.includes(name));

function readDigits() {
  const [, ...lines] = readFileSync(join(folder, 'digits/data.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(','));
  return split(
    rows,
    (row) => ({ isTest: row[1] !== 'train', label: row[2] }),
    dense(rows.map((row) => row.slice(3).map((value) => value / 16))),
  );
}

/** Pixels on the first 50 principal components of the training images. */
function readMnist() {
  const [, ...lines] = readFileSync(join(folder, 'mnist10k/labels.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(','));
  const bytes = gunzipSync(readFileSync(join(folder, 'mnist10k/t10k-images-idx3-ubyte.gz'))).subarray(16);
  const d = 784;
  const train = rows.map((row) => row[1] === 'train');
  const mean = new Float64Array(d);
  train.forEach((isTrain, i) => {
    if (isTrain) for (let f = 0; f < d; f++) mean[f] += bytes[rows[i][0] * d + f];
  });
  const count = train.filter(Boolean).length;
  const pixels = dense(rows.map(([id]) => Array.from({ length: d }, (_, f) => (bytes[id * d + f] - mean[f] / count) / 255)));
  const trainRows = train.flatMap((isTrain, i) => (isTrain ? [i] : []));
  const model = fitSvd(pickRows(pixels, trainRows), { components: 50 }, createRandom(0));
  return split(rows, (row) => ({ isTest: row[1] !== 'train', label: row[2] }), transformSvd(model, pixels, false));
}

function readTexts(name) {
  const plain = join(folder, name, 'data.jsonl');
  const bytes = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  const rows = bytes.toString().trim().split('\n').map(JSON.parse);
  const textOf = ({ subject, text }) => (subject === undefined ? text : `${subject}\n${text}`);
  const model = fitTfIdf(rows.filter((row) => row.split === 'train').map(textOf));
  const features = transformTfIdf(model, rows.map(textOf));
  return split(rows, (row) => ({ isTest: row.split !== 'train', label: row.label }), features);
}

function dense(rows) {
  return { kind: 'dense', rows: rows.length, columns: rows[0].length, values: Float32Array.from(rows.flat()) };
}

function split(rows, describe, features) {
  const described = rows.map(describe);
  const labels = [...new Set(described.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
  const placesOf = (wanted) => described.flatMap(({ isTest }, i) => (isTest === wanted ? [i] : []));
  const part = (places) => ({
    features: pickRows(features, places),
    truth: Int32Array.from(places, (i) => labels.indexOf(described[i].label)),
  });
  return { labels, train: part(placesOf(false)), test: part(placesOf(true)) };
}

function accuracy(predicted, truth) {
  return predicted.filter((label, i) => label === truth[i]).length / truth.length;
}

function macroF1(predicted, truth) {
  const found = [...new Set(truth)].map((label) => {
    const count = (test) => truth.reduce((sum, right, i) => sum + Number(test(right === label, predicted[i] === label)), 0);
    const hits = count((right, said) => right && said);
    return (2 * hits) / (2 * hits + count((right, said) => right !== said)) || 0;
  });
  return found.reduce((sum, f1) => sum + f1, 0) / found.length;
}

function learn({ features, truth }, rows, k, l2, start) {
  const target = new Float64Array(rows.length * k);
  rows.forEach((row, at) => {
    target[at * k + truth[row]] = 1;
  });
  return fitSoftmax(pickRows(features, rows), target, k, { l2, tolerance: 1e-4, ...(start && { start }) });
}

function predict(model, { features }, k) {
  const probabilities = predictSoftmax(model, features);
  const labels = new Int32Array(features.rows);
  for (let row = 0; row < labels.length; row++) {
    const own = probabilities.subarray(row * k, (row + 1) * k);
    labels[row] = own.indexOf(Math.max(...own));
  }
  return { probabilities, labels };
}

/** Labels until `goal` is reached, Infinity where it was not, and the seconds that planning took. */
function run({ labels, train, test }, { batch, most, l2, score = accuracy }, planner, seed, goal) {
  const n = train.truth.length;
  const k = labels.length;
  const answered = new Int32Array(n).fill(-1);
  const open = new Uint8Array(n).fill(1);
  const known = [];
  const uniform = new Float64Array(n * k).fill(1 / k);
  const items = Array.from({ length: n }, (_, i) => `item ${i}`);
  const random = createRandom(seed);
  const options = checkOptions(planner, {});
  const confusion = Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? 1 : 0));
  let probabilities = uniform;
  let model;
  let seconds = 0;
  for (let round = 0; known.length < most && known.length < n; round++) {
    const asked = { item: Int32Array.from(known), labeler: new Int32Array(known.length) };
    const situation = {
      items,
      labels,
      posterior: probabilities,
      features: train.features,
      answered,
      open,
      asked,
      labelers: [{ id: 'gold', costUsd: 1, confusion }],
      batchSize: batch,
      round,
    };
    const started = process.cpuUsage();
    const plan = planner.plan(situation, options, random.fork(`round ${round}`));
    const { user, system } = process.cpuUsage(started);
    seconds += (user + system) / 1e6;
    for (const { item } of plan) {
      answered[item] = train.truth[item];
      open[item] = 0;
      known.push(item);
    }
    model = learn(train, known, k, l2, undefined);
    if (score(predict(model, test, k).labels, test.truth) >= goal) return { labels: known.length, seconds };
    probabilities = predict(model, train, k).probabilities;
  }
  return { labels: Number.POSITIVE_INFINITY, seconds };
}

function labelsNeeded() {
  const names = argument('sets', Object.keys(sets).join(',')).split(',');
  const heads = [];
  const cells = new Map(tried.map((name) => [name, []]));
  for (const name of names) {
    const setting = sets[name];
    if (!existsSync(join(folder, name))) {
      console.error(`${name}: not in ${folder}, left out`);
      continue;
    }
    const data = setting.read(name);
    const everything = Array.from(data.train.truth.keys());
    const { score = accuracy } = setting;
    const full = score(
      predict(learn(data.train, everything, data.labels.length, setting.l2), data.test, data.labels.length).labels,
      data.test.truth,
    );
    heads.push(`${name} (${data.train.truth.length} / ${data.labels.length} / ${full.toFixed(3)})`);
    for (const planner of planners.filter((each) => tried.includes(each.name))) {
      if (setting.slow && !triedOnSlow.includes(planner.name)) {
        cells.get(planner.name).push('–');
        continue;
      }
      const runs = Array.from({ length: setting.slow ? Math.min(3, seeds) : seeds }, (_, seed) =>
        run(data, setting, planner, seed + 1, 0.95 * full),
      );
      cells.get(planner.name).push(
        told(
          runs.map(({ labels }) => labels),
          setting.most,
        ),
      );
      console.error(
        `${name} ${planner.name}: ${runs.map(({ labels }) => labels).join(' ')}; planning ${runs.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s`,
      );
    }
  }
  console.log(`| planner | ${heads.join(' | ')} |\n|---|${heads.map(() => '---').join('|')}|`);
  for (const name of tried) if (cells.get(name).length > 0) console.log(`| ${name} | ${cells.get(name).join(' | ')} |`);
}

/** `84 ± 4`: the mean and its standard error; `> 520` where a run ended without reaching the goal. */
function told(counts, most) {
  const missed = counts.filter((count) => count === Number.POSITIVE_INFINITY).length;
  const mean = counts.reduce((sum, count) => sum + Math.min(count, most), 0) / counts.length;
  if (missed > 0) return `> ${Math.round(mean)} (${missed} of ${counts.length} not)`;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / Math.max(1, counts.length - 1);
  return `${Math.round(mean)} ± ${Math.round(Math.sqrt(variance / counts.length))}`;
}

/** What a budget buys: 1,000 made-up items, three labels, votes updated by Bayes' rule with the true confusions. The other planners know neither prices
 *  nor skills, and ask the labelers in the order given. */
function whatMoneyBuys() {
  const [n, k] = [1000, 3];
  const kinds = [
    ['expert', 0.96, 0.1],
    ['crowd 1', 0.75, 0.02],
    ['crowd 2', 0.75, 0.02],
    ['crowd 3', 0.75, 0.02],
    ['novice', 0.5, 0.015],
    ['llm', 0.8, 0.002],
  ];
  const confusionOf = (skill) => Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? skill : (1 - skill) / (k - 1)));
  const asLabelers = (list) => list.map(([id, skill, costUsd]) => ({ id, costUsd, confusion: confusionOf(skill) }));
  const dearFirst = asLabelers(kinds);
  const cheapFirst = asLabelers([...kinds].reverse());
  const ways = [
    ['value-of-information', dearFirst],
    ['value-of-information', dearFirst, { risk: 'error' }],
    ['margin', dearFirst],
    ['margin', cheapFirst],
    ['random', cheapFirst],
  ];
  const budgets = [5, 20, 50];
  console.log(`\n| right of 1,000, ${seeds} seeds | ${budgets.map((usd) => `$${usd}`).join(' | ')} |\n|---|---|---|---|`);
  for (const [name, labelers, more = {}] of ways) {
    const planner = planners.find((each) => each.name === name);
    const options = checkOptions(planner, { maxAsks: 5, ...more });
    const cells = budgets.map((budget) => {
      const rights = Array.from({ length: seeds }, (_, seed) => spend(planner, options, labelers, budget, n, k, seed + 1));
      const mean = rights.reduce((sum, right) => sum + right, 0) / seeds;
      const variance = rights.reduce((sum, right) => sum + (right - mean) ** 2, 0) / Math.max(1, seeds - 1);
      return `${mean.toFixed(0)} ± ${Math.sqrt(variance / seeds).toFixed(0)}`;
    });
    console.log(
      `| ${name === 'value-of-information' ? `${name}, ${more.risk ?? 'default'}` : `${name}, ${labelers[0].id} first`} | ${cells.join(' | ')} |`,
    );
  }
}

function spend(planner, options, labelers, budget, n, k, seed) {
  const random = createRandom(seed);
  const truth = Int32Array.from({ length: n }, () => random.integer(k));
  const posterior = new Float64Array(n * k).fill(1 / k);
  const asked = { item: [], labeler: [] };
  let left = budget;
  for (let round = 0; ; round++) {
    const plan = planner.plan(
      {
        items: Array.from({ length: n }, (_, i) => `item ${i}`),
        labels: ['a', 'b', 'c'],
        posterior,
        answered: new Int32Array(n).fill(-1),
        open: new Uint8Array(n).fill(1),
        labelers,
        asked: { item: Int32Array.from(asked.item), labeler: Int32Array.from(asked.labeler) },
        batchSize: 50,
        round,
        budgetUsd: left,
      },
      options,
      random.fork(`round ${round}`),
    );
    if (plan.length === 0) break;
    for (const { item, labeler } of plan) {
      const { costUsd, confusion } = labelers[labeler];
      left = Math.max(0, left - costUsd);
      asked.item.push(item);
      asked.labeler.push(labeler);
      let draw = random.next();
      let said = 0;
      while (said < k - 1 && draw >= confusion[truth[item] * k + said]) draw -= confusion[truth[item] * k + said++];
      const row = posterior.subarray(item * k, (item + 1) * k);
      let mass = 0;
      for (let y = 0; y < k; y++) mass += row[y] *= confusion[y * k + said];
      for (let y = 0; y < k; y++) row[y] /= mass;
    }
  }
  return truth.filter((label, i) => {
    const row = posterior.subarray(i * k, (i + 1) * k);
    return row.indexOf(Math.max(...row)) === label;
  }).length;
}

/** CPU seconds of one round: dense, 100 features, ten labels, 200 answered, batch 20; best of 3. */
function rounds() {
  const sizes = [10_000, 50_000];
  console.log(
    `\n| CPU seconds of a round, n × 100, K = 10, B = 20 | ${sizes.map((n) => n.toLocaleString('en')).join(' | ')} |\n|---|---|---|`,
  );
  const situations = sizes.map(madeUp);
  for (const planner of planners) {
    const seconds = situations.map((situation) => {
      const times = [1, 2, 3].map((seed) => {
        const started = process.cpuUsage();
        planner.plan(situation, checkOptions(planner, {}), createRandom(seed));
        const { user, system } = process.cpuUsage(started);
        return (user + system) / 1e6;
      });
      return Math.min(...times).toFixed(3);
    });
    console.log(`| ${planner.name} | ${seconds.join(' | ')} |`);
  }
}

function madeUp(n) {
  const random = createRandom(n);
  const [k, d] = [10, 100];
  const values = new Float32Array(n * d);
  for (let at = 0; at < values.length; at++) values[at] = random.normal() + ((Math.floor(at / d) * 7 + at) % d < 10 ? 2 : 0);
  const posterior = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const mass = Array.from({ length: k }, () => random.next() ** 4 + 1e-6);
    const total = mass.reduce((sum, value) => sum + value, 0);
    mass.forEach((value, c) => (posterior[i * k + c] = value / total));
  }
  const answered = new Int32Array(n).fill(-1);
  const open = new Uint8Array(n).fill(1);
  for (let a = 0; a < 200; a++) {
    const item = random.integer(n);
    answered[item] = random.integer(k);
    open[item] = 0;
  }
  const confusionOf = (skill) => Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? skill : (1 - skill) / (k - 1)));
  return {
    items: Array.from({ length: n }, (_, i) => `item ${i}`),
    labels: Array.from({ length: k }, (_, c) => `label ${c}`),
    posterior,
    answered,
    open,
    batchSize: 20,
    round: 3,
    features: { kind: 'dense', rows: n, columns: d, values },
    labelers: [0.95, 0.85, 0.7].map((skill, j) => ({ id: `labeler ${j}`, costUsd: [0.1, 0.02, 0.002][j], confusion: confusionOf(skill) })),
  };
}

console.log(
  `Node ${process.version}, ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}; ${seeds} seeds (1..${seeds}; 20news: at most 3).\n`,
);
if (!process.argv.includes('--no-labels')) labelsNeeded();
if (!process.argv.includes('--no-money')) whatMoneyBuys();
if (!process.argv.includes('--no-times')) rounds();
