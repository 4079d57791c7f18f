// Accuracy and speed of the aggregators on ../shared/data/ws, as Markdown. `npx tsc -b packages/core && node benchmarks/aggregators.mjs`
// Options: --sets functions|crowds|all  --methods a,b,c  --plain (only the tables without gold)  --gold (only those with)  --speed (only the speed figures)  --seeds 5
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { aggregators } from '../packages/core/dist/aggregators/index.js';
import { fitItemFeatures, transformItemFeatures } from '../packages/core/dist/features/item-features.js';
import { createRandom } from '../packages/core/dist/math/random.js';
import { checkOptions } from '../packages/core/dist/model/about.js';
import { crowdSets, functionSets, hasData, readSet, score } from './ws-data.mjs';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};

/** ANCHORS.md §1 and §2: what others reach. */
const anchors = {
  functions: {
    columns: ['MV', 'DS + abstain', 'Snorkel', 'HyperLM', 'prototype'],
    youtube: [81.1, 83.2, 83.8, 82.8, 84.0],
    sms: [19.4, 4.9, 19.9, 23.2, 22.7],
    trec: [61.4, 50.0, 56.1, 66.1, 64.0],
    chemprot: [48.1, '–', 47.0, 46.3, 47.0],
    agnews: [58.5, 60.7, 58.8, 58.5, 60.4],
    imdb: [71.8, 58.3, 71.8, 72.2, 72.2],
    hausa: [46.1, 45.4, 48.0, 48.0, 48.0],
    tennis: [85.4, 86.8, 85.7, 86.1, 86.8],
    'spambase-auto': [87.5, 89.5, 81.1, 88.1, 87.2],
    average: [62.1, '–', '–', 63.5, 63.6],
  },
  crowds: {
    columns: ['EBCC', 'iBCC', 'BWA'],
    'crowd-music': [78.7, 79.0, 78.6],
    'crowd-sp': [91.5, 91.5, 91.7],
    'crowd-sp-amt': [94.4, 94.4, 94.6],
    'crowd-product': [93.5, 93.8, 91.9],
    'crowd-sentiment-1k': [96.1, 96.0, 95.6],
    'crowd-adult-content': [74.8, 74.5, 74.2],
    'crowd-bluebird': [86.1, 88.9, 75.9],
    'crowd-dog': [84.0, 83.9, 83.1],
    'crowd-rte': [93.1, 92.8, 92.8],
    'crowd-trec-rel': [70.4, 70.5, 60.4],
    average: ['–', '–', '–'],
  },
};

function accuracyTable(title, names, peers) {
  const wanted = argument('methods', '')?.split(',').filter(Boolean);
  const methods = aggregators.filter((method) => wanted.length === 0 || wanted.includes(method.name));
  console.log(`\n### ${title}\n`);
  console.log(`| set (metric, n) | ${methods.map((method) => method.name).join(' | ')} | ${peers.columns.join(' | ')} |`);
  console.log(`|${'---|'.repeat(1 + methods.length + peers.columns.length)}`);
  const sums = methods.map(() => ({ value: 0, variance: 0, logLoss: 0, seconds: 0 }));
  for (const name of names) {
    const set = readSet(name);
    let n = 0;
    const cells = methods.map((method, at) => {
      const started = performance.now();
      const estimate = method.aggregate(set.votes, checkOptions(method, {}), { random: createRandom(0) });
      sums[at].seconds += (performance.now() - started) / 1000;
      const result = score(set, estimate);
      n = result.n;
      sums[at].value += result.value;
      sums[at].variance += result.error ** 2;
      sums[at].logLoss += result.logLoss;
      return `${result.value.toFixed(1)} ± ${result.error.toFixed(1)} (${result.logLoss.toFixed(2)})`;
    });
    console.log(`| ${name} (${set.metric}, ${n}) | ${cells.join(' | ')} | ${(peers[name] ?? peers.columns.map(() => '–')).join(' | ')} |`);
  }
  const average = sums.map(
    ({ value, variance, logLoss }) =>
      `**${(value / names.length).toFixed(2)}** ± ${(Math.sqrt(variance) / names.length).toFixed(2)} (${(logLoss / names.length).toFixed(3)})`,
  );
  console.log(`| average | ${average.join(' | ')} | ${peers.average.join(' | ')} |`);
  console.log(`| seconds, all sets | ${sums.map(({ seconds }) => seconds.toFixed(2)).join(' | ')} |${' |'.repeat(peers.columns.length)}`);
}

/** `size` random gold rows of the valid split; where there is none of train; else of test, which are then not scored. */
function goldOf(set, seed, size) {
  const random = createRandom(seed).fork(`gold ${set.name}`);
  const has = (split) => set.split.some((one, i) => one === split && set.truth[i] >= 0);
  const from = ['valid', 'train', 'test', 'all'].find(has);
  const rows = [];
  set.split.forEach((split, i) => {
    if (split === from && set.truth[i] >= 0) rows.push(i);
  });
  const item = Int32Array.from(random.shuffle(rows).slice(0, size));
  return { item, label: item.map((i) => set.truth[i]) };
}

function featuresOf({ votes, texts, features }) {
  if (!texts && !features) return undefined;
  const items = votes.items.map((id, i) =>
    texts
      ? { id, parts: { text: { modality: 'text', content: texts[i] } }, fields: {} }
      : { id, parts: {}, fields: Object.fromEntries(features[i].map((value, c) => [`f${c}`, value])) },
  );
  return transformItemFeatures(fitItemFeatures(items), items);
}

/** `auto` with 100 gold rows, mean over seeds; ± is the standard deviation over seeds. */
function goldTable(names) {
  const auto = aggregators.find(({ name }) => name === 'auto');
  const seeds = Number(argument('seeds', 5));
  const say = (list) => {
    const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
    const spread = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, list.length - 1));
    return [mean, spread];
  };
  console.log(`\n### \`auto\` with 100 gold rows, mean ± standard deviation over ${seeds} seeds (mean log loss)\n`);
  console.log(
    '| set (metric) | no gold | gold, votes only | gold and features | chosen with features | seconds |\n|---|---|---|---|---|---|',
  );
  const sums = [0, 0, 0, 0, 0, 0];
  for (const name of names) {
    const set = readSet(name);
    const plain = score(set, auto.aggregate(set.votes, checkOptions(auto, {}), { random: createRandom(0) }));
    const features = featuresOf(set);
    const cells = [`${plain.value.toFixed(1)} (${plain.logLoss.toFixed(2)})`];
    sums[0] += plain.value;
    sums[1] += plain.logLoss;
    const methods = new Map();
    let seconds = 0;
    for (const [column, given] of [undefined, features].entries()) {
      if (column === 1 && !features) {
        cells.push('–');
        continue;
      }
      const values = [];
      const losses = [];
      for (let seed = 0; seed < seeds; seed++) {
        const gold = goldOf(set, seed, 100);
        const started = performance.now();
        const estimate = auto.aggregate(set.votes, checkOptions(auto, {}), {
          random: createRandom(0),
          gold,
          ...(given ? { features: given } : {}),
        });
        if (column === 1) seconds += (performance.now() - started) / 1000 / seeds;
        const scored = set.scored.slice();
        for (const i of gold.item) scored[i] = false;
        const result = score(set, estimate, scored);
        values.push(result.value);
        losses.push(result.logLoss);
        if (column === 1) methods.set(estimate.method, (methods.get(estimate.method) ?? 0) + 1);
      }
      const [value, spread] = say(values);
      const [loss] = say(losses);
      cells.push(`${value.toFixed(1)} ± ${spread.toFixed(1)} (${loss.toFixed(2)})`);
      for (const at of column === 0 ? (features ? [0] : [0, 1]) : [1]) {
        sums[2 + 2 * at] += value;
        sums[3 + 2 * at] += loss;
      }
    }
    const chosen = [...methods].map(([method, times]) => `${times}× ${method}`).join(', ') || '–';
    console.log(`| ${name} (${set.metric}) | ${cells.join(' | ')} | ${chosen} | ${seconds.toFixed(1)} |`);
  }
  const mean = (at) => `**${(sums[at] / names.length).toFixed(2)}** (${(sums[at + 1] / names.length).toFixed(3)})`;
  console.log(`| average | ${mean(0)} | ${mean(2)} | ${mean(4)} | | |`);
}

/** n items × 20 labelers × 4 labels; each labeler votes on `density` of the items and is right 50 to 90 % of the time. */
function syntheticVotes(n, m, k, density) {
  const random = createRandom(1);
  const rows = Math.ceil(n * m * density * 1.01) + 1000;
  const item = new Int32Array(rows);
  const labeler = new Int32Array(rows);
  const label = new Int32Array(rows);
  const truth = new Int32Array(n);
  let at = 0;
  for (let i = 0; i < n; i++) {
    truth[i] = random.integer(k);
    for (let j = 0; j < m && at < rows; j++) {
      if (random.next() >= density) continue;
      item[at] = i;
      labeler[at] = j;
      label[at++] = random.next() < 0.5 + (0.4 * j) / m ? truth[i] : random.integer(k);
    }
  }
  return {
    truth,
    votes: {
      items: new Array(n).fill('i'),
      labelers: Array.from({ length: m }, (_, j) => `j${j}`),
      labels: Array.from({ length: k }, (_, c) => `c${c}`),
      item: item.subarray(0, at),
      labeler: labeler.subarray(0, at),
      label: label.subarray(0, at),
    },
  };
}

/** One method in a process of its own: the peak of its memory over what the votes already take. */
function runOne(name, density, silence) {
  const { votes, truth } = syntheticVotes(1_000_000, 20, 4, density);
  const table = { ...votes, silence: new Array(20).fill(silence) };
  const method = aggregators.find((one) => one.name === name);
  globalThis.gc();
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const cpu = process.cpuUsage();
  const estimate = method.aggregate(table, checkOptions(method, {}), { random: createRandom(0) });
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  let right = 0;
  for (let i = 0; i < truth.length; i++) {
    let top = 0;
    for (let y = 1; y < 4; y++) if (estimate.posterior[i * 4 + y] > estimate.posterior[i * 4 + top]) top = y;
    if (top === truth[i]) right++;
  }
  const megabytes = process.resourceUsage().maxRSS / 1024 - before / 2 ** 20;
  const cells = [votes.item.length, seconds.toFixed(2), ((used.user + used.system) / 1e6).toFixed(2), megabytes.toFixed(0)];
  console.log(`| ${name} | ${silence} | ${cells.join(' | ')} | ${(right / truth.length).toFixed(4)} |`);
}

function speed() {
  console.log('\n### Speed: 1,000,000 items × 20 labelers × 4 labels, fit and predict on one thread, compressed form included\n');
  console.log('| method | silence | votes | seconds | CPU seconds | peak MB over the data | accuracy |\n|---|---|---|---|---|---|---|');
  const script = fileURLToPath(import.meta.url);
  for (const silence of ['unasked', 'abstained']) {
    for (const density of [0.5, 0.3]) {
      for (const name of argument('methods', 'majority,dawid-skene,labeling-functions,auto').split(',')) {
        const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, '--one', name, String(density), silence], {
          encoding: 'utf8',
        });
        process.stdout.write(stdout || stderr);
      }
    }
  }
}

const one = process.argv.indexOf('--one');
const sets = argument('sets', 'all');
const only = ['--plain', '--gold', '--speed'].find((flag) => process.argv.includes(flag));
if (one >= 0) runOne(process.argv[one + 1], Number(process.argv[one + 2]), process.argv[one + 3]);
else {
  if (!hasData()) console.log('../shared/data/ws is missing: no accuracy figures');
  else {
    if ((!only || only === '--plain') && sets !== 'crowds')
      accuracyTable('Labeling functions: score ± standard error (mean log loss), no gold', functionSets, anchors.functions);
    if ((!only || only === '--plain') && sets !== 'functions')
      accuracyTable('Crowds: accuracy ± standard error (mean log loss), no gold', crowdSets, anchors.crowds);
    if ((!only || only === '--gold') && sets !== 'crowds') goldTable(functionSets);
    if ((!only || only === '--gold') && sets !== 'functions') goldTable(crowdSets);
  }
  if ((!only || only === '--speed') && sets === 'all') speed();
}
